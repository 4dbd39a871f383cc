"""Who may call what: every method of the contract with every scope, and every kind of bad token."""

from __future__ import annotations

from typing import Any

import grpc
import jwt
import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.application.authorisation import METHODS as TABLE
from returns_server.application.caller import Scope
from returns_server.devtokens import development_key
from tests.support.messages import create
from tests.support.methods import METHODS, about, call
from tests.support.scenes import filed, found, only_order, ordered
from tests.support.service import Refusal, Service, outcome, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")

RETURNS_SCOPES = {Scope.READ, Scope.READ_OWN, Scope.MANAGE, Scope.MANAGE_OWN}
READERS = RETURNS_SCOPES
WRITERS = {Scope.MANAGE, Scope.MANAGE_OWN}
STAFF = {Scope.MANAGE}
FEED = {Scope.ORDERS_MANAGE}
MAY: dict[str, set[Scope]] = {
    "ReturnsService/CreateReturn": WRITERS,
    "ReturnsService/GetReturn": READERS,
    "ReturnsService/BatchGetReturns": READERS,
    "ReturnsService/ListReturns": READERS,
    "ReturnsService/UpdateReturn": WRITERS,
    "ReturnsService/ApproveReturn": STAFF,
    "ReturnsService/RejectReturn": STAFF,
    "ReturnsService/RecordReceipt": STAFF,
    "ReturnsService/CloseReturn": WRITERS,
    "ReturnsService/ReopenReturn": STAFF,
    "ReturnsService/DeleteReturn": STAFF,
    "ReturnsService/ListReturnableItems": READERS,
    "ReturnsService/ListReturnEvents": READERS,
    "ReturnsService/StreamReturnEvents": READERS,
    "OrdersService/ImportOrders": FEED,
    "OrdersService/UpsertOrder": FEED,
    "OrdersService/GetOrder": READERS | FEED,
    "OrdersService/ListOrders": READERS | FEED,
    "PolicyService/GetReturnPolicy": READERS | {Scope.POLICY_MANAGE, Scope.ORDERS_MANAGE, Scope.WEBHOOKS_MANAGE},
    "PolicyService/UpdateReturnPolicy": {Scope.POLICY_MANAGE},
    "PrivacyService/ExportPerson": {Scope.PRIVACY_MANAGE},
    "PrivacyService/ErasePerson": {Scope.PRIVACY_MANAGE},
} | {name: {Scope.WEBHOOKS_MANAGE} for name in METHODS if name.startswith("WebhooksService/")}
"""The table of the contract (section 4), written down once more so that a slip in the code shows."""


async def test_every_method_of_the_contract_is_in_the_table() -> None:
    assert set(MAY) == set(METHODS) == set(TABLE)


@pytest.mark.parametrize("name", METHODS)
async def test_a_method_opens_to_its_scopes_alone(shared: Service, name: str) -> None:
    opened = set()
    for scope in Scope:
        answer = await outcome(call(shared.client(scope), name, about(name)))
        if not (isinstance(answer, Refusal) and answer.reason == "SCOPE_MISSING"):
            opened.add(scope)
        else:
            assert answer.code is grpc.StatusCode.PERMISSION_DENIED
    assert opened == MAY[name]


@pytest.mark.parametrize("name", METHODS)
async def test_a_call_without_a_token_learns_nothing(shared: Service, name: str) -> None:
    with refused("TOKEN_MISSING", grpc.StatusCode.UNAUTHENTICATED):
        await call(shared.client_with(None), name, about(name))
    # Nor does it learn whether the request was well formed.
    with refused("TOKEN_MISSING", grpc.StatusCode.UNAUTHENTICATED):
        await call(shared.client_with(None), name, METHODS[name].request_type())


