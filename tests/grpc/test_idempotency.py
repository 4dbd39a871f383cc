"""`request_id`: whoever repeats a request gets the first answer, and nothing happens twice."""

from __future__ import annotations

import grpc
import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from tests.support.messages import create, draft, new_request_id
from tests.support.methods import MUTATIONS, call
from tests.support.mutations import SUCCEEDING, dumped
from tests.support.scenes import claimed, filed, found, in_state, ordered
from tests.support.service import ALL, MovableClock, Refusal, Service, gathered, refused

SEVERAL = 50


def _mutable(tables: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: rows for name, rows in tables.items() if name != "instance"}


async def test_fifty_callers_with_one_request_id_make_one_return(service: Service) -> None:
    staff, order_id = service.client(), await ordered(service)
    request = create((order_id, "1", 1), request_id=new_request_id())
    answers = await gathered([staff.returns.CreateReturn(request) for _ in range(SEVERAL)])
    assert {answer.SerializeToString(deterministic=True) for answer in answers} == {
        answers[0].SerializeToString(deterministic=True)
    }
    assert answers[0].name
    assert await claimed(service, order_id) == 1
    listed = await staff.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", include_total_size=True))
    assert listed.total_size == 1
    events = await staff.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent="tenants/acme"))
    assert [event.request_id for event in events.events] == [request.request_id]


async def test_every_mutation_answers_a_repeat_as_the_first_time_and_does_nothing_more(service: Service) -> None:
    assert set(SUCCEEDING) == set(MUTATIONS)
    client = service.client(*ALL)
    for name, request_for in SUCCEEDING.items():
        request = await request_for(service)
        request.request_id = new_request_id()
        first = await call(client, name, request)
        before = _mutable(await dumped(service))
        for spelled in (request.request_id, request.request_id.upper()):
            request.request_id = spelled
            assert await call(client, name, request) == first, name
        assert _mutable(await dumped(service)) == before, name


async def test_another_payload_under_the_same_request_id_is_refused(service: Service) -> None:
    client = service.client(*ALL)
    for name, request_for in SUCCEEDING.items():
        request = await request_for(service)
        request.request_id = new_request_id()
        await call(client, name, request)
        other = await request_for(service)
        other.request_id = request.request_id
        with refused("REQUEST_ID_REUSED", grpc.StatusCode.INVALID_ARGUMENT):
            await call(client, name, other)


async def test_the_same_payload_for_another_method_is_another_request(service: Service) -> None:
    staff, ret, request_id = service.client(), await in_state(service, "pending"), new_request_id()
    await staff.returns.ApproveReturn(pb.ApproveReturnRequest(name=ret.name, request_id=request_id))
    with refused("REQUEST_ID_REUSED"):
        await staff.returns.CloseReturn(pb.CloseReturnRequest(name=ret.name, request_id=request_id))


async def test_a_request_id_is_each_callers_own(service: Service) -> None:
    order_id, request_id = await ordered(service), new_request_id()
    request = create((order_id, "1", 1), request_id=request_id)
    one = await service.client(subject="ann").returns.CreateReturn(request)
    two = await service.client(subject="ben").returns.CreateReturn(request)
    assert one.name != two.name
    other = await ordered(service, tenant="other")
    three = await service.client(tenant="other", subject="ann").returns.CreateReturn(
        create((other, "1", 1), tenant="other", request_id=request_id)
    )
    assert three.name.startswith("tenants/other/")


async def test_a_refusal_is_not_kept(service: Service) -> None:
    staff, order_id = service.client(), await ordered(service)
    holder = await staff.returns.CreateReturn(create((order_id, "1", 4)))
    request = create((order_id, "1", 1), request_id=new_request_id())
    with refused("QUANTITY_EXCEEDS_RETURNABLE"):
        await staff.returns.CreateReturn(request)
    await staff.returns.DeleteReturn(pb.DeleteReturnRequest(name=holder.name))
    assert (await staff.returns.CreateReturn(request)).name


