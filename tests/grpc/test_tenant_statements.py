"""Every statement that a call runs names the tenant whose rows it is about."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from commerce.returns.v1 import privacy_service_pb2 as privacy_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1 import webhooks_service_pb2 as hooks_pb
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from returns_server.storage import sqlite
from returns_server.storage.dialects import Query
from returns_server.storage.pipeline import Pipeline
from tests.support.messages import create, feed, order
from tests.support.methods import METHODS, about, call
from tests.support.service import ALL, outcome, serving

FILTERS = (
    "state=PENDING", "orders.order:o1", "attributes.a=1", "requestor.customer_id=c1", "total.gross.units>1",
    "reason.code=x OR number=R-000001",
)  # fmt: skip
PERSON = privacy_pb.Person(customer_id="c1")
OF_ONE_TENANT = re.compile(r"tenant\s*=|\(t?\.?tenant\b|INSERT INTO")
OF_NOBODY = re.compile(
    r"\s*(BEGIN|COMMIT|ROLLBACK|PRAGMA|DISCARD PLANS)\b|SELECT (set_config|pg_notify)\("
    r"|SELECT instance\.[\w., ]+\s+FROM instance\s*$"
)
# What a server does by itself, now and then: expiry, answers that are over, and how long logs are, for metrics.
ITS_OWN = re.compile(
    r"[\w ]*\bleases\b|SELECT returns\.tenant, returns\.return_id\s+FROM returns\s+WHERE returns\.due_time IS NOT NULL"
    r"|SELECT (event_heads\.tenant, event_heads\.last_sequence|count.*)\s+FROM event_heads\s*(ORDER BY|$)"
    r"|DELETE FROM idempotency_keys\b.*\bexpire_time\b",
    re.DOTALL,
)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """All that are run from now on."""
    seen: set[str] = set()
    connected: Callable[..., sqlite3.Connection] = sqlite._connected
    encoded = Pipeline._encoded

    def traced(*arguments: Any, **named: Any) -> sqlite3.Connection:
        connection = connected(*arguments, **named)
        connection.set_trace_callback(seen.add)
        return connection

    def told(self: Pipeline, query: Query) -> Any:
        seen.add(query.statement)
        return encoded(self, query)

    monkeypatch.setattr(sqlite, "_connected", traced)
    monkeypatch.setattr(Pipeline, "_encoded", told)
    return seen


def renamed(request: Any, path: tuple[str, ...], there: Mapping[str, str]) -> Any:
    """The request about something that is there, where it names a thing of such a collection."""
    *above, field = path or ("parent",)
    place: Any = reduce(getattr, above, request)
    parts: list[str] = getattr(place, field).split("/")  # tenants, acme, a collection, an id, and what is below
    if len(parts) > 3 and parts[2] in there:
        setattr(place, field, "/".join([there[parts[2]], *parts[4:]]))
    return request


async def test_every_statement_of_a_call_is_about_one_tenant(
    tmp_path: Path, database_url: str | None, statements: set[str]
) -> None:
    async with serving(tmp_path / "data", database_url, webhooks={"bridge": False}) as service:
        staff, customer = service.client(*ALL), service.customer("c1")
        await feed(staff, order("o1"))
        endpoint = WebhookEndpoint(url="http://127.0.0.1:9/hook")
        hook = hooks_pb.CreateWebhookEndpointRequest(parent="tenants/acme", webhook_endpoint=endpoint)
        there = {
            "orders": "tenants/acme/orders/o1",
            "returns": (await staff.returns.CreateReturn(create(("o1", "1", 1)))).name,
            "webhookEndpoints": (await staff.webhooks.CreateWebhookEndpoint(hook)).webhook_endpoint.name,
        }
        statements.clear()
        for client in (customer, staff):
            for where in FILTERS:
                request = pb.ListReturnsRequest(parent="tenants/acme", filter=where, include_total_size=True)
                await client.returns.ListReturns(request)
            timeline = pb.ListReturnEventsRequest(parent=there["returns"])
            await client.returns.ListReturnEvents(timeline)
            items = pb.ListReturnableItemsRequest(parent="tenants/acme", customer_id="c1", page_size=1)
            await client.returns.ListReturnableItems(items)
            await outcome(
                client.privacy.ExportPerson(privacy_pb.ExportPersonRequest(parent="tenants/acme", person=PERSON))
            )
            for method in sorted(METHODS, key=lambda name: "/Delete" in name):
                await outcome(call(client, method, about(method)))
                await outcome(call(client, method, renamed(about(method), METHODS[method].resource, there)))
        await staff.privacy.ErasePerson(privacy_pb.ErasePersonRequest(parent="tenants/acme", person=PERSON))
        run = set(statements)
    assert len(run) > 50
    of_callers = [one for one in run if not OF_NOBODY.match(one) and not ITS_OWN.match(one)]
    assert not [one for one in of_callers if not OF_ONE_TENANT.search(one)]