def _token(service: Service, **changed: Any) -> str:
    """A token like staff's but for these claims; None leaves one out."""
    key = development_key(service.data_dir)
    good = jwt.decode(service.token("returns.returns_manage"), options={"verify_signature": False})
    claims = {name: value for name, value in {**good, **changed}.items() if value is not None}
    return jwt.encode(claims, key.private, algorithm="ES256", headers={"kid": key.id})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://elsewhere.invalid"}, "TOKEN_INVALID"),
        ({"iss": None}, "TOKEN_INVALID"),
        ({"aud": "another-service"}, "TOKEN_INVALID"),
        ({"aud": None}, "TOKEN_INVALID"),
        ({"exp": 1_000_000_000}, "TOKEN_EXPIRED"),
        ({"exp": None}, "TOKEN_INVALID"),
        ({"tenant": None}, "TOKEN_INVALID"),
        ({"tenant": "-"}, "TOKEN_INVALID"),
        ({"tenant": "Acme"}, "TOKEN_INVALID"),
        ({"sub": None}, "TOKEN_INVALID"),
        ({"sub": ""}, "TOKEN_INVALID"),
        ({"scope": None}, "SCOPE_MISSING"),
        ({"scope": ""}, "SCOPE_MISSING"),
        ({"scope": "returns.returns_managers"}, "SCOPE_MISSING"),
    ],
    ids=str,
)
async def test_a_token_with_wrong_claims_opens_nothing(shared: Service, changed: dict[str, Any], reason: str) -> None:
    client = shared.client_with(_token(shared, **changed))
    with refused(reason) as caught:
        await client.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme"))
    denied = reason == "SCOPE_MISSING"
    assert caught[0].code is (grpc.StatusCode.PERMISSION_DENIED if denied else grpc.StatusCode.UNAUTHENTICATED)


async def test_a_token_that_is_not_signed_by_a_known_key_opens_nothing(shared: Service) -> None:
    good = shared.token("returns.returns_manage")
    claims = jwt.decode(good, options={"verify_signature": False})
    head, body, signature = good.split(".")
    for bad in (
        "garbage",
        "a.b.c",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-8]}AAAAAAAA",
        jwt.encode(claims, key="", algorithm="none"),
        jwt.encode(claims, "a shared secret that is long enough for it", algorithm="HS256", headers={"kid": "x"}),
    ):
        with refused("TOKEN_INVALID", grpc.StatusCode.UNAUTHENTICATED):
            await shared.client_with(bad).returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme"))


async def test_a_call_with_two_tokens_is_refused_whichever_comes_first(shared: Service) -> None:
    request, method = pb.ListReturnsRequest(parent="tenants/acme"), shared.client_with(None).returns.ListReturns
    mine, others = (f"Bearer {shared.token(*STAFF, tenant=tenant)}" for tenant in ("acme", "other"))
    await method(request, metadata=[("authorization", mine), ("x-other", "1"), ("x-other", "2")])
    for pair in ((mine, others), (others, mine), (mine, mine)):
        with refused("TOKEN_INVALID", grpc.StatusCode.UNAUTHENTICATED) as caught:
            await method(request, metadata=[("authorization", one) for one in pair])
        assert "more than once" in caught[0].message


async def test_the_wide_scope_wins_over_the_own_one(shared: Service) -> None:
    ret = await filed(shared)
    both = shared.client(Scope.READ_OWN, Scope.READ, subject="sub-c2", customer_id="c2")
    assert (await found(both, ret.name)).name == ret.name
    manager = shared.client(Scope.MANAGE_OWN, Scope.MANAGE, subject="sub-c2", customer_id="c2")
    order_id = await ordered(shared)
    filed_for_c1 = await manager.returns.CreateReturn(create((order_id, "1", 1)))
    assert filed_for_c1.requestor.customer_id == "c1"


async def test_a_reader_of_all_who_manages_its_own_changes_its_own_alone(shared: Service) -> None:
    ret = await filed(shared)
    mixed = shared.client(Scope.MANAGE_OWN, Scope.READ, subject="sub-c2", customer_id="c2")
    assert (await found(mixed, ret.name)).name == ret.name
    with refused("RETURN_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
        await mixed.returns.CloseReturn(pb.CloseReturnRequest(name=ret.name))
    with refused("ORDER_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
        await mixed.returns.CreateReturn(create((only_order(ret), "2", 1)))


async def test_a_customer_id_is_the_subject_where_the_token_has_none(shared: Service) -> None:
    order_id = await ordered(shared, customer_id="just-a-subject")
    client = shared.client(Scope.MANAGE_OWN, subject="just-a-subject")
    ret = await client.returns.CreateReturn(create((order_id, "1", 1)))
    assert ret.requestor.customer_id == "just-a-subject"


async def test_manage_implies_read(shared: Service) -> None:
    ret = await filed(shared)
    assert (await found(shared.client(Scope.MANAGE), ret.name)).name == ret.name
    assert (await found(shared.client(Scope.MANAGE_OWN, subject="c1"), ret.name)).name == ret.name
