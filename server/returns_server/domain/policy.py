"""The shop's return policy: window, reasons, expiry; and which of its rules a line breaks."""

from __future__ import annotations

from typing import Protocol

from returns_server.domain.errors import FieldInvalid
from returns_server.domain.ids import DAY, Micros
from returns_server.domain.orders import OrderHead, OrderLine
from returns_server.domain.record import record

WINDOW_EXPIRED = "WINDOW_EXPIRED"
FINAL_SALE = "FINAL_SALE"
ALREADY_RETURNED = "ALREADY_RETURNED"

EXPIRE_AFTER = Micros(30 * DAY)
"""How long a return may wait before the timer closes it, unless the shop says otherwise."""


class StatedReason(Protocol):
    """A reason as somebody states it: a code, details, or both."""

    @property
    def code(self) -> str:
        """The code, perhaps empty."""

    @property
    def details(self) -> str:
        """The details, perhaps empty."""


@record
class PolicyReason:
    """A reason code that the shop offers."""

    code: str
    requires_details: bool = False
    active: bool = True


@record
class Policy:
    """One tenant's rules; the defaults hold until the shop sets its own."""

    return_window: Micros | None = None
    expire_after: Micros = EXPIRE_AFTER
    reasons: tuple[PolicyReason, ...] = ()
    auto_approve: str = ""
    require_etag: bool = False
    create_time: Micros | None = None
    update_time: Micros | None = None

    def deadline(self, head: OrderHead) -> Micros | None:
        """The last moment to return something of this order; None without a window."""
        if self.return_window is None:
            return None
        start = head.place_time if head.deliver_time is None else head.deliver_time
        return Micros(start + self.return_window)

    def broken_by(self, line: OrderLine, head: OrderHead, now: Micros) -> tuple[str, ...]:
        """The rules that forbid a customer to return this line now; staff may override them."""
        deadline = self.deadline(head)
        late = deadline is not None and now > deadline
        return (WINDOW_EXPIRED,) * late + (FINAL_SALE,) * line.final_sale

    def check_reason(self, reason: StatedReason | None, field: str) -> None:
        """Raise FieldInvalid unless the shop offers this reason and it is detailed enough."""
        if reason is None or not self.reasons:
            return
        offered = {known.code: known for known in self.reasons if known.active}
        known = offered.get(reason.code)
        if known is None:
            choice = f"must be one of {', '.join(offered)}" if offered else "is no reason that the shop offers now"
            raise FieldInvalid.at(f"{field}.code", choice)
        if known.requires_details and not reason.details.strip():
            raise FieldInvalid.at(f"{field}.details", f"is required with the reason {known.code}")