async def test_a_repeat_is_answered_before_etag_and_state_are_looked_at(service: Service) -> None:
    staff, ret = service.client(), await in_state(service, "pending")
    request = pb.ApproveReturnRequest(name=ret.name, etag=ret.etag, request_id=new_request_id())
    first = await staff.returns.ApproveReturn(request)
    await staff.returns.CloseReturn(pb.CloseReturnRequest(name=ret.name))
    repeated = await staff.returns.ApproveReturn(request)
    first.ClearField("allowed_actions")
    repeated.ClearField("allowed_actions")
    assert repeated == first


async def test_a_repeat_is_authorised_first(service: Service) -> None:
    staff, ret = service.client(subject="ann"), await filed(service)
    request = pb.RejectReturnRequest(name=ret.name, request_id=new_request_id())
    request.reason.code = "NO"
    await staff.returns.RejectReturn(request)
    with refused("SCOPE_MISSING", grpc.StatusCode.PERMISSION_DENIED):
        await service.client("returns.returns_read", subject="ann").returns.RejectReturn(request)


async def test_a_deletion_repeated_answers_as_the_first_did(service: Service) -> None:
    staff, ret = service.client(), await filed(service)
    request = pb.DeleteReturnRequest(name=ret.name, etag=ret.etag, request_id=new_request_id())
    await staff.returns.DeleteReturn(request)
    await staff.returns.DeleteReturn(request)
    with refused("RETURN_NOT_FOUND"):
        await staff.returns.DeleteReturn(pb.DeleteReturnRequest(name=ret.name, request_id=new_request_id()))


async def test_a_create_is_repeatable_although_its_return_changed_or_went(service: Service) -> None:
    staff, order_id = service.client(), await ordered(service)
    request = create((order_id, "1", 1), request_id=new_request_id())
    first = await staff.returns.CreateReturn(request)
    await staff.returns.UpdateReturn(pb.UpdateReturnRequest(name=first.name, draft=draft(code="LATER")))
    assert (await staff.returns.CreateReturn(request)).reason == first.reason
    await staff.returns.DeleteReturn(pb.DeleteReturnRequest(name=first.name))
    repeated = await staff.returns.CreateReturn(request)
    assert (repeated.name, repeated.number, repeated.version) == (first.name, first.number, 1)
    assert await claimed(service, order_id) == 0


async def test_an_answer_is_kept_for_a_day_and_then_forgotten(service: Service, clock: MovableClock) -> None:
    assert service.app is not None
    order_id = await ordered(service)
    request = create((order_id, "1", 1), request_id=new_request_id())
    first = await service.client().returns.CreateReturn(request)
    clock.forward(23.9 * 3600)
    await service.app.timer.tick()
    assert (await service.client().returns.CreateReturn(request)).name == first.name
    clock.forward(1.1 * 3600)
    await service.app.timer.tick()
    second = await service.client().returns.CreateReturn(request)
    assert second.name != first.name
    assert await claimed(service, order_id) == 2


_UUID = "0b5e7a3c-9d41-4f0a-8c2e-1d6f3b7a9e55"


@pytest.mark.parametrize("request_id", ["x", "1234", f"{{{_UUID}}}", f"{_UUID}0", f"urn:uuid:{_UUID}", f" {_UUID}"])
async def test_a_request_id_is_a_uuid(service: Service, request_id: str) -> None:
    with refused("FIELD_INVALID") as caught:
        await service.client().returns.CreateReturn(create(("o1", "1", 1), request_id=request_id))
    assert caught[0].fields == ["request_id"]


async def test_fifty_racing_changes_under_ids_of_their_own_count_each(service: Service) -> None:
    staff, ret = service.client(), await filed(service)
    calls = [
        staff.returns.UpdateReturn(
            pb.UpdateReturnRequest(
                name=ret.name, draft=draft(code="", attributes={"n": number}), request_id=new_request_id()
            )
        )
        for number in range(SEVERAL)
    ]
    answers = await gathered(calls)
    assert not any(isinstance(answer, Refusal) for answer in answers)
    assert sorted(answer.version for answer in answers) == list(range(2, SEVERAL + 2))
    assert (await found(staff, ret.name)).version == SEVERAL + 1
