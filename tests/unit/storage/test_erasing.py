"""What of a return is a person's, field by field."""

from __future__ import annotations

from typing import Any

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.return_pb2 import Return
from returns_server.domain.people import Person
from returns_server.storage.documents.erasing import erase_from_return
from returns_server.storage.privacy import statements

PERSONAL = {
    "requestor.customer_id",
    "requestor.guest_email",
    "requestor.first_name",
    "requestor.last_name",
    "requestor.email",
    "submitter.subject",
    "submitter.first_name",
    "submitter.last_name",
    "submitter.email",
    "reason.details",
    "rejection.details",
    "closing.details",
    "orders.items.reason.details",
    "attributes",
    "assisted_actions.reason",
}
KEPT = {
    "name",
    "number",
    "etag",
    "currency_code",
    "orders.order",
    "orders.items.line_id",
    "orders.items.product_id",
    "orders.items.product_name",
    "reason.code",
    "rejection.code",
    "closing.code",
    "orders.items.reason.code",
    "approver.id",
    "receipts.receipt_id",
    "receipts.items.order",
    "receipts.items.line_id",
    "assisted_actions.employee",
    "assisted_actions.overridden",
}
_OPAQUE = {"google.protobuf.Timestamp", "google.type.Money", "commerce.returns.v1.PriceBreakdown"}


def texts(descriptor: Any, path: str = "") -> set[str]:
    """The path of every field of a message that holds text."""
    found_ = set()
    for field in descriptor.fields:
        here = f"{path}{field.name}"
        if field.message_type is None:
            found_ |= {here} if field.type == field.TYPE_STRING else set()
        elif field.message_type.full_name == "google.protobuf.Struct":
            found_.add(here)
        elif field.message_type.full_name not in _OPAQUE:
            found_ |= texts(field.message_type, f"{here}.")
    return found_


def test_every_text_of_a_return_is_either_erased_or_kept_on_purpose() -> None:
    """A new field of a return must be put into one of the two sets, and into the code."""
    assert texts(Return.DESCRIPTOR) == PERSONAL | KEPT
    own = {"id", "type", "cursor", "return_name", "request_id", "trace_parent", "actor.subject", "changed_paths.paths"}
    assert {path for path in texts(ReturnEvent.DESCRIPTOR) if not path.startswith("snapshot.")} == own


def test_the_rule_takes_every_personal_text_and_leaves_the_others() -> None:
    ret = Return()
    for path in PERSONAL | KEPT:
        *way, last = path.split(".")
        part: Any = ret
        for step in way:
            part = getattr(part, step)
            if hasattr(part, "add"):
                part = part[0] if len(part) else part.add()
        if last == "attributes":
            ret.attributes.update({"secret": "personal"})
        elif last == "overridden":
            part.overridden.append("kept")
        else:
            setattr(part, last, "personal" if path in PERSONAL else "kept")
    ret.requestor.customer_id = "c"
    ret.submitter.user_type = 1  # type: ignore[assignment]
    kept = str(ret).count("kept")
    assert erase_from_return(Person("c"), ret)
    assert "personal" not in str(ret)
    assert str(ret).count("kept") == kept
    assert erase_from_return(Person("c"), ret) == ()


def test_statements_look_for_whole_fields() -> None:
    assert statements._field("c1") == b"\x02c1"
    assert statements._field("x" * 200) == b"\xc8\x01" + b"x" * 200
