"""The merchant's own fields: a JSON object of bounded size and depth, as plain values."""

from __future__ import annotations

import json
import math

from google.protobuf.struct_pb2 import Struct, Value

from returns_server.domain.returns import MAX_ATTRIBUTES_BYTES as MAX_BYTES
from returns_server.domain.returns import Json
from returns_server.transport.decode.findings import Findings

MAX_LEVELS = 8


def attributes(struct: Struct, field: str, findings: Findings) -> Json:
    """The object; numbers are floats, as a Struct holds nothing else. At most 16 KiB as JSON and 8 levels."""
    # Twice the size in JSON is still well below what would take long to convert.
    if struct.ByteSize() > 8 * MAX_BYTES:
        findings.add(field, f"must not exceed {MAX_BYTES} bytes as JSON")
        return {}
    plain = _object(struct, field, 1, findings)
    if not findings and len(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()) > MAX_BYTES:
        findings.add(field, f"must not exceed {MAX_BYTES} bytes as JSON")
    return plain


def _object(struct: Struct, field: str, level: int, findings: Findings) -> dict[str, object]:
    if level > MAX_LEVELS:
        findings.add(field, f"must not be nested more than {MAX_LEVELS} levels deep")
        return {}
    return {key: _value(value, f"{field}.{key}", level, findings) for key, value in struct.fields.items()}


def _value(value: Value, field: str, level: int, findings: Findings) -> object:
    match value.WhichOneof("kind"):
        case "null_value":
            return None
        case "number_value":
            if not math.isfinite(value.number_value):
                findings.add(field, "must be a finite number")
            return value.number_value
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return _object(value.struct_value, field, level + 1, findings)
        case "list_value":
            return _list(value, field, level + 1, findings)
        case _:
            findings.add(field, "has no value; to say that there is none, use null")
            return None


def _list(value: Value, field: str, level: int, findings: Findings) -> list[object]:
    if level > MAX_LEVELS:
        findings.add(field, f"must not be nested more than {MAX_LEVELS} levels deep")
        return []
    elements = value.list_value.values
    return [_value(element, f"{field}[{index}]", level, findings) for index, element in enumerate(elements)]
