"""Bytes that are no message, or one too long to look at: told apart here, answered once it is known who sent them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf.message import DecodeError, Message

from returns_server.domain.errors import FieldInvalid
from returns_server.transport.decode.counts import bounds_of

_SMALL = 8 * 1024
"""Bytes of a request that may be validated without counting first: what is too many in them costs little."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Stands where a request should be: `field` and `description` say what is wrong with what came."""

    field: str
    description: str

    def refuse(self) -> FieldInvalid:
        """The error that says so."""
        return FieldInvalid.at(self.field, self.description)


def deserializer(request_type: type[Message]) -> Callable[[bytes], Message | Malformed]:
    """Parses requests of a type. It never raises, for gRPC would answer INTERNAL to that."""
    malformed = Malformed("request", f"is no well-formed {request_type.DESCRIPTOR.full_name}")
    too_many = [
        (bound, Malformed(bound.path, f"must contain no more than {bound.most} item(s)"))
        for bound in bounds_of(request_type)
    ]

    def parse(data: bytes) -> Message | Malformed:
        try:
            message = request_type.FromString(data)
        except (DecodeError, ValueError, RecursionError):
            return malformed
        if len(data) > _SMALL:
            for bound, refused in too_many:
                if bound.broken_by(message):
                    return refused
        return message

    return parse
