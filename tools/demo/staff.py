"""The shop's people: they decide, in part; two of them at once; parcels arrive; the return is closed."""

from __future__ import annotations

from commerce.returns.v1.party_pb2 import Approver
from commerce.returns.v1.return_draft_pb2 import ReturnDraft
from commerce.returns.v1.return_pb2 import ReceiptItem, Return
from commerce.returns.v1.returns_service_pb2 import (
    ApprovalItem,
    ApproveReturnRequest,
    CloseReturnRequest,
    GetReturnRequest,
    ListReturnsRequest,
    RecordReceiptRequest,
    UpdateReturnRequest,
)
from returns_client.money import decimal_of
from tools.demo.customer import returnable_items
from tools.demo.people import PARENT, Desk, Person
from tools.demo.stage import Stage
from tools.demo.wording import actions, amount, last, state, summary


def decides(stage: Stage, desk: Desk, staff: Person, colleague: Person, customer: Person, filed: Return) -> Return:
    """Staff find the return, change it side by side, and approve most of it; answers it approved."""
    stage.chapter("The returns desk decides")
    stage.acts(staff.name, "looks what is waiting: state=PENDING", "ListReturns")
    waiting = staff.asks(desk.returns.ListReturns, ListReturnsRequest(parent=PARENT, filter="state=PENDING")).returns
    stage.promise([ret.name for ret in waiting] == [filed.name], summary(waiting[0]))

    stage.acts(colleague.name, "puts the desk's name on it", "UpdateReturn")
    approver = Approver(type=Approver.TYPE_GROUP, id="returns-desk")
    updated = colleague.asks(
        desk.returns.UpdateReturn,
        UpdateReturnRequest(name=filed.name, etag=filed.etag, draft=ReturnDraft(approver=approver)),
    )
    stage.promise(updated.approver == approver, f"version {filed.version} became version {updated.version}")

    items = _all_but_a_part_of_the_largest(filed)
    stage.acts(staff.name, "decides on what was on screen before that", "ApproveReturn")
    request = ApproveReturnRequest(name=filed.name, items=items, etag=filed.etag)
    refusal = stage.refused(
        lambda: staff.asks(desk.returns.ApproveReturn, request),
        "ETAG_MISMATCH",
        "a stale etag loses; nothing is undone",
    )
    stage.acts(staff.name, "looks again, and approves part of it", "ApproveReturn")
    request.etag = refusal.facts["etag"]
    approved = staff.asks(desk.returns.ApproveReturn, request)
    stage.says(
        f"{approved.number}: {state(approved)}; of {amount(approved.total.gross)}, approved {_approved(approved)}"
    )
    released = {(item.order, item.line_id) for item in items}
    stage.promise(
        approved.state == Return.STATE_APPROVED
        and 0 < decimal_of(approved.approved_total.gross) < decimal_of(approved.total.gross),
        "what was not approved is worth nothing to the customer, and is free again",
    )
    stage.promise(
        len(released) < sum(len(order.items) for order in filed.orders), "a line that was not named got nothing"
    )
    _customer_sees(stage, desk, customer, approved)
    return approved


def receives(stage: Stage, desk: Desk, staff: Person, approved: Return) -> Return:
    """Two parcels arrive and the return is closed; answers it closed."""
    stage.chapter("Two parcels")
    first = approved.orders[0]
    items = [
        ReceiptItem(order=first.order, line_id=item.line_id, quantity=item.approved_quantity)
        for item in first.items
        if item.approved_quantity
    ]
    request = RecordReceiptRequest(name=approved.name, receipt_id="parcel-1", items=items)
    stage.acts(staff.name, f"unpacks the first parcel: {sum(item.quantity for item in items)} units", "RecordReceipt")
    part = staff.asks(desk.returns.RecordReceipt, request)
    stage.promise(
        part.goods_state == Return.GOODS_STATE_PARTIALLY_RECEIVED and not part.received, f"{part.number}: {state(part)}"
    )
    stage.acts(staff.name, "scans the same parcel once more", "RecordReceipt")
    again = staff.asks(desk.returns.RecordReceipt, request)
    stage.promise(again.version == part.version, "a parcel counts once")
    too_much = ReceiptItem(order=items[0].order, line_id=items[0].line_id, quantity=1)
    stage.acts(staff.name, "finds one unit too many", "RecordReceipt")
    stage.refused(
        lambda: staff.asks(
            desk.returns.RecordReceipt,
            RecordReceiptRequest(name=approved.name, receipt_id="parcel-x", items=[too_much]),
        ),
        "QUANTITY_EXCEEDS_APPROVED",
        "nothing arrives that was not approved",
    )
    stage.acts(staff.name, "unpacks the second parcel: everything that is still expected", "RecordReceipt")
    whole = staff.asks(desk.returns.RecordReceipt, RecordReceiptRequest(name=approved.name, receipt_id="parcel-2"))
    stage.promise(whole.received and len(whole.receipts) == 2, f"{whole.number}: {state(whole)}")
    stage.acts(staff.name, "closes the return", "CloseReturn")
    closed = staff.asks(desk.returns.CloseReturn, CloseReturnRequest(name=approved.name))
    stage.promise(closed.close_reason == Return.CLOSE_REASON_COMPLETED, f"{closed.number}: {state(closed)}")
    return closed


def _all_but_a_part_of_the_largest(filed: Return) -> list[ApprovalItem]:
    """Every line but the last; of the line with the most units only half."""
    items = [(order.order, item) for order in filed.orders for item in order.items]
    largest = max(items, key=lambda pair: pair[1].quantity)[1]
    return [
        ApprovalItem(
            order=order,
            line_id=item.line_id,
            quantity=item.quantity // 2 if item is largest else item.quantity,
        )
        for order, item in items[:-1]
    ]


def _customer_sees(stage: Stage, desk: Desk, customer: Person, approved: Return) -> None:
    stage.acts(customer.name, "looks at the return", "GetReturn")
    seen = customer.asks(desk.returns.GetReturn, GetReturnRequest(name=approved.name))
    stage.promise(
        not seen.HasField("approver") and not seen.allowed_actions,
        f"sees {state(seen)}, not who decided; may do: {actions(seen)}",
    )
    dropped = approved.orders[-1].items[-1]
    free = next(
        item
        for item in returnable_items(desk, customer, seen.requestor.customer_id)
        if (item.order, item.line_id) == (approved.orders[-1].order, dropped.line_id)
    )
    stage.promise(
        free.returnable_quantity >= dropped.quantity,
        f"the {dropped.quantity} units of line {dropped.line_id} of order {last(free.order)} can be asked for again",
    )


def _approved(ret: Return) -> str:
    return amount(ret.approved_total.gross)
