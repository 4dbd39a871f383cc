"""What docs/filters.md shows is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from returns_server.domain.errors import FilterInvalid
from returns_server.domain.ids import TenantId
from returns_server.filtering.fields import EVENTS, ORDERS, RETURNS, Fields
from returns_server.filtering.language import parse_events_filter, parse_orders_filter, parse_returns_filter
from returns_server.filtering.tree import Expression

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "filters.md").read_text()
ACME = TenantId("acme")


def examples(kind: str) -> list[tuple[str, str]]:
    blocks = re.findall(r"```filter (\w+)\n(.*?)```", PAGE, re.DOTALL)
    return [
        (found, line)
        for found, block in blocks
        for line in block.splitlines()
        if (found == "refused") == (kind == "refused")
    ]


def parsed(kind: str, text: str) -> Expression:
    if kind == "orders":
        return parse_orders_filter(text, ACME)
    parse = parse_events_filter if kind == "events" else parse_returns_filter
    return parse(text, ACME, sees_all=True)


@pytest.mark.parametrize(("kind", "text"), examples("understood"))
def test_an_example_is_understood(kind: str, text: str) -> None:
    parsed(kind, text)


@pytest.mark.parametrize(("kind", "line"), examples("refused"))
def test_an_example_of_a_mistake_is_refused_at_its_column(kind: str, line: str) -> None:
    column, _, text = line.partition(" ")
    with pytest.raises(FilterInvalid) as refusal:
        parsed("returns", text)
    assert refusal.value.facts["column"] == column


@pytest.mark.parametrize(("kind", "fields"), [("returns", RETURNS), ("orders", ORDERS), ("events", EVENTS)])
def test_the_fields_are_all_named(kind: str, fields: Fields) -> None:
    [said] = re.findall(rf"<!-- {kind} -->\n(.*?)\n\n", PAGE, re.DOTALL)
    own = {path for path in fields if not path.startswith("snapshot.")}
    assert set(re.findall(r"`([^`]+)`", said)) - {"snapshot."} == own
