"""What every mutation says beside its subject: which request it is, on which condition, for real or not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from returns_server.application.request import Request
from returns_server.transport.call import Call


class Mutation(Protocol):
    """What all mutations have in common."""

    request_id: str
    validate_only: bool

    def SerializeToString(self, *, deterministic: bool = ...) -> bytes:  # noqa: N802 - protobuf's name
        """The encoded message."""


class Requests:
    """Reads the request part of mutations."""

    def __init__(self, new_id: Callable[[], UUID]) -> None:
        """Takes the source of ids for requests that bring none."""
        self._new_id = new_id

    def of(self, message: Mutation, method: str, call: Call) -> Request:
        """The request. Its hash covers the method and the message without its request id, which is cleared here."""
        given = message.request_id.lower()
        message.request_id = ""
        # Deterministic, for the order of map entries differs between processes.
        content = message.SerializeToString(deterministic=True)
        return Request(
            caller=call.caller,
            actor=call.actor,
            request_id=given or str(self._new_id()),
            given=bool(given),
            request_hash=hashlib.blake2b(b"%b\0%b" % (method.encode(), content), digest_size=16).digest(),
            validate_only=message.validate_only,
            etag=getattr(message, "etag", ""),
            trace_parent=call.trace_parent,
        )
