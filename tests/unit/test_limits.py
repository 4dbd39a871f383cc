"""The pages of limits and sizing say what the code does, and no bound of the code is missing."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from buf.validate import validate_pb2
from google.protobuf.field_mask_pb2 import FieldMask

from commerce.returns.v1 import order_pb2, policy_pb2, returns_service_pb2, webhook_pb2, webhooks_service_pb2
from returns_server.config import Settings, leaves, variable
from returns_server.domain.errors import CursorInvalid, FieldInvalid
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import parse_cursor
from returns_server.transport import assembly
from returns_server.transport.decode.shape import shape_check
from returns_server.transport.decode.webhooks import MAX_EXCLUDED_FIELDS, draft
from returns_server.transport.keys import MAX_KEYS, KeySetInvalid, parse_key_set

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "server" / "returns_server"
UNITS = {"": 1, "KiB": 1024, "MiB": 1024**2, "s": 1, "h": 3600, "days": 86_400}
MESSAGES = (returns_service_pb2, order_pb2, policy_pb2, webhook_pb2)
TOLD_ELSEWHERE = {
    "MAX_ID_LENGTH", "MAX_EMAIL_LENGTH", "MAX_NAME_LENGTH",  # of claims: the token is refused, or the name cut
    "MAX_MESSAGE_CHARACTERS", "MAX_VIOLATIONS", "MAX_PATHS", "MAX_FACT_BYTES", "MAX_PATH_BYTES",  # of errors and logs:
    "MAX_DESCRIPTION_BYTES", "MAX_VIOLATIONS_BYTES",                                        # within their own bounds
    "MAX_STATUS_BYTES",     # also of one failure of an import, below that of an error
    "MAX_ADDRESSES",        # of a webhook's name: more are not looked at
    "MAX_BATCH_EVENTS",     # the contract's, in the page
    "MAX_CHUNK", "MAX_COUNT", "MAX_DEPTH", "MAX_IDLE", "MAX_PAYLOAD_BYTES",  # of our own making, not a caller's
    "MOST_PREPARED", "MOST_KEY_BYTES",
    "MAX_PAGE_LINES",       # follows from the bytes of a page
    "MAX_RETRY_AFTER", "MAX_SECONDS_ASKED",  # of a receiver: a longer pause is cut
    "MAX_ENDPOINTS",        # of a step of the bridge
    "MAX_AGE",              # of a page that is kept
    "MAX_SEQUENCE",         # of a log: what a database can count to
}  # fmt: skip


def _rows() -> list[tuple[str, str, str, str]]:
    """What, limit, from, test."""
    page = (ROOT / "docs" / "limits.md").read_text()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]
    rows = [(row[0], row[1], row[-2].strip("`"), row[-1].strip("`")) for row in cells]
    return [row for row in rows if row[1] not in {"limit", "---:"}]


ROWS = _rows()


def _said(limit: str) -> int:
    number, _, unit = limit.partition(" ")
    return int(number.replace(",", "")) * UNITS[unit]


def _really(source: str) -> int:
    """In bytes, seconds or pieces."""
    if source.startswith("RETURNS_"):
        [(path, field)] = [(path, field) for path, field in leaves(Settings) if variable(path) == source]
        unit = {"hours": 3600, "days": 86_400}.get(path[-1].rpartition("_")[2], 1)
        return int(field.default * unit)
    place, _, name = source.partition(":")
    if place == "assembly":
        return dict(assembly._options(assembly.Listening("")))[name]
    if "." in place and place[0].isupper():
        return _rule(place, name)
    value = getattr(importlib.import_module(f"returns_server.{place}"), name)
    assert isinstance(value, int | float), source
    return int(value)


def _rule(place: str, name: str) -> int:
    message, _, field = place.partition(".")
    [descriptor] = [module.DESCRIPTOR.message_types_by_name[message] for module in MESSAGES
                    if message in module.DESCRIPTOR.message_types_by_name]  # fmt: skip
    options: Any = descriptor.fields_by_name[field].GetOptions()
    rules = options.Extensions[validate_pb2.field]
    kind = getattr(rules, str(rules.WhichOneof("type")))
    return int(getattr(kind, name))


@pytest.mark.parametrize(("what", "limit", "source", "test"), ROWS, ids=[row[2] for row in ROWS])
def test_a_limit_is_what_the_page_says(what: str, limit: str, source: str, test: str) -> None:
    assert _said(limit) == _really(source)
    assert test == "–" or (ROOT / test).is_file()


def test_no_bound_of_the_code_is_missing() -> None:
    named = re.compile(r"^_?((?:MAX|MOST)_[A-Z_]+)(?::[^=]+)? = ", re.MULTILINE)
    found = {name for path in SERVER.rglob("*.py") for name in named.findall(path.read_text())}
    told = {row[2].partition(":")[2].lstrip("_") for row in ROWS}
    assert found - told - TOLD_ELSEWHERE == set()
    assert not TOLD_ELSEWHERE - found, "nothing is excused that does not exist"


def test_no_setting_that_bounds_something_is_missing() -> None:
    bounding = {variable(path) for path, _ in leaves(Settings) if path[-1].startswith("max_")}
    assert bounding <= {row[2] for row in ROWS}


def test_sizing_says_what_was_measured() -> None:
    measured = (ROOT / "docs" / "performance.md").read_text()
    of_32 = measured.partition("| 32 callers |")[2].partition("\n\n")[0]
    figures = {}
    for line in of_32.splitlines()[2:]:
        call, database, stored, rate, _, p50, p99, *_ = (cell.strip() for cell in line.strip("|").split("|"))
        if stored == "1,000,000":
            figures[call, database] = (rate, p50, p99)
    told = (ROOT / "docs" / "operating.md").read_text().partition("| 32 callers |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in told.splitlines()[2:]]
    assert {(call, database): tuple(rest) for call, database, *rest in rows} == figures


# Limits that no other test goes beyond.


def test_a_longer_cursor_is_refused() -> None:
    with pytest.raises(CursorInvalid, match="too long"):
        parse_cursor("A" * 129, TenantId("acme"))


def test_a_key_set_of_more_keys_is_refused() -> None:
    assert parse_key_set(json.dumps({"keys": [{}] * MAX_KEYS}).encode()) == ()
    with pytest.raises(KeySetInvalid):
        parse_key_set(json.dumps({"keys": [{}] * (MAX_KEYS + 1)}).encode())


@pytest.mark.parametrize(
    ("field", "endpoint"),
    [
        ("webhook_endpoint.event_types", webhook_pb2.WebhookEndpoint(event_types=["return.created"] * 51)),
        ("webhook_endpoint.headers", webhook_pb2.WebhookEndpoint(headers={f"x-{n}": "v" for n in range(11)})),
    ],
)
def test_a_webhook_endpoint_of_more_is_refused(field: str, endpoint: webhook_pb2.WebhookEndpoint) -> None:
    endpoint.url = "https://shop.example/hook"
    request = webhooks_service_pb2.CreateWebhookEndpointRequest(parent="tenants/acme", webhook_endpoint=endpoint)
    with pytest.raises(FieldInvalid) as raised:
        shape_check(type(request))(request, False)
    assert [violation.field for violation in raised.value.violations] == [field]


def leaving_out(count: int, prefix: str) -> webhook_pb2.WebhookEndpoint:
    paths = FieldMask(paths=[f"{prefix}{number}" for number in range(count)])
    return webhook_pb2.WebhookEndpoint(url="https://shop.example/hook", excluded_fields=paths)


def test_a_webhook_leaves_out_so_many_fields() -> None:
    assert draft(leaving_out(MAX_EXCLUDED_FIELDS, "attributes.k"), TenantId("acme")).excluded_fields


@pytest.mark.parametrize(("count", "prefix"), [(MAX_EXCLUDED_FIELDS + 1, "attributes.k"), (100_000, "x")])
def test_of_more_none_is_looked_at(count: int, prefix: str) -> None:
    with pytest.raises(FieldInvalid) as raised:
        draft(leaving_out(count, prefix), TenantId("acme"))
    told = [(violation.field, violation.description) for violation in raised.value.violations]
    assert told == [("webhook_endpoint.excluded_fields", f"names more than {MAX_EXCLUDED_FIELDS} fields")]
