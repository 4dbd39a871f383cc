"""Key sets: rolled over without a restart, from files and from a real HTTP server, and never lost to a bad answer."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from returns_server.domain.errors import TokenInvalid
from returns_server.issuers import AuthFile
from returns_server.transport.authentication import TokenVerifier
from returns_server.transport.keys import MAX_KEY_SET_BYTES, KeySetInvalid, parse_key_set
from tests.support.tokens import START, Clock, Key, KeySetServer, key_set, key_set_server

ISSUER = "https://login.shop.example"
OLD = Key.new("old")
NEW = Key.new("new")


def token(key: Key, subject: str = "user-1") -> str:
    claims = {"iss": ISSUER, "aud": "returns", "exp": START // 1_000_000 + 86_400, "tenant": "acme", "sub": subject}
    return key.sign(claims)


def trusting(clock: Clock, *, refresh_seconds: float = 86_400, **where: Any) -> TokenVerifier:
    issuer = {"issuer": ISSUER, "audiences": "returns", "algorithms": "ES256", **where}
    return TokenVerifier(AuthFile.model_validate({"issuers": [issuer], "jwks_refresh_seconds": refresh_seconds}), clock)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


async def refused(verifier: TokenVerifier, presented: str) -> bool:
    try:
        await verifier.verify(presented)
    except TokenInvalid:
        return True
    return False


async def test_keys_roll_over_a_file_and_a_removed_key_ends_remembered_tokens(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "keys.json"
    path.write_bytes(key_set(OLD))
    async with trusting(clock, jwks_file=path) as verifier:
        caller = await verifier.verify(token(OLD))
        # A key that is announced works at once, whoever comes first.
        path.write_bytes(key_set(OLD, NEW))
        await verifier.verify(token(NEW))
        # A removed one is noticed when the file is looked at again.
        old = token(OLD)
        await verifier.verify(old)
        path.write_bytes(key_set(NEW))
        await verifier.verify(old)
        clock.advance(2)
        assert await refused(verifier, old)
        assert await refused(verifier, token(OLD))
        assert (await verifier.verify(token(NEW))) == caller


async def test_a_key_that_stays_keeps_its_tokens_remembered(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "keys.json"
    path.write_bytes(key_set(OLD))
    async with trusting(clock, jwks_file=path) as verifier:
        presented = token(OLD)
        caller = await verifier.verify(presented)
        path.write_bytes(key_set(NEW, OLD))
        clock.advance(2)
        assert await verifier.verify(presented) is caller


async def test_a_replaced_key_under_the_same_id_ends_the_old_one(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "keys.json"
    path.write_bytes(key_set(OLD))
    async with trusting(clock, jwks_file=path) as verifier:
        presented = token(OLD)
        await verifier.verify(presented)
        path.write_bytes(key_set(Key.new("old")))
        clock.advance(2)
        assert await refused(verifier, presented)


@pytest.mark.parametrize("broken", [b"", b"{", b'{"keys": 7}', None])
async def test_a_broken_or_missing_file_keeps_the_keys_until_it_is_whole_again(
    tmp_path: Path, broken: bytes | None
) -> None:
    clock, path = Clock(), tmp_path / "keys.json"
    path.write_bytes(key_set(OLD))
    async with trusting(clock, jwks_file=path) as verifier:
        if broken is None:
            path.unlink()
        else:
            path.write_bytes(broken)
        clock.advance(2)
        await verifier.verify(token(OLD))
        path.write_bytes(key_set(NEW))
        clock.advance(2)
        assert await refused(verifier, token(OLD))
        await verifier.verify(token(NEW))


async def test_a_clock_that_was_set_back_does_not_stop_the_checks(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "keys.json"
    path.write_bytes(key_set(OLD))
    async with trusting(clock, jwks_file=path) as verifier:
        clock.advance(-1000)
        path.write_bytes(key_set(NEW))
        assert await refused(verifier, token(OLD))


@pytest.mark.parametrize("content", [None, b"no keys"])
async def test_a_server_does_not_start_on_a_missing_or_wrong_key_file(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "keys.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KeySetInvalid, match=r"keys\.json"):
        async with trusting(Clock(), jwks_file=path):
            pass


async def test_keys_roll_over_http_when_a_token_names_an_unknown_one() -> None:
    clock = Clock()
    async with key_set_server(key_set(OLD)) as server, trusting(clock, jwks_url=server.url) as verifier:
        await verifier.verify(token(OLD))
        assert server.requests == 1
        server.body = key_set(NEW)
        clock.advance(10)
        await verifier.verify(token(NEW))
        assert server.requests == 2
        assert await refused(verifier, token(OLD))


async def test_keys_roll_over_http_in_the_background() -> None:
    clock, old = Clock(), token(OLD)
    async with (
        key_set_server(key_set(OLD)) as server,
        trusting(clock, refresh_seconds=1, jwks_url=server.url) as verifier,
    ):
        await verifier.verify(old)
        server.body = key_set(NEW)
        await until(lambda: server.requests > 1)
        await verifier.verify(token(NEW))
        # The clock stands still, so this is not the doing of a token with an unknown key.
        assert await refused(verifier, old)


async def test_unknown_keys_cause_one_fetch_at_a_time_and_few_in_all() -> None:
    clock = Clock()
    async with key_set_server(key_set(OLD)) as server, trusting(clock, jwks_url=server.url) as verifier:
        clock.advance(10)
        server.hold.clear()
        waiting = [asyncio.create_task(refused(verifier, token(NEW, f"user-{n}"))) for n in range(50)]
        await until(lambda: server.requests == 2)
        waiting[0].cancel()  # a caller that gives up must not take the fetch from the others
        server.body = key_set(OLD, NEW)
        server.hold.set()
        assert await asyncio.gather(*waiting[1:]) == [False] * 49
        assert server.requests == 2
        for n in range(50):
            assert await refused(verifier, token(Key.new("stranger"), f"user-{n}"))
        assert server.requests == 2
        clock.advance(10)
        assert await refused(verifier, token(Key.new("stranger")))
        assert server.requests == 3


def _down(server: KeySetServer) -> None:
    server.status = 500


def _garbled(server: KeySetServer) -> None:
    server.body = b"<html>"


def _endless(server: KeySetServer) -> None:
    server.body = key_set(NEW) + b" " * MAX_KEY_SET_BYTES


def _elsewhere(server: KeySetServer) -> None:
    server.status, server.body = 302, key_set(NEW)


def _compressed(server: KeySetServer) -> None:
    server.body, server.encoding = gzip.compress(key_set(NEW)), "gzip"


@pytest.mark.parametrize("trouble", [_down, _garbled, _endless, _elsewhere, _compressed])
async def test_a_bad_answer_keeps_the_keys_known(trouble: Callable[[KeySetServer], None]) -> None:
    clock = Clock()
    async with key_set_server(key_set(OLD)) as server, trusting(clock, jwks_url=server.url) as verifier:
        trouble(server)
        clock.advance(10)
        assert await refused(verifier, token(NEW))
        assert server.requests == 2
        await verifier.verify(token(OLD))


async def test_a_server_starts_while_the_issuer_is_down_and_trusts_it_once_it_is_up() -> None:
    clock = Clock()
    async with key_set_server(key_set(OLD)) as server:
        server.status = 503
        async with trusting(clock, jwks_url=server.url) as verifier:
            assert await refused(verifier, token(OLD))
            server.status = 200
            clock.advance(10)
            await verifier.verify(token(OLD))


async def test_an_issuer_that_does_not_answer_holds_nobody_up_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    async with key_set_server(key_set(OLD)) as server, trusting(clock, jwks_url=server.url) as verifier:
        monkeypatch.setattr("returns_server.transport.keys.FETCH_TIMEOUT_SECONDS", 0.2)
        server.hold.clear()
        clock.advance(10)
        assert await refused(verifier, token(NEW))
        await verifier.verify(token(OLD))


async def test_leaving_ends_all_tasks() -> None:
    before = asyncio.all_tasks()
    clock = Clock()
    async with key_set_server(key_set(OLD)) as server:
        async with trusting(clock, jwks_url=server.url) as verifier:
            clock.advance(10)
            server.hold.clear()
            pending = asyncio.create_task(refused(verifier, token(NEW)))
            await until(lambda: server.requests == 2)
            pending.cancel()
        server.hold.set()
        await asyncio.wait([pending])
        left = {task.get_name() for task in asyncio.all_tasks() - before if "keys" in task.get_name()}
    assert left == set()


def weak_rsa() -> dict[str, Any]:
    return Key("weak", "RS256", rsa.generate_private_key(65_537, 1024)).jwk()


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret", "alg": "HS256"},
        OLD.jwk(use="enc"),
        OLD.jwk(key_ops=["sign"]),
        OLD.jwk(alg="ES384"),
        OLD.jwk(alg="none"),
        OLD.jwk(kty="RSA"),
        OLD.jwk(crv="P-384"),
        OLD.jwk(crv="secp256k1"),
        OLD.jwk(x="AAAA"),
        OLD.jwk(x=None),
        OLD.jwk(x=7),
        OLD.jwk(kty=["EC"]),
        OLD.jwk(kid=7),
        weak_rsa(),
        "no object",
        None,
    ],
)
def test_a_key_that_is_not_for_this_is_left_out_and_its_neighbours_stay(entry: object) -> None:
    (kept,) = parse_key_set(json.dumps({"keys": [entry, NEW.jwk()]}).encode())
    assert kept.id == "new"
    assert kept.algorithms == {"ES256"}


def test_a_leaked_private_key_is_not_kept() -> None:
    secret = json.loads(key_set(OLD))["keys"][0] | {"d": "AAAA"}
    (key,) = parse_key_set(json.dumps({"keys": [secret]}).encode())
    assert not hasattr(key.public, "private_numbers")


@pytest.mark.parametrize(
    "document",
    [b"", b"7", b"[]", b"{}", b'{"keys": {}}', b"\xff", b"[" * 100_000, b'{"keys": [' + b"1," * 100 + b"1]}"],
)
def test_what_is_no_key_set_is_refused(document: bytes) -> None:
    with pytest.raises(KeySetInvalid):
        parse_key_set(document)
