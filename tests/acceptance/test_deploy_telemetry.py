"""The dashboard, the alerts and the page about them speak of metrics that exist, and of all of ours."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client import CollectorRegistry

from returns_server.relay_assembly import relaying
from returns_server.relay_settings import Nats
from tests.support.certificates import Authority
from tests.support.hooks import everything
from tests.support.messages import create, feed, line, order
from tests.support.service import serving, settings_for

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "telemetry.md").read_text()
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy/grafana/returns-service.json").read_text())
OF_PROMETHEUS = {"up": {"job", "instance"}}
ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",), "info": ("_info",)}


def samples_of(registry: CollectorRegistry) -> dict[str, set[str]]:
    """Every name that a scrape may have, with the labels that were seen on it."""
    known: dict[str, set[str]] = {}
    for family in registry.collect():
        for ending in ENDINGS[family.type]:
            known[family.name + ending] = {"job", "instance"} | ({"le"} if ending == "_bucket" else set())
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                known[sample.name] |= set(sample.labels)
    return known


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    """Filled by the first test: the metrics of a server with everything on, and of a relay."""
    return {}


@pytest.fixture
async def metrics(known: dict[str, set[str]], tmp_path: Path, postgres_url: str) -> dict[str, set[str]]:
    if not known:
        pair = Authority(tmp_path).pair("localhost", dns="localhost")
        cert, key = pair.written(tmp_path / "server.pem", tmp_path / "server.key")
        async with serving(tmp_path / "data", postgres_url) as service:
            client = everything(service)
            await feed(client, order("1001", line("1", 3, 3000)))
            await client.returns.CreateReturn(create(("1001", "1", 1)))
        # One that finds a log when it starts.
        async with serving(tmp_path / "data", postgres_url, tls={"cert_file": cert, "key_file": key}) as service:
            assert service.app is not None
            registry = service.app.registry
            async with asyncio.timeout(20):
                while not registry.get_sample_value("returns_log_events"):
                    await asyncio.sleep(0.02)
            known |= samples_of(registry)
        # The relay's own; it need not have found its NATS.
        nats = Nats(url=("nats://127.0.0.1:1",))
        async with relaying(settings_for(tmp_path / "data", postgres_url, nats=nats)) as work:
            known |= samples_of(work.registry)
    return known


def expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m")


def selectors(expression: Any) -> Iterator[tuple[str, set[str], set[str]]]:
    """Every metric that is asked for, with the labels it is chosen by, and those it is grouped by around it."""
    match expression:
        case promql_parser.VectorSelector():
            yield expression.name or "", {one.name for one in expression.matchers.matchers}, set()
        case promql_parser.MatrixSelector():
            yield from selectors(expression.vector_selector)
        case promql_parser.AggregateExpr():
            by = set(expression.modifier.labels) if expression.modifier else set()
            for name, chosen, grouped in selectors(expression.expr):
                yield name, chosen, grouped | by
        case promql_parser.Call():
            for one in expression.args:
                yield from selectors(one)
        case promql_parser.BinaryExpr():
            yield from selectors(expression.lhs)
            yield from selectors(expression.rhs)
        case promql_parser.ParenExpr() | promql_parser.SubqueryExpr() | promql_parser.UnaryExpr():
            yield from selectors(expression.expr)
        case promql_parser.NumberLiteral() | promql_parser.StringLiteral():
            return
        case _:
            raise AssertionError(f"what is {expression}?")


def wrong_in(expression: str, metrics: dict[str, set[str]]) -> list[str]:
    found = []
    for name, chosen, grouped in selectors(promql_parser.parse(expression)):
        labels = (metrics | OF_PROMETHEUS).get(name)
        if labels is None:
            found.append(f"there is no metric {name}")
        elif missing := (chosen | grouped) - labels:
            found.append(f"{name} has no label {', '.join(sorted(missing))}")
    return found


async def test_every_expression_asks_for_metrics_and_labels_that_exist(metrics: dict[str, set[str]]) -> None:
    assert len(list(expressions())) > 50
    for where, expression in expressions():
        assert wrong_in(expression, metrics) == [], where


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("rate(returns_grpc_call_total[5m])", "there is no metric returns_grpc_call_total"),
        ("sum by (reason) (rate(returns_grpc_calls_total[5m]))", "returns_grpc_calls_total has no label reason"),
        ('returns_writer_queue{code="OK"} > 1', "returns_writer_queue has no label code"),
    ],
)
async def test_a_wrong_expression_would_be_noticed(metrics: dict[str, set[str]], expression: str, problem: str) -> None:
    assert wrong_in(expression, metrics) == [problem]


async def test_the_page_names_every_metric_and_no_other(metrics: dict[str, set[str]]) -> None:
    named = set(re.findall(r"^\| `(returns_\w+)`", PAGE, re.MULTILINE))
    ours = {re.sub(r"_(bucket|count|sum)$", "", name) for name in metrics if name.startswith("returns_")}
    assert named == ours


def test_the_page_says_what_to_do_about_every_alert() -> None:
    headings = re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)
    assert headings == [rule["alert"] for rule in RULES]


def test_alerts_say_how_bad_what_and_where_to_read_on() -> None:
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "description", "runbook"}
        assert rule["annotations"]["runbook"] == f"docs/telemetry.md#{rule['alert'].lower()}"
        assert re.fullmatch(r"\d+[mh]", rule.get("for", "1m"))


def test_the_dashboard_can_be_imported_anywhere() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert 0 <= place["x"] <= place["x"] + place["w"] <= 24
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] == "${datasource}", panel["title"]
