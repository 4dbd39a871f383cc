"""The verifier believes the service's messages and nothing else, as the published library does."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from returns_client import WebhookInvalid, WebhookVerifier, event_in
from returns_server.webhooks.signing import new_secret, signed

OLD, NEW, OTHER = (new_secret(secrets.token_bytes) for _ in range(3))
NOW = int(time.time())
BODY = json.dumps({"type": "return.created", "data": {"text": "größe ✓"}}, ensure_ascii=False).encode()
GOOD = signed("01a2-id", NOW, BODY, [NEW, OLD])


@pytest.mark.parametrize("known", [(NEW,), (OLD,), (OTHER, OLD), (NEW, OLD)], ids=["new", "old", "rotating", "both"])
@pytest.mark.parametrize(
    "headers",
    [GOOD, list(GOOD.items()), {name.title(): value for name, value in GOOD.items()}],
    ids=["mapping", "pairs", "other-case"],
)
def test_a_message_of_ours_is_believed(
    known: tuple[str, ...], headers: Mapping[str, str] | list[tuple[str, str]]
) -> None:
    assert _verifier(*known).verify(headers, BODY)["data"]["text"] == "größe ✓"
    assert _verifier(*known).verify(headers, BODY.decode())


@pytest.mark.parametrize(
    ("changed", "body", "said"),
    [
        ({}, BODY + b" ", "no signature fits"),
        ({"webhook-id": "other"}, BODY, "no signature fits"),
        ({"webhook-timestamp": str(NOW + 1)}, BODY, "no signature fits"),
        ({"webhook-timestamp": str(NOW - 600)}, BODY, "too old, or from the future"),
        ({"webhook-timestamp": str(NOW + 600)}, BODY, "too old, or from the future"),
        ({"webhook-timestamp": f" {NOW}"}, BODY, "no number"),
        ({"webhook-timestamp": "١٢٣"}, BODY, "no number"),
        ({"webhook-timestamp": "9" * 5_000}, BODY, "no number"),
        ({"webhook-timestamp": "nan"}, BODY, "no number"),
        ({"webhook-signature": "v1,AAAA v1,%%% v1 v1a,BBBB"}, BODY, "no signature fits"),
        ({"webhook-signature": GOOD["webhook-signature"].replace("v1,", "v2,")}, BODY, "no signature fits"),
        ({"webhook-signature": ""}, BODY, "webhook-signature is missing"),
        ({"webhook-id": ""}, BODY, "webhook-id is missing"),
    ],
)
def test_anything_else_is_not(changed: Mapping[str, str], body: bytes, said: str) -> None:
    with pytest.raises(WebhookInvalid, match=said):
        _verifier(NEW, OLD).verify({**GOOD, **changed}, body)


@pytest.mark.parametrize(
    ("name", "value", "body", "believed"),
    [
        ("webhook-id", "01a2-id", BODY, True),
        ("webhook-id", "01a2-id", BODY + b" ", False),
        ("webhook-id", "other", BODY, False),
        ("webhook-timestamp", -600, BODY, False),
        ("webhook-timestamp", 600, BODY, False),
        ("webhook-signature", "v2,", BODY, False),
    ],
)
def test_the_published_library_judges_the_same(name: str, value: str | int, body: bytes, believed: bool) -> None:
    now = int(time.time())  # the library's clock is that of the machine
    good = signed("01a2-id", now, BODY, [NEW, OLD])
    changed = str(now + value) if isinstance(value, int) else value
    if name == "webhook-signature":
        changed = good[name].replace("v1,", changed)
    headers = {**good, name: changed}
    for judge, refused in (
        (lambda: WebhookVerifier(NEW).verify(headers, body), WebhookInvalid),
        (lambda: Webhook(NEW).verify(body, headers), WebhookVerificationError),
    ):
        with nullcontext() if believed else pytest.raises(refused):
            judge()


def test_a_foreign_secret_opens_nothing() -> None:
    with pytest.raises(WebhookInvalid, match="no signature fits"):
        _verifier(OTHER).verify(GOOD, BODY)


def test_what_the_published_library_signs_is_believed() -> None:
    signature = Webhook(NEW).sign("msg", datetime.fromtimestamp(NOW, UTC), BODY.decode())
    headers = {"webhook-id": "msg", "webhook-timestamp": str(NOW), "webhook-signature": signature}
    assert _verifier(NEW).verify(headers, BODY)


def test_the_tolerance_is_the_receivers_to_choose() -> None:
    headers = signed("id", NOW - 600, BODY, [NEW])
    assert WebhookVerifier(NEW, tolerance_seconds=601, clock=lambda: NOW).verify(headers, BODY)
    with pytest.raises(WebhookInvalid):
        WebhookVerifier(NEW, tolerance_seconds=599, clock=lambda: NOW).verify(headers, BODY)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[1]", b"{", b'"text"'])
def test_a_signed_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookInvalid, match="JSON"):
        _verifier(NEW).verify(signed("id", NOW, body, [NEW]), body)


@pytest.mark.parametrize("wrong", [(), ("",), ("whsec_",), ("whsec_%%",), (NEW, "nö")])
def test_what_is_no_secret_is_told_at_once(wrong: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="secret"):
        WebhookVerifier(*wrong)


def test_secrets_are_not_shown() -> None:
    verifier = _verifier(NEW)
    key = base64.b64decode(NEW.removeprefix("whsec_"))
    assert NEW not in repr(verifier)
    assert repr(key) not in repr(verifier)


def test_the_event_in_a_message_is_a_message_of_the_contract() -> None:
    data = {
        "id": "e1", "type": "return.approved", "sequence": "17", "returnName": "tenants/acme/returns/r1",
        "changedPaths": "state,approvedTotal", "later": {"than": "this client"},
        "return": {"name": "tenants/acme/returns/r1", "state": "STATE_APPROVED", "etag": "2"},
    }  # fmt: skip
    event = event_in({"type": "return.approved", "timestamp": "2026-11-26T10:43:05Z", "data": data})
    assert event is not None
    assert (event.sequence, event.snapshot.etag, list(event.changed_paths.paths)) == (
        17,
        "2",
        ["state", "approved_total"],
    )
    assert event_in({"type": "webhook.test", "data": {}}) is None
    assert event_in({"type": "return.approved"}) is None


def _verifier(*secrets: str) -> WebhookVerifier:
    """At the time at which the messages here were signed, however long ago that is."""
    return WebhookVerifier(*secrets, clock=lambda: NOW)
