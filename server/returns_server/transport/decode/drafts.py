"""Drafts: what a caller wants a return to say, None where it says nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from commerce.returns.v1.return_draft_pb2 import ReturnDraft
from returns_server.domain.drafts import Draft, DraftItem
from returns_server.domain.ids import LineId, TenantId
from returns_server.domain.returns import ReceiptItem
from returns_server.transport.decode import parties
from returns_server.transport.decode.attributes import attributes
from returns_server.transport.decode.findings import Findings
from returns_server.transport.decode.names import order_id_in
from returns_server.transport.decode.times import micros


class NamedUnits(Protocol):
    """Units of one line, as several messages of the contract name them."""

    @property
    def order(self) -> str:
        """The order's resource name or bare id."""

    @property
    def line_id(self) -> str:
        """The line."""

    @property
    def quantity(self) -> int:
        """Units."""


def draft(message: ReturnDraft, tenant: TenantId) -> Draft:
    """The draft; raises FieldInvalid, and TenantMismatch where an order is another tenant's."""
    findings = Findings()
    has = message.HasField
    drafted = Draft(
        items=tuple(_items(message, tenant)),
        reason=parties.reason(message.reason) if has("reason") else None,
        requestor=parties.requestor(message.requestor) if has("requestor") else None,
        submitter=parties.submitter(message.submitter) if has("submitter") else None,
        approver=parties.approver(message.approver) if has("approver") else None,
        expire_time=micros(message.expire_time, "draft.expire_time", findings) if has("expire_time") else None,
        attributes=attributes(message.attributes, "draft.attributes", findings) if has("attributes") else None,
    )
    findings.check()
    return drafted


def _items(message: ReturnDraft, tenant: TenantId) -> Iterable[DraftItem]:
    for index, order in enumerate(message.orders):
        order_id = order_id_in(order.order, tenant, f"draft.orders[{index}].order")
        for item in order.items:
            reason = parties.reason(item.reason) if item.HasField("reason") else None
            yield DraftItem(order_id, LineId(item.line_id), item.quantity, reason)


def named_units(items: Iterable[NamedUnits], tenant: TenantId) -> tuple[ReceiptItem, ...]:
    """Units by order and line; raises TenantMismatch where an order is another tenant's."""
    return tuple(
        ReceiptItem(order_id_in(item.order, tenant, f"items[{index}].order"), LineId(item.line_id), item.quantity)
        for index, item in enumerate(items)
    )
