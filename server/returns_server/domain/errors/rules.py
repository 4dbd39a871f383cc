"""What the rules of returns forbid as things stand."""

from __future__ import annotations

from typing import ClassVar

from returns_server.domain.errors.base import ReturnsError


class InvalidState(ReturnsError):
    """The return's state does not allow this; what it allows instead is in the facts."""

    reason = "INVALID_STATE"

    def __init__(self, message: str, state: str, allowed_actions: tuple[str, ...], cause: str = "") -> None:
        """Takes the state and the caller's allowed actions by their short names."""
        self.state = state
        self.allowed_actions = allowed_actions
        self.cause = cause
        super().__init__(message)

    @property
    def facts(self) -> dict[str, str]:
        """State, allowed actions and, where the state alone does not explain it, the cause."""
        facts = {"state": self.state, "allowed_actions": ",".join(self.allowed_actions)}
        return facts | {"cause": self.cause} if self.cause else facts


class QuantityRefused(ReturnsError):
    """More units than there are."""

    what: ClassVar[str]

    def __init__(self, order_id: str, line_id: str, requested: int, available: int) -> None:
        """Takes the line, the units asked for and the units there are."""
        self.order_id, self.line_id = order_id, line_id
        self.requested, self.available = requested, available
        super().__init__(
            f"line {line_id} of order {order_id}: {requested} units asked for, {available} {self.what}",
        )

    @property
    def facts(self) -> dict[str, str]:
        """The line and both numbers."""
        return {
            "order": self.order_id,
            "line_id": self.line_id,
            "requested": str(self.requested),
            "available": str(self.available),
        }


class QuantityExceedsReturnable(QuantityRefused):
    """More units than can still be returned."""

    reason = "QUANTITY_EXCEEDS_RETURNABLE"
    what = "can still be returned"


class QuantityExceedsApproved(QuantityRefused):
    """More units than are approved and still to arrive."""

    reason = "QUANTITY_EXCEEDS_APPROVED"
    what = "approved and still to arrive"


class NotReturnable(ReturnsError):
    """The shop's policy forbids a customer to return this line; `cause` says which rule."""

    reason = "NOT_RETURNABLE"

    def __init__(self, order_id: str, line_id: str, cause: str) -> None:
        """Takes the line and the rule (WINDOW_EXPIRED or FINAL_SALE)."""
        self.order_id, self.line_id, self.cause = order_id, line_id, cause
        why = {"WINDOW_EXPIRED": "its return window is over", "FINAL_SALE": "it was a final sale"}[cause]
        super().__init__(f"line {line_id} of order {order_id} cannot be returned: {why}")

    @property
    def facts(self) -> dict[str, str]:
        """The line and the rule."""
        return {"order": self.order_id, "line_id": self.line_id, "cause": self.cause}


class OrderQuantityClaimed(ReturnsError):
    """An order update would contradict what returns already claim of it."""

    reason = "ORDER_QUANTITY_CLAIMED"

    def __init__(self, message: str, order_id: str, line_id: str = "") -> None:
        """Takes the order and, where it is about one, the line."""
        self.order_id, self.line_id = order_id, line_id
        super().__init__(message)

    @property
    def facts(self) -> dict[str, str]:
        """The order and the line."""
        facts = {"order": self.order_id}
        return facts | {"line_id": self.line_id} if self.line_id else facts


class OrderNotOfRequestor(ReturnsError):
    """An order belongs to somebody else than the requestor."""

    reason = "ORDER_NOT_OF_REQUESTOR"

    def __init__(self, order_id: str) -> None:
        """Takes the order."""
        self.order_id = order_id
        super().__init__(f"order {order_id} does not belong to the requestor of this return")

    @property
    def facts(self) -> dict[str, str]:
        """The order."""
        return {"order": self.order_id}


class TargetRefused(ReturnsError):
    """A webhook's address is not allowed.

    The caller hears only whether the URL itself is the trouble (URL) or where it leads (ADDRESS): what is inside the
    shop's network is not for telling.
    """

    reason = "TARGET_REFUSED"

    def __init__(self, message: str, cause: str) -> None:
        """Takes a sentence and the cause."""
        self.cause = cause
        super().__init__(message)

    @property
    def facts(self) -> dict[str, str]:
        """The cause."""
        return {"cause": self.cause}


class EtagMismatch(ReturnsError):
    """The thing changed since the caller read it."""

    reason = "ETAG_MISMATCH"

    def __init__(self, etag: str) -> None:
        """Takes the current etag."""
        self.etag = etag
        super().__init__("it changed since it was read; read it again and repeat with its etag")

    @property
    def facts(self) -> dict[str, str]:
        """The current etag."""
        return {"etag": self.etag}


class Conflict(ReturnsError):
    """Others kept changing the same things; nothing was done, try again."""

    reason = "CONFLICT"

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__("others were changing the same orders or returns; nothing was done, try again")
