"""What every command knows of the call that brought it: who, which request, on which condition."""

from __future__ import annotations

from returns_server.application.books import RequestKey
from returns_server.application.caller import Caller
from returns_server.domain.actors import Actor
from returns_server.domain.errors import EtagMismatch, FieldInvalid
from returns_server.domain.record import record


@record
class Request:
    """A mutation as it was asked for.

    `request_id` is the caller's, or minted by us, so that every change can be told apart after a lost connection;
    `given` says which. `request_hash` covers the method and the message without its request id.
    """

    caller: Caller
    actor: Actor
    request_id: str
    given: bool
    request_hash: bytes
    validate_only: bool = False
    etag: str = ""
    trace_parent: str = ""

    @property
    def key(self) -> RequestKey:
        """The key under which the answer is remembered."""
        return RequestKey(self.caller.issuer, self.caller.subject, self.request_id)

    def check_etag(self, current: str, required: bool) -> None:
        """Raise EtagMismatch where the caller read another state, FieldInvalid where it must say which and does not."""
        if not self.etag:
            if required:
                raise FieldInvalid.at("etag", "is required by this shop's policy")
        elif self.etag != current:
            raise EtagMismatch(current)
