"""Issuers that may not say everything: whoever has the key of one speaks within its bounds alone."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.issuers import AuthFile
from returns_server.transport.claims import ScopeUnknown
from tests.support.messages import order
from tests.support.service import Client, Service, refused, serving
from tests.support.tokens import Key, key_set

pytestmark = pytest.mark.asyncio(loop_scope="module")

FREE, BOUND = "https://login.platform.example", "https://login.shop.example"
KEYS = {FREE: Key.new("free-1"), BOUND: Key.new("bound-1")}
STAFF, FEED = "returns.returns_manage", "returns.orders_manage"


def auth(folder: Path, **bounds: Any) -> AuthFile:
    """Two issuers, of which one is bound."""

    def issuer(name: str, file: str, **more: Any) -> dict[str, Any]:
        (folder / file).write_bytes(key_set(KEYS[name]))
        return {"issuer": name, "audiences": "returns", "algorithms": "ES256", "jwks_file": folder / file, **more}

    return AuthFile.model_validate({"issuers": [issuer(FREE, "free.json"), issuer(BOUND, "bound.json", **bounds)]})


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    folder = tmp_path_factory.mktemp("issuers")
    bounds = {"tenants": ["acme", "shop*"], "scopes": STAFF, "token_types": ["at+jwt"]}
    async with serving(folder / "data", auth_file=auth(folder, **bounds)) as served:
        yield served


def speaking(service: Service, issuer: str, tenant: str, scope: str = STAFF, **header: Any) -> Client:
    """A client with a token of this issuer about this tenant."""
    claims = {"iss": issuer, "aud": "returns", "exp": int(time.time()) + 600, "sub": "bob"}
    return service.client_with(KEYS[issuer].sign({**claims, "tenant": tenant, "scope": scope}, **header))


async def listed(client: Client, tenant: str) -> pb.ListReturnsResponse:
    return await client.returns.ListReturns(pb.ListReturnsRequest(parent=f"tenants/{tenant}"))


@pytest.mark.parametrize("tenant", ["acme", "shop", "shop24"])
async def test_an_issuer_speaks_for_its_own_tenants(service: Service, tenant: str) -> None:
    await listed(speaking(service, BOUND, tenant, typ="at+jwt"), tenant)


@pytest.mark.parametrize("tenant", ["other", "acme2", "acm", "sho", "myshop"])
async def test_an_issuer_speaks_for_no_other_tenant(service: Service, tenant: str) -> None:
    await listed(speaking(service, FREE, tenant), tenant)  # the control: an issuer without bounds may
    with refused("TOKEN_INVALID", grpc.StatusCode.UNAUTHENTICATED) as caught:
        await listed(speaking(service, BOUND, tenant, typ="at+jwt"), tenant)
    assert caught[0].message == "the token's issuer may not speak for its `tenant`"


async def test_a_bound_issuer_reaches_no_other_tenant_by_name(service: Service) -> None:
    with refused("TENANT_MISMATCH", grpc.StatusCode.PERMISSION_DENIED):
        await listed(speaking(service, BOUND, "acme", typ="at+jwt"), "other")


@pytest.mark.parametrize("scope", [FEED, f"{STAFF} {FEED}", "returns.returns_read_own"])
async def test_an_issuer_grants_no_scope_beyond_its_own(service: Service, scope: str) -> None:
    await _fed_or_listed(speaking(service, FREE, "acme", scope), scope)
    with refused("TOKEN_INVALID", grpc.StatusCode.UNAUTHENTICATED) as caught:
        await _fed_or_listed(speaking(service, BOUND, "acme", scope, typ="at+jwt"), scope)
    assert caught[0].message == "the token's issuer may not grant all of its `scope`"


@pytest.mark.parametrize("scope", [STAFF, "returns.returns_read", f"openid {STAFF} profile"])
async def test_what_its_scopes_imply_and_scopes_of_others_do_not_matter(service: Service, scope: str) -> None:
    await listed(speaking(service, BOUND, "acme", scope, typ="at+jwt"), "acme")


@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt", "AT+JWT"])
async def test_an_issuer_bound_to_a_type_of_tokens_may_write_it_as_it_likes(service: Service, typ: str) -> None:
    await listed(speaking(service, BOUND, "acme", typ=typ), "acme")


@pytest.mark.parametrize("typ", [None, "JWT", "", "jwt+at", "logout+jwt"])
async def test_an_issuer_bound_to_a_type_of_tokens_gives_no_other(service: Service, typ: str | None) -> None:
    with refused("TOKEN_INVALID", grpc.StatusCode.UNAUTHENTICATED) as caught:
        await listed(speaking(service, BOUND, "acme", typ=typ), "acme")
    assert "`typ`" in caught[0].message


async def test_a_scope_that_does_not_exist_is_named_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ScopeUnknown, match=r"RETURNS_AUTH_FILE: issuers\[1\].scopes: returns.returns_reed"):
        async with serving(tmp_path / "data", auth_file=auth(tmp_path, scopes=[STAFF, "returns.returns_reed"])):
            pass


async def _fed_or_listed(client: Client, scope: str) -> None:
    """A call that the scope opens."""
    if FEED in scope:
        await client.orders.UpsertOrder(orders_pb.UpsertOrderRequest(order=order("o1")))
    else:
        await listed(client, "acme")
