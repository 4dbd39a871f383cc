"""What the service cannot do for now."""

from __future__ import annotations

from enum import StrEnum

from returns_server.domain.errors.base import ReturnsError


class Cause(StrEnum):
    """Why a call is too much, where that is its own caller's doing."""

    RATE = "RATE"
    """More calls a second than the caller or its tenant may make."""
    QUOTA = "QUOTA"
    """The tenant has as many of these as it may."""


class Overloaded(ReturnsError):
    """Too much is waiting already, or asked for at once, or there; nothing was done."""

    reason = "OVERLOADED"

    def __init__(
        self,
        message: str = "too many changes are waiting; nothing was done, try again later",
        field: str = "",
        cause: Cause | None = None,
        retry_seconds: float = 1.0,
    ) -> None:
        """Takes what to do, and why where a limit of the caller's own is reached.

        Where trying again would change nothing: the field that asks for too much, or no time to wait (0).
        """
        self.field = field
        self.cause = cause
        self.retry_seconds = 0.0 if field else retry_seconds
        super().__init__(message)

    @property
    def facts(self) -> dict[str, str]:
        """The field that asks for too much, and the cause."""
        found = {"field": self.field, "cause": self.cause or ""}
        return {key: str(value) for key, value in found.items() if value}


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
    """The method is part of the contract and not of this release, or not set up on this server."""

    reason = "NOT_IMPLEMENTED"


class DeadlineExceeded(ReturnsError):
    """The call's time is over; whether a change was made is told by repeating it with its request id."""

    reason = "DEADLINE_EXCEEDED"
