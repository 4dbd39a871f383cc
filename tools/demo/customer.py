"""A customer: what can go back, a return over several orders, and what is refused."""

from __future__ import annotations

from uuid import uuid4

from commerce.returns.v1.party_pb2 import Approver
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_draft_pb2 import DraftItem, DraftOrder, ReturnDraft
from commerce.returns.v1.return_pb2 import Return
from commerce.returns.v1.returnable_item_pb2 import ReturnableItem
from commerce.returns.v1.returns_service_pb2 import CreateReturnRequest, ListReturnableItemsRequest
from tools.demo.people import PARENT, Desk, Person
from tools.demo.stage import Stage
from tools.demo.wording import actions, amount, last, summary
from tools.replay.folder import Document

_SHOWN = 5


def returnable_items(desk: Desk, person: Person, customer_id: str) -> list[ReturnableItem]:
    """Everything that a customer can still return, page by page."""
    request = ListReturnableItemsRequest(parent=PARENT, customer_id=customer_id)
    items: list[ReturnableItem] = []
    while True:
        page = person.asks(desk.returns.ListReturnableItems, request)
        items += page.returnable_items
        request.page_token = page.next_page_token
        if not request.page_token:
            return items


def draft_of(document: Document, reason: str) -> ReturnDraft:
    """A draft that asks for what a return document of the data asked for."""
    orders: dict[str, DraftOrder] = {}
    for line in document.lines:
        order = orders.setdefault(line.order_id, DraftOrder(order=line.order_id))
        order.items.append(DraftItem(line_id=line.line_id, quantity=line.quantity))
    return ReturnDraft(orders=orders.values(), reason=Reason(code=reason))


def files_a_return(stage: Stage, desk: Desk, customer: Person, document: Document) -> Return:
    """The customer looks, files, and files once more because the line was bad; answers the return."""
    stage.chapter("A customer sends things back")
    stage.acts(customer.name, "asks what can go back", "ListReturnableItems")
    items = returnable_items(desk, customer, document.customer_id)
    orders = {item.order for item in items}
    stage.table(
        ("order", "line", "product", ">units left", ">worth"),
        [
            (
                last(item.order),
                item.line_id,
                item.product_name,
                f"{item.returnable_quantity:,}",
                amount(item.returnable_total.gross),
            )
            for item in items[:_SHOWN]
        ],
    )
    stage.promise(len(items) > _SHOWN and len(orders) > 1, f"{len(items)} lines of {len(orders)} orders, read in pages")

    stage.acts(customer.name, f"files the return that the data calls {document.return_id}", "CreateReturn")
    request = CreateReturnRequest(parent=PARENT, draft=draft_of(document, "changed my mind"), request_id=str(uuid4()))
    filed = customer.asks(desk.returns.CreateReturn, request)
    stage.says(summary(filed))
    stage.promise(
        filed.state == Return.STATE_PENDING and len(filed.orders) == len(document.orders) > 1,
        f"one return over {len(filed.orders)} orders",
    )
    stage.promise(
        filed.requestor.customer_id == document.customer_id, "who it is from is known from the token, not from the call"
    )
    stage.promise(bool(filed.allowed_actions), f"the answer says what may be done next: {actions(filed)}")

    stage.acts(customer.name, "has a bad line: the app sends the same request_id again", "CreateReturn")
    again = customer.asks(desk.returns.CreateReturn, request)
    stage.promise(again == filed, f"still one return, and the same answer: {again.number}")
    return filed


def asks_too_much(stage: Stage, desk: Desk, customer: Person, filed: Return) -> None:
    """What the customer cannot have, each with the error that a program can act on."""
    stage.chapter("What cannot be had")
    taken = filed.orders[0].items[0]
    left = next(
        item
        for item in returnable_items(desk, customer, filed.requestor.customer_id)
        if (item.order, item.line_id) == (filed.orders[0].order, taken.line_id)
    )
    wanted = left.returnable_quantity + 1

    def create(order: str, line_id: str, quantity: int, approver: Approver | None = None) -> Return:
        items = [DraftItem(line_id=line_id, quantity=quantity)]
        draft = ReturnDraft(
            orders=[DraftOrder(order=order, items=items)], reason=Reason(code="changed my mind"), approver=approver
        )
        return customer.asks(desk.returns.CreateReturn, CreateReturnRequest(parent=PARENT, draft=draft))

    stage.acts(customer.name, f"wants {wanted} more of line {left.line_id}", "CreateReturn")
    refusal = stage.refused(
        lambda: create(left.order, left.line_id, wanted),
        "QUANTITY_EXCEEDS_RETURNABLE",
        f"{left.quantity} were bought, {left.returned_quantity} are in the return, {left.returnable_quantity} are left",
    )
    stage.promise(
        (refusal.facts["requested"], refusal.facts["available"]) == (str(wanted), str(left.returnable_quantity)),
        "the error has the numbers, not a sentence alone",
    )
    stage.acts(customer.name, "tries a line of somebody else's order", "CreateReturn")
    stage.refused(
        lambda: create("581483", "581483-1", 1),
        "ORDER_NOT_FOUND",
        "what belongs to others does not exist for a customer",
    )
    stage.acts(customer.name, "names the approver", "CreateReturn")
    stage.refused(
        lambda: create(left.order, left.line_id, 1, approver=Approver(type=Approver.TYPE_USER, id="a-friend")),
        "REQUIRES_MANAGE_SCOPE",
        "that is the shop's to say",
    )
