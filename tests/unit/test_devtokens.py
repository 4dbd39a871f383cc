"""The development key: made once, for its owner only, and verified like any other issuer's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from returns_server.application.caller import Scope
from returns_server.devtokens import KEY_FILE, development_auth, development_key, mint_token
from returns_server.domain.errors import TokenExpired, TokenInvalid
from returns_server.domain.returns import UserType
from returns_server.transport.authentication import TokenVerifier
from tests.support.tokens import START, Clock


def test_the_key_is_made_once_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    key = development_key(folder)
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert development_key(folder).id == key.id
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]
    assert "private" not in repr(key)
    assert "d" not in key.key_set()["keys"][0]


def test_processes_that_start_together_share_the_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: development_key(tmp_path), range(32)))
    assert len({key.id for key in keys}) == 1


def test_another_kind_of_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("something else")
    with pytest.raises(ValueError, match=r"PEM|key"):
        development_key(tmp_path)


async def test_a_development_token_carries_what_was_asked_for(tmp_path: Path) -> None:
    clock = Clock()
    token = mint_token(
        development_key(tmp_path),
        START,
        tenant="acme",
        scopes=["returns.returns_manage", "returns.orders_manage"],
        subject="clerk-1",
        customer_id="customer-7",
        email="Clerk@Shop.example",
        email_verified=True,
        given_name="Grace",
        family_name="Hopper",
        user_type="SERVICE",
        ttl_seconds=60,
    )
    async with TokenVerifier(development_auth(tmp_path), clock) as verifier:
        caller = await verifier.verify(token)
        assert (caller.tenant, caller.subject, caller.customer_id) == ("acme", "clerk-1", "customer-7")
        assert caller.scopes == {Scope.MANAGE, Scope.READ, Scope.ORDERS_MANAGE}
        assert caller.verified_email == "clerk@shop.example"
        assert (caller.first_name, caller.last_name, caller.user_type) == ("Grace", "Hopper", UserType.SERVICE)
        clock.advance(90)
        with pytest.raises(TokenExpired):
            await verifier.verify(token)


async def test_the_key_of_another_folder_is_not_trusted(tmp_path: Path) -> None:
    token = mint_token(development_key(tmp_path / "a"), START, tenant="acme", scopes=[], subject="clerk-1")
    async with TokenVerifier(development_auth(tmp_path / "b"), Clock()) as verifier:
        with pytest.raises(TokenInvalid, match="does not publish"):
            await verifier.verify(token)
