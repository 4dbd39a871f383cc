"""Updates: etags keep one from undoing another, masks say what is meant, and what changes nothing leaves no trace."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import MessageToDict
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import policy_service_pb2 as policy_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.party_pb2 import Approver
from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.return_pb2 import Return
from tests.support.messages import create, draft, line, order
from tests.support.methods import call
from tests.support.mutations import EXISTING, POLICY, dumped, etag_of
from tests.support.scenes import VERBS, claimed, filed, found, only_order, ordered, tried
from tests.support.service import ALL, Refusal, Service, gathered, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")


# An endpoint's etag is over what callers set: a new secret and a test message leave it as it is.
ETAG_STAYS = {"WebhooksService/RotateWebhookSecret", "WebhooksService/TestWebhookEndpoint"}


@pytest.mark.parametrize("name", [name for name in EXISTING if name not in ETAG_STAYS])
async def test_of_two_changes_with_one_etag_exactly_one_wins(shared: Service, name: str) -> None:
    request = await EXISTING[name](shared)
    rivals = [type(request).FromString(request.SerializeToString()) for _ in range(2)]
    for rival in rivals:
        rival.etag = await etag_of(shared, request)
    # Each of its own, or the second would find done what it wants.
    match name.partition("/")[2]:
        case "UpdateReturn":
            rivals[1].draft.reason.code = "ANOTHER"
        case "UpsertOrder":
            rivals[1].order.lines[0].quantity += 1
        case "UpdateReturnPolicy":
            rivals[1].return_policy.return_window.seconds -= 86_400
        case "RecordReceipt":
            rivals[1].receipt_id = "another"
        case _:
            pass
    answers = await gathered([call(shared.client(*ALL), name, rival) for rival in rivals])
    lost = [answer for answer in answers if isinstance(answer, Refusal)]
    assert len(lost) == 1
    if "/Delete" in name:
        assert lost[0].reason in {"RETURN_NOT_FOUND", "WEBHOOK_ENDPOINT_NOT_FOUND"}
        return
    assert (lost[0].reason, lost[0].code) == ("ETAG_MISMATCH", grpc.StatusCode.ABORTED)
    assert lost[0].metadata["etag"] == await etag_of(shared, request)


@pytest.mark.parametrize("name", sorted(ETAG_STAYS))
async def test_what_sets_nothing_leaves_the_etag_as_it_was(shared: Service, name: str) -> None:
    request = await EXISTING[name](shared)
    request.etag = before = await etag_of(shared, request)
    await call(shared.client(*ALL), name, request)
    assert await etag_of(shared, request) == before


async def test_a_returns_etag_is_its_version_for_everyone(shared: Service) -> None:
    ret = await filed(shared)
    for client in (shared.client(), shared.customer("c1")):
        assert (await found(client, ret.name)).etag == ret.etag == "1"


@pytest.mark.parametrize("name", EXISTING)
async def test_an_old_etag_changes_nothing(shared: Service, name: str) -> None:
    request = await EXISTING[name](shared)
    request.etag = "0"
    before = await dumped(shared)
    with refused("ETAG_MISMATCH", grpc.StatusCode.ABORTED):
        await call(shared.client(*ALL), name, request)
    assert await dumped(shared) == before


async def test_where_the_policy_requires_an_etag_every_change_of_a_return_needs_one(shared: Service) -> None:
    tenant = "strict"
    order_id = await ordered(shared, tenant=tenant)
    client = shared.client(*ALL, tenant=tenant)
    policy = ReturnPolicy(name=f"tenants/{tenant}/returnPolicy", require_etag=True)
    await client.policy.UpdateReturnPolicy(policy_pb.UpdateReturnPolicyRequest(return_policy=policy))
    ret = await client.returns.CreateReturn(create((order_id, "1", 1), tenant=tenant))
    for verb in VERBS:
        with refused("FIELD_INVALID") as caught:
            await tried(client, verb, ret.name)
        assert caught[0].fields == ["etag"]
    assert (await tried(client, "APPROVE", ret.name, etag=ret.etag)).version == 2


def _drafted() -> Any:
    """A draft that says something in every field but orders."""
    return draft(
        code="OTHER",
        attributes={"a": 1, "b": {"c": 2}},
        requestor={"customer_id": "c1", "first_name": "Ada"},
        approver=Approver(type=Approver.TYPE_GROUP, id="desk"),
        expire_time=Timestamp(seconds=4_000_000_000),
    )


async def _updated(shared: Service, ret: Return, drafted: Any, *paths: str) -> Return:
    mask = FieldMask(paths=paths) if paths else None
    request = pb.UpdateReturnRequest(name=ret.name, draft=drafted, update_mask=mask)
    answer: Return = await shared.client(user_type="SERVICE").returns.UpdateReturn(request)
    return answer


CHANGED: dict[tuple[str, ...], set[str]] = {
    (): {"reason", "attributes", "requestor", "approver", "expire_time"},
    ("reason",): {"reason"},
    ("reason.code",): {"reason"},
    ("approver",): {"approver"},
    ("requestor.first_name",): {"requestor"},
    ("attributes",): {"attributes"},
    ("attributes.b.c",): {"attributes"},
    ("expire_time", "reason"): {"expire_time", "reason"},
    ("state",): set(),
    ("version", "etag", "total.gross", "name", "allowed_actions"): set(),
    ("number", "reason"): {"reason"},
}
"""What a mask lets through of a draft that says something in every field."""


@pytest.mark.parametrize("paths", CHANGED, ids=lambda paths: ",".join(paths) or "absent")
async def test_a_mask_says_which_fields_are_taken(shared: Service, paths: tuple[str, ...]) -> None:
    ret = await found(shared.client(), (await filed(shared)).name)
    after = await _updated(shared, ret, _drafted(), *paths)
    differing = {
        field.name for field in Return.DESCRIPTOR.fields if getattr(after, field.name) != getattr(ret, field.name)
    } - {"version", "etag", "update_time"}
    assert differing == CHANGED[paths]
    assert after.version == ret.version + bool(CHANGED[paths])


async def test_an_empty_mask_is_an_absent_one(shared: Service) -> None:
    ret = await filed(shared)
    request = pb.UpdateReturnRequest(name=ret.name, draft=draft(code="OTHER"), update_mask=FieldMask())
    assert (await shared.client().returns.UpdateReturn(request)).reason.code == "OTHER"


async def test_a_star_takes_all_that_the_caller_may_set(shared: Service) -> None:
    ret = await filed(shared, attributes={"old": 1})
    items = (only_order(ret), "1", 2)
    request = pb.UpdateReturnRequest(name=ret.name, draft=draft(items, code="NEW"), update_mask=FieldMask(paths=["*"]))
    after = await shared.customer("c1").returns.UpdateReturn(request)
    assert (after.reason.code, len(after.attributes.fields)) == ("NEW", 0)
    assert await claimed(shared, only_order(ret)) == 2
    assert after.requestor == ret.requestor


@pytest.mark.parametrize(
    "path",
    [
        "nonsense",
        "reason.nonsense",
        "Reason",
        "orders.items",
        "requestor.",
        "attributes.",
        "draft.reason",
        "",
        " reason",
    ],
)
async def test_an_unknown_path_is_refused(shared: Service, path: str) -> None:
    ret = await filed(shared)
    with refused("FIELD_INVALID") as caught:
        await _updated(shared, ret, _drafted(), path)
    assert caught[0].fields[0].startswith("update_mask")


@pytest.mark.parametrize("path", ["orders", "reason", "requestor", "expire_time", "submitter"])
async def test_a_required_field_cannot_be_cleared(shared: Service, path: str) -> None:
    ret = await filed(shared)
    with refused("FIELD_INVALID"):
        await _updated(shared, ret, draft(code=""), path)
    assert (await found(shared.client(), ret.name)).version == 1


async def test_attributes_are_set_and_removed_key_by_key(shared: Service) -> None:
    ret = await filed(shared, attributes={"keep": 1, "drop": 2, "deep": {"x": 1, "y": 2}})
    drafted = draft(code="", attributes={"new": 3, "deep": {"y": 9}})
    after = await _updated(shared, ret, drafted, "attributes.new", "attributes.drop", "attributes.deep.y")
    assert MessageToDict(after.attributes)["deep"] == {"x": 1, "y": 9}
    assert set(after.attributes.fields) == {"keep", "new", "deep"}


async def test_an_update_that_changes_nothing_leaves_no_trace(shared: Service) -> None:
    ret = await filed(shared, attributes={"a": 1})
    before = await dumped(shared)
    same = draft((only_order(ret), "1", 4), code=ret.reason.code, attributes={"a": 1})
    for paths in ((), ("*",), ("reason",), ("attributes.a",), ("attributes.none",), ("state",)):
        request = pb.UpdateReturnRequest(name=ret.name, draft=same, update_mask=FieldMask(paths=paths))
        after = await shared.customer("c1").returns.UpdateReturn(request)
        assert (after.version, after.etag, after.update_time) == (ret.version, ret.etag, ret.update_time)
    now = await dumped(shared)
    assert {name for name in now if now[name] != before[name]} <= {"idempotency_keys"}


async def test_an_orders_etag_is_over_what_the_shop_says(shared: Service) -> None:
    client = shared.client(*ALL)
    said = order("etag", line("1", 4, 1000))
    first = await client.orders.UpsertOrder(orders_pb.UpsertOrderRequest(order=said))
    await client.returns.CreateReturn(create(("etag", "1", 1)))
    claimed_ = await client.orders.GetOrder(orders_pb.GetOrderRequest(name=said.name))
    assert (claimed_.etag, claimed_.lines[0].returned_quantity) == (first.etag, 1)
    again = await client.orders.UpsertOrder(orders_pb.UpsertOrderRequest(order=said, etag=first.etag))
    assert (again.etag, again.update_time) == (first.etag, first.update_time)
    said.lines[0].product_name = "another name"
    changed = await client.orders.UpsertOrder(orders_pb.UpsertOrderRequest(order=said, etag=first.etag))
    assert changed.etag != first.etag
    assert (changed.create_time, changed.lines[0].returned_quantity) == (first.create_time, 1)


async def test_a_policys_etag_is_over_what_the_shop_sets(shared: Service) -> None:
    client, name = shared.client(*ALL, tenant="setter"), "tenants/setter/returnPolicy"

    async def set_etag(require: bool, etag: str = "") -> ReturnPolicy:
        policy = ReturnPolicy(name=name, require_etag=require)
        mask = FieldMask(paths=["require_etag"])
        request = policy_pb.UpdateReturnPolicyRequest(return_policy=policy, update_mask=mask, etag=etag)
        answer: ReturnPolicy = await client.policy.UpdateReturnPolicy(request)
        return answer

    default = await client.policy.GetReturnPolicy(policy_pb.GetReturnPolicyRequest(name=name))
    assert default.expire_after.seconds == 30 * 86_400
    assert not default.HasField("create_time")
    changed = await set_etag(True, default.etag)
    assert changed.etag != default.etag
    assert await set_etag(True) == changed
    with refused("ETAG_MISMATCH"):
        await set_etag(False, default.etag)
    assert (await set_etag(False)).etag == default.etag


@pytest.mark.parametrize("path", ["nonsense", "reasons.code", ""])
async def test_an_unknown_path_of_the_policy_is_refused(shared: Service, path: str) -> None:
    request = policy_pb.UpdateReturnPolicyRequest(
        return_policy=ReturnPolicy(name=POLICY), update_mask=FieldMask(paths=[path])
    )
    with refused("FIELD_INVALID") as caught:
        await shared.client(*ALL).policy.UpdateReturnPolicy(request)
    assert caught[0].fields[0].startswith("update_mask")
