"""A person whose texts stand in every place that takes one, and what asks for them or erases them."""

from __future__ import annotations

from typing import Any

from google.protobuf.struct_pb2 import Struct

from commerce.returns.v1 import privacy_service_pb2 as pb
from commerce.returns.v1 import returns_service_pb2 as returns_pb
from commerce.returns.v1.return_pb2 import Return
from returns_server.storage.audit import audit
from returns_server.storage.opening import open_for_reading
from returns_server.storage.session import WriteSession
from returns_server.storage.webhooks.tables import webhook_attempts, webhook_endpoints
from tests.support.messages import create, new_request_id, reason
from tests.support.mutations import dumped
from tests.support.scenes import approve, ordered
from tests.support.service import ALL, CUSTOMER, Client, Service

ACME = "tenants/acme"
SECRETS = (
    "planted-customer",
    "planted-subject",
    "planted@example.org",
    "guest-planted@example.org",
    "Plantina",
    "Plantagenet",
    "planted details",
    "planted item details",
    "+49 170 planted",
    "planted street",
    "planted assistance",
    "planted rejection",
    "planted closing",
    "planted echo",
    "planted own",
)
"""What is planted in every place that takes a text about a person."""


async def erased(client: Client, request_id: str = "", **who: Any) -> pb.ErasePersonResponse:
    """The answers of as many calls as it takes, added up."""
    total = pb.ErasePersonResponse()
    while True:
        request = pb.ErasePersonRequest(
            parent=ACME, person=pb.Person(**who), resume_token=total.resume_token, request_id=request_id
        )
        answer = await client.privacy.ErasePerson(request)
        total.order_count += answer.order_count
        total.return_count += answer.return_count
        total.event_count += answer.event_count
        total.resume_token = answer.resume_token
        if not total.resume_token:
            return total


async def exported(client: Client, page_size: int = 0, **who: str) -> pb.ExportPersonResponse:
    """All pages in one."""
    told, token = pb.ExportPersonResponse(), ""
    while True:
        request = pb.ExportPersonRequest(parent=ACME, person=pb.Person(**who), page_size=page_size, page_token=token)
        page = await client.privacy.ExportPerson(request)
        told.MergeFrom(page)
        token = page.next_page_token
        if not token:
            told.next_page_token = ""
            return told


def filing(order_id: str, details: str) -> Any:
    """A request to file one unit, for a reason in words."""
    request = create((order_id, "1", 1), request_id=new_request_id())
    request.draft.reason.details = details
    return request


def attributes() -> Struct:
    made = Struct()
    made.update({"contact": {"phone": "+49 170 planted", "address": ["planted street 7"]}})
    return made


def person(service: Service, email: str) -> Client:
    """The person as a customer, every word of whose token is told apart."""
    return service.client(
        *CUSTOMER,
        subject="planted-subject",
        customer_id="planted-customer",
        email=email,
        email_verified=True,
        given_name="Plantina",
        family_name="Plantagenet",
    )


async def planted(service: Service) -> list[Return]:
    """A person's orders and returns in several states, one of them deleted, with a text in every field for one."""
    staff = service.client(*ALL)
    own = person(service, email="Planted@example.org")
    returns = []
    for number in range(4):
        order_id = await ordered(service, f"planted-{number}", customer_id="planted-customer")
        request = filing(order_id, "planted details")
        request.draft.reason.code = ""
        request.draft.orders[0].items[0].reason.CopyFrom(reason("", "planted item details"))
        request.draft.attributes.CopyFrom(attributes())
        returns.append(await own.returns.CreateReturn(request))
    await approve(staff, returns[0])
    await staff.returns.RejectReturn(
        returns_pb.RejectReturnRequest(name=returns[1].name, reason=reason("", "planted rejection"))
    )
    await staff.returns.CloseReturn(
        returns_pb.CloseReturnRequest(name=returns[2].name, reason=reason("X", "planted closing"))
    )
    await staff.returns.DeleteReturn(returns_pb.DeleteReturnRequest(name=returns[3].name))
    guests = await ordered(service, "planted-guest", customer_id="", guest_email="guest-planted@example.org")
    assisted = create((guests, "1", 1), assistance_reason="planted assistance")
    assisted.draft.requestor.guest_email = "guest-planted@example.org"
    assisted.draft.requestor.first_name = "Plantina"
    returns.append(await staff.returns.CreateReturn(assisted))
    return returns


async def echo_stored(service: Service, sequence: int) -> None:
    """An attempt of a webhook whose receiver answered with what it was sent."""
    assert service.app is not None
    row = ("acme", "e1", sequence, 1, 1, 1, 200, b"thanks for planted echo", "")
    endpoint = ("acme", "e1", b"", b"{}", 1, 1, 0, 0, 1, 1)

    async def job(session: WriteSession) -> None:
        columns = (
            "tenant",
            "endpoint_id",
            "document",
            "headers",
            "revision",
            "state",
            "cursor",
            "cursor_time",
            "create_time",
            "update_time",
        )
        session.later(session.dialect.insert(webhook_endpoints, columns)([endpoint]))
        names = tuple(column.name for column in webhook_attempts.columns)
        session.later(session.dialect.insert(webhook_attempts, names)([row]))

    await service.app.database.write(job)


async def everything(service: Service) -> str:
    """All rows of all tables as text; bytes as what they hold."""
    return "\n".join(row for rows in (await dumped(service)).values() for row in rows)


async def balanced_at(url: str) -> None:
    """The books of a database that no test has open balance."""
    database = await open_for_reading(url)
    try:
        assert (await database.read(audit, heavy=True)).findings == ()
    finally:
        await database.close()


async def balanced(service: Service) -> None:
    assert service.app is not None
    assert (await service.app.database.read(audit, heavy=True)).findings == ()


WHO = {"customer_id": "planted-customer", "email": "guest-planted@example.org"}
