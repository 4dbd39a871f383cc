"""Bytes that are no message: told apart here, answered once it is known who sent them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf.message import DecodeError, Message

from returns_server.domain.errors import FieldInvalid


@dataclass(frozen=True, slots=True)
class Malformed:
    """Stands where a request should be."""

    message_name: str

    def refuse(self) -> FieldInvalid:
        """The error that says so."""
        return FieldInvalid.at("request", f"is no well-formed {self.message_name}")


def deserializer(request_type: type[Message]) -> Callable[[bytes], Message | Malformed]:
    """Parses requests of a type. It never raises, for gRPC would answer INTERNAL to that."""
    malformed = Malformed(request_type.DESCRIPTOR.full_name)

    def parse(data: bytes) -> Message | Malformed:
        try:
            return request_type.FromString(data)
        except (DecodeError, ValueError, RecursionError):
            return malformed

    return parse
