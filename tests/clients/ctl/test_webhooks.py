"""Webhook endpoints by `returnsctl`."""

from __future__ import annotations

import time

from tests.support.ctl import Desk

NOBODY = "http://127.0.0.1:1/hook"


def made(desk: Desk, *options: str) -> str:
    endpoint: str = desk.document("webhooks", "create", NOBODY, *options)["webhookEndpoint"]["name"]
    return endpoint.rpartition("/")[2]


def test_an_endpoint_is_made_changed_and_deleted(desk: Desk) -> None:
    told = desk.document(
        "webhooks", "create", NOBODY, "--event-type", "return.*", "--header", "x-key=hidden", "--exclude",
        "requestor.email", "--filter", "snapshot.total.gross.units>=1", "--format", "cloudevents", "--disabled",
    )  # fmt: skip
    endpoint, name = told["webhookEndpoint"], told["webhookEndpoint"]["name"].rpartition("/")[2]
    assert told["secret"].startswith("whsec_")
    assert endpoint["payloadFormat"] == "PAYLOAD_FORMAT_CLOUDEVENTS"
    assert (endpoint["state"], endpoint["headers"], endpoint["excludedFields"]) == (
        "STATE_DISABLED", {"x-key": ""}, "requestor.email",
    )  # fmt: skip
    shown = desk.ok("webhooks", "get", name)
    assert "hidden" not in shown
    assert told["secret"] not in shown
    changed = desk.document(
        "webhooks", "update", name, "--display-name", "ERP", "--clear", "filter", "--ordering", "none"
    )
    assert (changed["displayName"], changed["ordering"], "filter" in changed) == ("ERP", "ORDERING_NONE", False)
    assert changed["eventTypes"] == ["return.*"]
    assert desk.document("webhooks", "enable", name)["state"] == "STATE_ENABLED"
    assert desk.document("webhooks", "disable", name)["state"] == "STATE_DISABLED"
    assert [one["name"] for one in desk.lines("webhooks", "list")] == [endpoint["name"]]
    assert desk.run("webhooks", "delete", name, says="n\n").exit_code == 1
    desk.ok("webhooks", "delete", name, says="y\n")
    assert desk.refused("webhooks", "get", name)[0] == 3


def test_a_secret_is_replaced_and_shown_once(desk: Desk) -> None:
    name = made(desk)
    tried = desk.ok("webhooks", "rotate", name, "--validate-only")
    assert "could be replaced" in tried
    shown = desk.ok("webhooks", "rotate", name, "--grace", "1h")
    assert "Secret, shown this once: whsec_" in shown
    assert "The old one signs too until " in shown


def test_an_endpoint_that_does_not_answer_is_told(desk: Desk) -> None:
    tried = desk.run("webhooks", "test", made(desk))
    assert (tried.exit_code, tried.stdout.startswith("connection refused after ")) == (1, True)


def test_deliveries_are_seen_and_sent_again(shop: Desk) -> None:
    name = made(shop)
    shop.filed()
    ends = time.monotonic() + 30
    while not (found := shop.lines("webhooks", "deliveries", name, "--state", "waiting")):
        assert time.monotonic() < ends
    delivery = found[0]["name"].rpartition("/")[2]
    assert next(one["error"] for one in shop.document("webhooks", "attempts", name, delivery)["attempts"]) == (
        "connection refused"
    )
    assert "return.created" in shop.ok("webhooks", "deliveries", name, "--filter", "event_type=return.created")
    assert "Delivery 1" in shop.ok("webhooks", "redeliver", name, delivery)
    job = shop.document("webhooks", "redeliver", name, "--since=-1h", "--only-failed")
    assert [one["name"] for one in shop.lines("webhooks", "redeliveries", name)] == [job["name"]]
    cancelled = shop.run("webhooks", "cancel-redelivery", name, job["name"].rpartition("/")[2])
    assert cancelled.exit_code == 0, cancelled.output
    assert shop.refused("webhooks", "attempts", name, "no-number")[0] == 3
