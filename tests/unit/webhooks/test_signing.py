"""Signatures as Standard Webhooks says: its own vectors, and its published library."""

from __future__ import annotations

import json
import secrets
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from returns_server.webhooks.signing import MAX_SIGNATURES, key_of, new_secret, signed

# From the specification's own test suite.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_vector_of_the_specification() -> None:
    assert signed(MESSAGE_ID, TIMESTAMP, BODY, [SECRET]) == {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": str(TIMESTAMP),
        "webhook-signature": SIGNATURE,
    }


@given(body=st.dictionaries(st.text(), st.text()).map(lambda one: json.dumps(one).encode()))
def test_the_published_library_accepts_us(body: bytes) -> None:
    secret = new_secret(secrets.token_bytes)
    Webhook(secret).verify(body, signed("id-1", int(time.time()), body, [secret]))


def test_any_of_several_secrets_verifies_and_no_other() -> None:
    old, new, other = (new_secret(secrets.token_bytes) for _ in range(3))
    headers = signed("id-1", int(time.time()), b"{}", [new, old])
    for known in (old, new):
        Webhook(known).verify(b"{}", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(b"{}", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(b"{ }", headers)


def test_the_newest_secrets_sign_however_many_there_are() -> None:
    many = [new_secret(secrets.token_bytes) for _ in range(50)]
    signatures = signed("id", 1, b"", many)["webhook-signature"].split(" ")
    assert len(signatures) == MAX_SIGNATURES
    assert signatures[0] == signed("id", 1, b"", many[:1])["webhook-signature"]


def test_a_new_secret_has_the_form_and_the_length_of_the_specification() -> None:
    secret = new_secret(secrets.token_bytes)
    assert secret.startswith("whsec_")
    assert 24 <= len(key_of(secret)) <= 64
    for wrong in ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_***"):
        with pytest.raises(ValueError, match="whsec_"):
            key_of(wrong)
