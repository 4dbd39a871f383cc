"""What is wrong with a request itself: no state of the service would make it right."""

from __future__ import annotations

from returns_server.domain.errors.base import ReturnsError
from returns_server.domain.record import record


@record
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
