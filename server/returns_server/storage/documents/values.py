"""Times, spans, free-form attributes and names as the messages hold them."""

from __future__ import annotations

from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from returns_server.domain.ids import SECOND, Micros, OrderId, TenantId

Fields = dict[str, Any]
"""The fields of a message that is still to be built; None leaves a field unset."""


def said(fields: Fields) -> Fields:
    """The fields without those that are as they are where nothing is said: leaving them out is quicker than unset."""
    return {name: value for name, value in fields.items() if value or value == {}}


def seconds_and_nanos(micros: Micros) -> Fields:
    """A Timestamp or Duration."""
    seconds, rest = divmod(micros, SECOND)
    return {"seconds": seconds, "nanos": rest * 1_000}


def optional_time(micros: Micros | None) -> Fields | None:
    """A Timestamp or Duration, or none."""
    return None if micros is None else seconds_and_nanos(micros)


def micros_of(time: Timestamp | Duration) -> Micros:
    """Microseconds; what is finer is dropped."""
    return Micros(time.seconds * SECOND + time.nanos // 1_000)


def optional_micros(message: Any, field: str) -> Micros | None:
    """Microseconds of a message's time, None where it is unset."""
    return micros_of(getattr(message, field)) if message.HasField(field) else None


def plain(attributes: Struct) -> dict[str, object]:
    """A Struct as plain values: all numbers are floats, for a Struct knows nothing else."""
    return {key: _plain(value) for key, value in attributes.fields.items()}


def _plain(value: Value) -> object:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return plain(value.struct_value)
    if kind == "list_value":
        return [_plain(element) for element in value.list_value.values]
    return None if kind in (None, "null_value") else getattr(value, kind)


def order_name(tenant: TenantId, order_id: OrderId) -> str:
    """The resource name of an order."""
    return f"tenants/{tenant}/orders/{order_id}"


def order_id_of(name: str) -> OrderId:
    """The id in the resource name of an order."""
    return OrderId(name.rpartition("/")[2])
