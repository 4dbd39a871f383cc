"""Looking back: lists in pages, the timeline of a return, the whole log, and the books."""

from __future__ import annotations

from datetime import UTC

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.party_pb2 import Submitter
from commerce.returns.v1.return_pb2 import Return
from commerce.returns.v1.returns_service_pb2 import CreateReturnRequest, ListReturnEventsRequest, ListReturnsRequest
from tools.demo.customer import draft_of
from tools.demo.people import PARENT, Desk, Person
from tools.demo.stage import Stage
from tools.demo.wording import amount, state
from tools.replay.folder import Document

_PAGE = 3


def lists(stage: Stage, desk: Desk, staff: Person, documents: list[Document]) -> None:
    """Staff enter the returns of one customer and read them back with a filter, three at a time."""
    stage.chapter("Lists and pages")
    customer_id = documents[0].customer_id
    for document in documents:
        staff.asks(desk.returns.CreateReturn, CreateReturnRequest(parent=PARENT, draft=draft_of(document, "too many")))
    stage.acts(staff.name, f"enters the {len(documents)} returns of customer {customer_id} from paper", "CreateReturn")
    request = ListReturnsRequest(
        parent=PARENT,
        filter=f'requestor.customer_id="{customer_id}" AND state=PENDING',
        order_by="total.gross desc",
        page_size=_PAGE,
        include_total_size=True,
    )
    stage.acts(staff.name, f"lists them: {request.filter}, the most expensive first, {_PAGE} a page", "ListReturns")
    found: list[Return] = []
    pages = 0
    while True:
        page = staff.asks(desk.returns.ListReturns, request)
        pages += 1
        found += page.returns
        request.page_token = page.next_page_token
        if not request.page_token:
            break
        token = request.page_token
    stage.table(
        ("number", "state", ">orders", ">worth"),
        [(ret.number, state(ret), str(len(ret.orders)), amount(ret.total.gross)) for ret in found],
    )
    worth = [(ret.total.gross.units, ret.total.gross.nanos) for ret in found]
    stage.promise(
        len(found) == page.total_size == len(documents) and worth == sorted(worth, reverse=True),
        f"{len(found)} returns on {pages} pages, each once, in order",
    )
    stage.acts(staff.name, "takes a page token to another question", "ListReturns")
    other = ListReturnsRequest(parent=PARENT, filter="state=APPROVED", page_token=token)
    stage.refused(
        lambda: staff.asks(desk.returns.ListReturns, other),
        "PAGE_TOKEN_INVALID",
        "a token is good for its own list only",
    )


def timeline(stage: Stage, desk: Desk, staff: Person, customer: Person, ret: Return) -> None:
    """What happened to one return, as the shop and as the customer may know it."""
    stage.chapter("What happened")
    stage.acts(staff.name, f"reads the timeline of {ret.number}", "ListReturnEvents")
    events = _events(desk, staff, ret.name)
    stage.table(
        (">event", "time (UTC)", "what", ">version", "by", "changed"),
        [
            (
                str(event.sequence),
                event.time.ToDatetime(UTC).strftime("%H:%M:%S.%f")[:-3],
                event.type,
                str(event.return_version),
                f"{event.actor.subject} ({_user_type(event)})",
                ", ".join(event.changed_paths.paths),
            )
            for event in events
        ],
    )
    stage.promise(
        [event.return_version for event in events] == list(range(1, ret.version + 1)),
        f"{len(events)} events, one for each version; a repeated call or parcel left none",
    )
    stage.promise(events[-1].snapshot.close_reason == ret.close_reason, "the last one holds the return as it is now")
    stage.acts(customer.name, "reads it too", "ListReturnEvents")
    seen = _events(desk, customer, ret.name)
    stage.promise(
        len(seen) == len(events) and not any(event.actor.subject for event in seen if event.return_version > 1),
        "the same events, without the names of the shop's people",
    )


def books(stage: Stage, desk: Desk, staff: Person) -> None:
    """The log is dense, and the books balance."""
    stage.chapter("The books")
    stage.acts(staff.name, "reads the whole log of the shop", "ListReturnEvents")
    sequences = [event.sequence for event in _events(desk, staff, PARENT)]
    stage.promise(
        sequences == list(range(1, len(sequences) + 1)),
        f"{len(sequences)} events, numbered 1 to {len(sequences)}, no gap",
    )
    stage.acts("The operator", "checks log and ledger in the database", "returns-server verify-log")
    stage.promise("balance" in (said := desk.server.command("verify-log").strip()), said)


def _events(desk: Desk, person: Person, parent: str) -> list[ReturnEvent]:
    request = ListReturnEventsRequest(parent=parent, page_size=10)
    events: list[ReturnEvent] = []
    while True:
        page = person.asks(desk.returns.ListReturnEvents, request)
        events += page.events
        request.page_token = page.next_page_token
        if not request.page_token:
            return events


def _user_type(event: ReturnEvent) -> str:
    return Submitter.UserType.Name(event.actor.user_type).removeprefix("USER_TYPE_").lower()
