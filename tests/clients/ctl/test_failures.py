"""What `returnsctl` says when something goes wrong, and the exit code it ends with."""

from __future__ import annotations

import pytest

from commerce.returns.v1.errors_pb2 import ErrorReason
from returnsctl.failures import ADVICE
from tests.support.ctl import Desk


def test_every_reason_has_advice_and_no_other() -> None:
    reasons = {name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()}  # noqa: SIM118 - an enum, no dict
    assert set(ADVICE) == reasons - {"UNSPECIFIED"}
    assert all(len(sentence) < 120 and sentence.endswith(".") for sentence in ADVICE.values())


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("returns", "list", "--filter", "nonsense=1"), 2, "FILTER_INVALID"),
        (("events", "list", "--after", "nonsense"), 2, "CURSOR_INVALID"),
        (("returns", "get", "nothing"), 3, "RETURN_NOT_FOUND"),
        (("returns", "get", "R-999999"), 3, "RETURN_NOT_FOUND"),
        (("returns", "create", "-i", "7/7=7", "--reason", "X"), 3, "ORDER_NOT_FOUND"),
        (("webhooks", "attempts", "nothing", "7"), 3, "WEBHOOK_ENDPOINT_NOT_FOUND"),
        (("--tenant", "another", "returns", "list"), 4, "TENANT_MISMATCH"),
        (("returns", "create", "-i", "1001/1=4", "--reason", "X"), 5, "QUANTITY_EXCEEDS_RETURNABLE"),
        (("webhooks", "create", "https://10.0.0.1/hook"), 5, "TARGET_REFUSED"),
    ],
)
def test_a_refusal_has_its_exit_code_and_its_advice(
    shop: Desk, arguments: tuple[str, ...], code: int, reason: str
) -> None:
    ended, said = shop.refused(*arguments)
    assert (ended, said["reason"], said["advice"]) == (code, reason, ADVICE[reason])
    people = shop.run(*arguments)
    assert (people.exit_code, people.stdout) == (code, "")
    assert people.stderr.startswith(f"Error: {reason}: ")
    assert f"What to do: {ADVICE[reason]}" in people.stderr


def test_the_facts_of_a_refusal_are_told(shop: Desk) -> None:
    _, said = shop.refused("returns", "create", "-i", "1001/1=4", "--reason", "X")
    assert said["metadata"] == {"order": "1001", "line_id": "1", "requested": "4", "available": "3"}
    people = shop.run("returns", "create", "-i", "1001/1=4", "--reason", "X")
    assert "available=3  line_id=1  order=1001  requested=4" in people.stderr


def test_who_comes_too_late_hears_what_is_there_now(shop: Desk) -> None:
    ret = shop.filed()
    shop.ok("returns", "update", ret, "--reason", "OTHER")
    code, said = shop.refused("returns", "approve", ret, "--etag", "1")
    assert (code, said["reason"], said["metadata"]["etag"]) == (5, "ETAG_MISMATCH", "2")


def test_tokens_that_do_not_do_are_told_apart(shop: Desk) -> None:
    for token, reason in {"": "TOKEN_MISSING", "x.y.z": "TOKEN_INVALID"}.items():
        result = shop.run("returns", "list", RETURNSCTL_TOKEN=token)
        assert (result.exit_code, result.stderr.split()[1]) == (4, f"{reason}:")
        assert "x.y.z" not in result.stderr


def test_a_server_that_is_not_there_is_told_with_its_address(desk: Desk) -> None:
    result = desk.run("--timeout", "1", "returns", "list", RETURNSCTL_ADDRESS="127.0.0.1:1")
    assert result.exit_code == 6
    assert "127.0.0.1:1" in result.stderr
    assert "What to do: " in result.stderr
    assert "Traceback" not in result.stderr


def test_who_repeats_a_lost_change_hears_the_request_id(desk: Desk) -> None:
    request_id = "0b6e5f0e-8a11-4b39-9a51-0f4e1f8f0e11"
    closing = ("returns", "close", "some-id", "--request-id", request_id)
    result = desk.run("--timeout", "1", *closing, RETURNSCTL_ADDRESS="127.0.0.1:1")
    assert f"request_id={request_id}" in result.stderr
