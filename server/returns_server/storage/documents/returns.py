"""Returns as encoded `Return` messages, and back.

The message holds all of a return but two things, which have columns of their own: the claims that the ledger holds
for its items, and whether somebody gave its expiry.
"""

from __future__ import annotations

from collections.abc import Iterable

from commerce.returns.v1 import party_pb2, reason_pb2, return_pb2
from returns_server.domain.ids import LineId, LineKey, OrderId, ReturnId, TenantId
from returns_server.domain.money import Amount, Price, total
from returns_server.domain.returns import (
    Approver,
    ApproverType,
    AssistedAction,
    AssistedOperation,
    CloseReason,
    Reason,
    Receipt,
    ReceiptItem,
    Requestor,
    Return,
    ReturnItem,
    State,
    Submitter,
    UserType,
    by_order,
)
from returns_server.storage.documents.money import decimal_money, decimal_of, price, price_of
from returns_server.storage.documents.values import (
    Fields,
    micros_of,
    optional_micros,
    optional_time,
    order_id_of,
    order_name,
    plain,
    said,
    seconds_and_nanos,
)

Claim = tuple[str, str, int, int, int, int]
"""What the ledger holds for an item: order id, line id, claimed units, net, tax and gross in minor units."""


def return_name(tenant: TenantId, return_id: ReturnId) -> str:
    """The resource name of a return."""
    return f"tenants/{tenant}/returns/{return_id}"


def encode_return(tenant: TenantId, ret: Return) -> bytes:
    """The return as an encoded `Return` message without `allowed_actions`.

    A return without an id (the answer to a creation that was only validated) has neither name nor etag.
    """
    currency, approved_total = ret.currency, ret.approved_total
    orders, asked = by_order(ret.items), price(ret.total, ret.currency)
    fields: Fields = {
        "name": return_name(tenant, ret.return_id) if ret.return_id else "",
        "number": ret.number,
        "state": ret.state,
        "version": ret.version,
        "create_time": seconds_and_nanos(ret.create_time),
        "update_time": seconds_and_nanos(ret.update_time),
        "orders": [
            {
                "order": order_name(tenant, order_id),
                "items": [_item(item, currency) for item in items],
                "total": asked if len(orders) == 1 else price(total(item.total for item in items), currency),
            }
            for order_id, items in orders.items()
        ],
        "reason": _reason(ret.reason),
        "requestor": _requestor(ret.requestor),
        "submitter": _submitter(ret.submitter),
        "currency_code": currency,
        "total": asked,
        "goods_state": ret.goods_state,
        "received": ret.received,
        "etag": str(ret.version) if ret.return_id else "",
        "close_reason": ret.close_reason,
        "rejection": _reason(ret.rejection),
        "closing": _reason(ret.closing),
        "approver": {"type": ret.approver.type, "id": ret.approver.id} if ret.approver else None,
        "receipts": [_receipt(tenant, receipt) for receipt in ret.receipts],
        "approved_total": price(approved_total, currency) if approved_total else None,
        "goods_not_expected": ret.goods_not_expected,
        "expire_time": optional_time(ret.expire_time),
        "attributes": ret.attributes,
        "assisted_actions": [_assisted(action) for action in ret.assisted_actions],
        "approve_time": optional_time(ret.approve_time),
        "receive_time": optional_time(ret.receive_time),
        "close_time": optional_time(ret.close_time),
    }
    return return_pb2.Return(**said(fields)).SerializeToString()


def decode_return(document: bytes, claims: Iterable[Claim], *, expire_time_given: bool) -> Return:
    """The return that `encode_return` wrote, with the claims of its items.

    An item's claim has net and tax exactly where its `approved_total`, or before approval its `total`, has them: both
    are stated from the claim. Numbers in attributes are floats, unit prices have no needless zeros.
    """
    message = return_pb2.Return.FromString(document)
    held = {LineKey(OrderId(claim[0]), LineId(claim[1])): claim[2:] for claim in claims}
    currency = message.currency_code
    return Return(
        return_id=ReturnId(message.name.rpartition("/")[2]),
        number=message.number,
        state=State(message.state),
        reason=_reason_of(message.reason),
        items=tuple(
            _item_of(order_id_of(order.order), item, held, currency) for order in message.orders for item in order.items
        ),
        requestor=_requestor_of(message.requestor),
        submitter=_submitter_of(message.submitter),
        currency=currency,
        create_time=micros_of(message.create_time),
        update_time=micros_of(message.update_time),
        expire_time=optional_micros(message, "expire_time"),
        version=message.version,
        expire_time_given=expire_time_given,
        approver=_approver_of(message.approver) if message.HasField("approver") else None,
        attributes=plain(message.attributes) if message.HasField("attributes") else None,
        goods_not_expected=message.goods_not_expected,
        receipts=tuple(_receipt_of(receipt) for receipt in message.receipts),
        assisted_actions=tuple(_assisted_of(action) for action in message.assisted_actions),
        close_reason=CloseReason(message.close_reason),
        rejection=_reason_of(message.rejection) if message.HasField("rejection") else None,
        closing=_reason_of(message.closing) if message.HasField("closing") else None,
        approve_time=optional_micros(message, "approve_time"),
        receive_time=optional_micros(message, "receive_time"),
        close_time=optional_micros(message, "close_time"),
    )


