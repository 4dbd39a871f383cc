"""The fields of filters are those of the messages, name by name and type by type."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.order_pb2 import Order
from commerce.returns.v1.return_pb2 import Return
from returns_server.application.listing import OrderField
from returns_server.filtering.fields import EVENTS, ORDERS, RETURNS, Fields, FilterField
from returns_server.filtering.tree import Kind
from returns_server.storage import filters
from returns_server.storage.dialects import ElementTests
from returns_server.storage.dialects.postgresql import PostgresDialect

LISTS: dict[str, tuple[Fields, Any]] = {
    "returns": (RETURNS, Return.DESCRIPTOR),
    "orders": (ORDERS, Order.DESCRIPTOR),
    "events": (EVENTS, ReturnEvent.DESCRIPTOR),
}
CASES = {f"{name}: {path}": (known, root) for name, (table, root) in LISTS.items() for path, known in table.items()}
_TYPES = {
    Kind.TEXT: {FieldDescriptor.CPPTYPE_STRING},
    Kind.ORDER: {FieldDescriptor.CPPTYPE_STRING},
    Kind.RETURN: {FieldDescriptor.CPPTYPE_STRING},
    Kind.ENUM: {FieldDescriptor.CPPTYPE_ENUM},
    Kind.BOOL: {FieldDescriptor.CPPTYPE_BOOL},
    Kind.NUMBER: {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64},
}
_MESSAGES = {Kind.TIME: "google.protobuf.Timestamp", Kind.JSON: "google.protobuf.Struct"}


def descriptors(path: str, root: Any) -> list[Any]:
    """The field at each step of a path; raises KeyError where the messages have none."""
    found = []
    for name in path.split("."):
        found.append(root.fields_by_name[name])
        root = found[-1].message_type
    if root is not None and root.full_name == "google.protobuf.FieldMask":
        found.append(root.fields_by_name["paths"])
    return found


@pytest.mark.parametrize(("known", "root"), CASES.values(), ids=CASES)
def test_a_field_is_what_the_message_says(known: FilterField, root: Any) -> None:
    steps = descriptors(known.field.path, root)
    last = steps[-1]
    assert known.field.repeated == any(step.is_repeated for step in steps)
    if known.field.kind in _MESSAGES:
        assert last.message_type.full_name == _MESSAGES[known.field.kind]
    else:
        assert last.cpp_type in _TYPES[known.field.kind]
        assert last.is_repeated or not last.has_presence  # so that an unset one has its default


@pytest.mark.parametrize("name", [name for name, (known, _) in CASES.items() if known.field.kind is Kind.ENUM])
def test_an_enum_has_the_names_and_numbers_of_the_message(name: str) -> None:
    known, root = CASES[name]
    values = descriptors(known.field.path, root)[-1].enum_type.values
    said = {value.name.removeprefix(known.prefix): value.number for value in values}
    assert known.enum is not None
    names = {member.name: member.value for member in known.enum}
    assert all(value.name.startswith(known.prefix) for value in values)
    assert names in (said, {name: number for name, number in said.items() if number})


def test_every_field_has_its_condition_in_sql() -> None:
    assert set(filters.RETURNS) == set(RETURNS)
    assert set(filters.RETURNS_AMONG_FEW) == set(RETURNS)
    assert set(filters.ORDERS) == set(ORDERS)


def test_the_fields_are_those_of_the_contract() -> None:
    promised = (
        "name state close_reason goods_state received number reason.code reason.details rejection.code orders.order"
        " orders.items.line_id orders.items.product_id orders.items.reason.code orders.items.reason.details"
        " requestor.customer_id requestor.guest_email requestor.email currency_code total.gross.units"
        " approved_total.gross.units create_time update_time approve_time receive_time close_time expire_time version"
        " attributes submitter.user_type submitter.subject submitter.first_name submitter.last_name submitter.email"
        " approver.type approver.id"
    )
    assert set(RETURNS) == set(promised.split())
    of_events = "type time return_name return_version actor.subject actor.user_type changed_paths"
    assert set(EVENTS) == {*of_events.split(), *(f"snapshot.{path}" for path in RETURNS)}


def test_customers_see_what_lists_are_sorted_by() -> None:
    hidden = {path.split(".")[0] for path, known in RETURNS.items() if known.hidden}
    assert hidden == {"approver", "submitter"}
    assert not hidden.intersection(field.value.split(".")[0] for field in OrderField)


def test_texts_in_json_compare_by_code_point_whatever_the_locale_of_the_database() -> None:
    """The tests' own PostgreSQL has no other order of texts, so that agreement alone would not show it."""
    tests = ElementTests(text="{} > :f0", number="false", truth="false")
    condition = PostgresDialect().json_condition("returns.attributes", "f0", 1, tests)
    assert condition.count('COLLATE "C" > :f0') == 2  # of the value itself, and of the elements of a list
