"""docs/coming-from-emporix.md names what there is: fields, methods, reasons, event types, scopes and filters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, ServiceDescriptor

from commerce.returns.v1 import (
    event_pb2,
    order_pb2,
    orders_service_pb2,
    party_pb2,
    policy_pb2,
    policy_service_pb2,
    price_pb2,
    reason_pb2,
    return_draft_pb2,
    return_pb2,
    returns_service_pb2,
    webhook_pb2,
    webhooks_service_pb2,
)
from commerce.returns.v1.errors_pb2 import ErrorReason
from returns_server.application.caller import Scope
from returns_server.domain.ids import TenantId
from returns_server.filtering.language import parse_returns_filter

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "coming-from-emporix.md").read_text()
MODULES = (
    event_pb2, order_pb2, orders_service_pb2, party_pb2, policy_pb2, policy_service_pb2, price_pb2, reason_pb2,
    return_draft_pb2, return_pb2, returns_service_pb2, webhook_pb2, webhooks_service_pb2,
)  # fmt: skip


def section(title: str) -> list[tuple[str, str]]:
    """The rows of a section's table, left and right."""
    body = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in body.splitlines() if line.startswith("| ")]
    return [(left, right) for left, right in rows[2:]]


def ours() -> list[str]:
    """Every `Message.field` and `Service.Method` on the page's right side."""
    rights = " ".join(right for title in ("Call by call", "Field by field", "Events") for _, right in section(title))
    return sorted(set(re.findall(r"`([A-Z]\w+\.\w+)`", rights)))


def messages() -> dict[str, Descriptor]:
    return {name: found for module in MODULES for name, found in module.DESCRIPTOR.message_types_by_name.items()}


def services() -> dict[str, ServiceDescriptor]:
    return {name: found for module in MODULES for name, found in module.DESCRIPTOR.services_by_name.items()}


@pytest.mark.parametrize("name", ours())
def test_a_name_of_ours_is_in_the_contract(name: str) -> None:
    owner, _, part = name.partition(".")
    if owner in services():
        assert part in services()[owner].methods_by_name
    else:
        assert part in messages()[owner].fields_by_name


def test_the_page_tells_of_everything_that_a_return_and_its_draft_say() -> None:
    told = PAGE.replace("`, `", " ")
    known = {"rejection", "closing", "goods_not_expected", "assisted_actions", "orders", "reason", "submitter"}
    fields = {f"Return.{name}" for name in messages()["Return"].fields_by_name if name not in known}
    assert {name for name in fields if name not in told} == set()


def test_every_method_of_returns_is_told() -> None:
    told = {name for name in services()["ReturnsService"].methods_by_name if f"ReturnsService.{name}" in PAGE}
    assert set(services()["ReturnsService"].methods_by_name) - told == {"ListReturnEvents"}


@pytest.mark.parametrize("text", [right.partition("`")[2].partition("`")[0] for _, right in section("Filters")])
def test_a_filter_is_understood(text: str) -> None:
    parse_returns_filter(text, TenantId("acme"), sees_all=True)


def test_reasons_event_types_and_scopes_exist() -> None:
    reasons = {name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()}  # noqa: SIM118 - an enum, no dict
    rights = " ".join(right for _, right in section("Errors and access"))
    assert set(re.findall(r"`([A-Z_]{5,})`", rights)) <= reasons
    types = set(re.findall(r"`(return\.[a-z]+)`", " ".join(right for _, right in section("Events"))))
    comment = (Path(__file__).resolve().parents[2] / "protos/commerce/returns/v1/event.proto").read_text()
    assert types == set(re.findall(r"`(return\.[a-z]+)`", comment))
    assert set(re.findall(r"`(returns\.\w+)`", PAGE)) == {scope.value for scope in Scope}