def _item(item: ReturnItem, currency: str) -> Fields:
    return said(
        {
            "line_id": item.line_id,
            "product_id": item.product_id,
            "product_name": item.product_name,
            "quantity": item.quantity,
            "approved_quantity": item.approved_quantity,
            "received_quantity": item.received_quantity,
            "reason": _reason(item.reason),
            "unit_price": decimal_money(item.unit_price, currency),
            "total": price(item.total, currency),
            "approved_total": price(item.approved_total, currency) if item.approved_total else None,
        }
    )


def _item_of(
    order_id: OrderId,
    message: return_pb2.ReturnedItem,
    held: dict[LineKey, tuple[int, int, int, int]],
    currency: str,
) -> ReturnItem:
    line_id = LineId(message.line_id)
    asked = price_of(message.total, currency)
    approved = price_of(message.approved_total, currency) if message.HasField("approved_total") else None
    units, net, tax, gross = held[LineKey(order_id, line_id)]
    return ReturnItem(
        order_id=order_id,
        line_id=line_id,
        product_id=message.product_id,
        product_name=message.product_name,
        quantity=message.quantity,
        reason=_reason_of(message.reason) if message.HasField("reason") else None,
        unit_price=decimal_of(message.unit_price) if message.HasField("unit_price") else "",
        total=asked,
        approved_quantity=message.approved_quantity,
        approved_total=approved,
        received_quantity=message.received_quantity,
        claimed_units=units,
        claimed=Amount(gross, net, tax) if _taxed(asked, approved) else Amount(gross),
    )


def _taxed(asked: Price, approved: Price | None) -> bool:
    return (approved or asked).amount.has_tax


def _reason(reason: Reason | None) -> Fields | None:
    return {"code": reason.code, "details": reason.details} if reason else None


def _reason_of(message: reason_pb2.Reason) -> Reason:
    return Reason(message.code, message.details)


def _requestor(requestor: Requestor) -> Fields:
    return {
        "customer_id": requestor.customer_id,
        "guest_email": requestor.guest_email,
        "first_name": requestor.first_name,
        "last_name": requestor.last_name,
        "email": requestor.email,
    }


def _requestor_of(message: party_pb2.Requestor) -> Requestor:
    return Requestor(
        customer_id=message.customer_id,
        guest_email=message.guest_email,
        first_name=message.first_name,
        last_name=message.last_name,
        email=message.email,
    )


def _submitter(submitter: Submitter) -> Fields:
    return {
        "user_type": submitter.user_type,
        "subject": submitter.subject,
        "first_name": submitter.first_name,
        "last_name": submitter.last_name,
        "email": submitter.email,
    }


def _submitter_of(message: party_pb2.Submitter) -> Submitter:
    return Submitter(
        user_type=UserType(message.user_type),
        subject=message.subject,
        first_name=message.first_name,
        last_name=message.last_name,
        email=message.email,
    )


def _approver_of(message: party_pb2.Approver) -> Approver:
    return Approver(ApproverType(message.type), message.id)


def _receipt(tenant: TenantId, receipt: Receipt) -> Fields:
    return {
        "receipt_id": receipt.receipt_id,
        "items": [
            {"order": order_name(tenant, item.order_id), "line_id": item.line_id, "quantity": item.quantity}
            for item in receipt.items
        ],
        "time": seconds_and_nanos(receipt.time),
        "everything_expected": receipt.everything_expected,
    }


def _receipt_of(message: return_pb2.Receipt) -> Receipt:
    items = tuple(ReceiptItem(order_id_of(item.order), LineId(item.line_id), item.quantity) for item in message.items)
    return Receipt(message.receipt_id, items, micros_of(message.time), message.everything_expected)


def _assisted(action: AssistedAction) -> Fields:
    return {
        "employee": action.employee,
        "operation": action.operation,
        "time": seconds_and_nanos(action.time),
        "reason": action.reason,
        "overridden": action.overridden,
    }


def _assisted_of(message: return_pb2.AssistedAction) -> AssistedAction:
    return AssistedAction(
        employee=message.employee,
        operation=AssistedOperation(message.operation),
        time=micros_of(message.time),
        reason=message.reason,
        overridden=tuple(message.overridden),
    )
