"""What can be wrong, each with the facts a caller needs to put it right.

Every refusal of the service is a subclass of ReturnsError with a `reason` of the contract (section 8).
How a reason travels over gRPC is the transport's one table, not said here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class ReturnsError(Exception):
    """A refusal with a reason of the contract, a sentence for people and facts for programs."""

    reason: ClassVar[str]

    @property
    def facts(self) -> dict[str, str]:
        """The metadata of the error, by the key names of the contract."""
        return {}


@dataclass(frozen=True, slots=True)
class Violation:
    """One field and what is wrong with it."""

    field: str
    description: str


class FieldInvalid(ReturnsError):
    """One or more fields of a request are wrong; each is named."""

    reason = "FIELD_INVALID"

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        """Takes every violation found, at least one."""
        self.violations = violations
        super().__init__("; ".join(f"{v.field}: {v.description}" for v in violations[:5]))

    @classmethod
    def at(cls, field: str, description: str) -> FieldInvalid:
        """A single wrong field."""
        return cls((Violation(field, description),))

    @property
    def facts(self) -> dict[str, str]:
        """The first field that is wrong."""
        return {"field": self.violations[0].field}


class FilterInvalid(ReturnsError):
    """A filter cannot be understood; `column` counts from 1."""

    reason = "FILTER_INVALID"

    def __init__(self, message: str, column: int, field: str = "filter") -> None:
        """Takes what is wrong, where, and in which field."""
        self.problem = message
        self.column = column
        self.field = field
        super().__init__(f"{field}, column {column}: {message}")

    @property
    def facts(self) -> dict[str, str]:
        """The column of the mistake."""
        return {"column": str(self.column), "field": self.field}


class PageTokenInvalid(ReturnsError):
    """A page token is not ours, or belongs to another question."""

    reason = "PAGE_TOKEN_INVALID"

    @property
    def facts(self) -> dict[str, str]:
        """The field that holds the token."""
        return {"field": "page_token"}


class CursorInvalid(ReturnsError):
    """A cursor is garbled or of another tenant."""

    reason = "CURSOR_INVALID"


class CursorExpired(ReturnsError):
    """A cursor points to where the log no longer, or not yet, reaches."""

    reason = "CURSOR_EXPIRED"

    def __init__(self, message: str, earliest_cursor: str) -> None:
        """Takes the earliest cursor that still works."""
        self.earliest_cursor = earliest_cursor
        super().__init__(message)

    @property
    def facts(self) -> dict[str, str]:
        """The earliest cursor that still works."""
        return {"earliest_cursor": self.earliest_cursor}


class RequestIdReused(ReturnsError):
    """A request id came before with another method or payload."""

    reason = "REQUEST_ID_REUSED"

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__("this request_id was used for a different request; use a new one")

    @property
    def facts(self) -> dict[str, str]:
        """The field that holds the id."""
        return {"field": "request_id"}


class CurrencyMismatch(ReturnsError):
    """The orders of a return are in different currencies."""

    reason = "CURRENCY_MISMATCH"

    def __init__(self, currencies: set[str], order: str) -> None:
        """Takes the currencies found and the order that differs."""
        self.order = order
        super().__init__(f"all orders of a return share one currency, these have {', '.join(sorted(currencies))}")

    @property
    def facts(self) -> dict[str, str]:
        """The order that differs."""
        return {"order": self.order}


class NotFound(ReturnsError):
    """Something that was named does not exist for this caller."""

    resource_type: ClassVar[str]

    def __init__(self, name: str, facts: dict[str, str] | None = None) -> None:
        """Takes the name as the caller gave it."""
        self.name = name
        self._facts = facts or {}
        super().__init__(f"{name} was not found")

    @property
    def facts(self) -> dict[str, str]:
        """What was named."""
        return self._facts


class ReturnNotFound(NotFound):
    """No such return, or none that this caller may see."""

    reason = "RETURN_NOT_FOUND"
    resource_type = "returns.commerce/Return"


class OrderNotFound(NotFound):
    """No such order, or none that this caller may see."""

    reason = "ORDER_NOT_FOUND"
    resource_type = "returns.commerce/Order"

    def __init__(self, order_id: str) -> None:
        """Takes the order's id."""
        super().__init__(f"order {order_id}", {"order": order_id})


class LineNotFound(NotFound):
    """An order, or a return, has no such line."""

    reason = "LINE_NOT_FOUND"
    resource_type = "returns.commerce/OrderLine"

    def __init__(self, order_id: str, line_id: str, where: str = "") -> None:
        """Takes the order's and the line's id, and where the line was looked for."""
        super().__init__(f"line {line_id} of order {order_id}{where}", {"order": order_id, "line_id": line_id})


class WebhookEndpointNotFound(NotFound):
    """No such webhook endpoint."""

    reason = "WEBHOOK_ENDPOINT_NOT_FOUND"
    resource_type = "returns.commerce/WebhookEndpoint"


class ReturnExists(ReturnsError):
    """The id is taken, perhaps by a return that was deleted."""

    reason = "RETURN_EXISTS"

    def __init__(self, return_id: str) -> None:
        """Takes the id."""
        self.return_id = return_id
        super().__init__(f"the return id {return_id} is taken or was once")

    @property
    def facts(self) -> dict[str, str]:
        """The field that holds the id."""
        return {"field": "return_id"}


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
    """A webhook's address is not allowed."""

    reason = "TARGET_REFUSED"


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


class Unauthenticated(ReturnsError):
    """The caller is not known."""


class TokenMissing(Unauthenticated):
    """No bearer token came with the call."""

    reason = "TOKEN_MISSING"


class TokenInvalid(Unauthenticated):
    """The token cannot be trusted."""

    reason = "TOKEN_INVALID"


class TokenExpired(Unauthenticated):
    """The token's time is over."""

    reason = "TOKEN_EXPIRED"


class Denied(ReturnsError):
    """The caller is known and may not do this."""

    def __init__(self, message: str, field: str = "") -> None:
        """Takes a sentence and, where one field is the trouble, its path."""
        self.field = field
        super().__init__(message)

    @property
    def facts(self) -> dict[str, str]:
        """The field, where there is one."""
        return {"field": self.field} if self.field else {}


class ScopeMissing(Denied):
    """The token lacks the scope of this method."""

    reason = "SCOPE_MISSING"


class RequiresManageScope(Denied):
    """Only staff may set this."""

    reason = "REQUIRES_MANAGE_SCOPE"


class TenantMismatch(Denied):
    """A name belongs to another tenant than the token."""

    reason = "TENANT_MISMATCH"


class Overloaded(ReturnsError):
    """Too much is waiting already; nothing was done, try again later."""

    reason = "OVERLOADED"

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__("too many changes are waiting; nothing was done, try again later")


class TooManyStreams(ReturnsError):
    """The tenant's streams are all in use."""

    reason = "TOO_MANY_STREAMS"


class StorageUnavailable(ReturnsError):
    """The database cannot be reached; nothing is known to be done."""

    reason = "STORAGE_UNAVAILABLE"

    def __init__(self, message: str = "the database cannot be reached; try again with the same request_id") -> None:
        """Takes a sentence without any detail of the database."""
        super().__init__(message)


class Draining(ReturnsError):
    """This server is stopping; another one will answer."""

    reason = "DRAINING"

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__("this server is stopping; try again")


class NotImplementedYet(ReturnsError):
    """The method is part of the contract and not of this release."""

    reason = "NOT_IMPLEMENTED"


class DeadlineExceeded(ReturnsError):
    """The call's time is over; whether a change was made is told by repeating it with its request id."""

    reason = "DEADLINE_EXCEEDED"
