"""Load that remembers what was acknowledged, and a look at whether it is still there."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from google.protobuf.field_mask_pb2 import FieldMask

from commerce.returns.v1 import return_pb2, returns_service_pb2
from tests.support.messages import create, feed, line, new_request_id, order, reason
from tests.support.service import ALL, Client, Service

State = return_pb2.Return.State

LINES = 40
UNITS = 60
_GONE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN)


@dataclass
class Acknowledged:
    """Returns by name as they were last acknowledged (None: deleted), and requests with what they were answered.

    `uncertain` holds the returns whose last change was cut off: it may have happened or not.
    """

    returns: dict[str, return_pb2.Return | None] = field(default_factory=dict)
    answers: list[tuple[returns_service_pb2.CreateReturnRequest, return_pb2.Return]] = field(default_factory=list)
    uncertain: set[str] = field(default_factory=set)
    refused: int = 0


async def stock(service: Service) -> None:
    """Orders with enough units for a while, and few enough that callers get in each other's way."""
    client = service.client(*ALL)
    await feed(client, *(order(f"o{i}", line("1", UNITS, 1001), line("2", UNITS, 997)) for i in range(LINES)))


async def change_until_cut(service: Service, known: Acknowledged, callers: int, chance: random.Random) -> None:
    """Change returns from so many callers until the server no longer answers."""
    client = service.client(*ALL)
    await asyncio.gather(*(_caller(client, known, random.Random(chance.random())) for _ in range(callers)))


async def _caller(client: Client, known: Acknowledged, chance: random.Random) -> None:
    while True:
        request = create(
            (f"o{chance.randrange(LINES)}", "1", chance.randint(1, 3)),
            (f"o{chance.randrange(LINES)}", "2", 1),
            request_id=new_request_id(),
        )
        name = ""
        try:
            filed = await client.returns.CreateReturn(request, timeout=10)
            known.returns[filed.name] = filed
            known.answers.append((request, filed))
            name = filed.name
            for verb in _story(chance):
                known.uncertain.add(name)
                changed = await _do(client, verb, name)
                known.returns[name] = changed
                known.uncertain.discard(name)
        except grpc.aio.AioRpcError as error:
            if error.code() in _GONE:
                return
            if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                raise
            known.uncertain.discard(name)
            known.refused += 1


def _story(chance: random.Random) -> list[str]:
    return chance.choice(
        [
            ["reject"],
            ["reject", "reopen", "close"],
            ["approve", "receive", "close"],
            ["approve", "close"],
            ["update", "delete"],
            ["close"],
        ]
    )


async def _do(client: Client, verb: str, name: str) -> return_pb2.Return | None:
    stub, pb = client.returns, returns_service_pb2
    calls: dict[str, Any] = {
        "approve": lambda: stub.ApproveReturn(pb.ApproveReturnRequest(name=name), timeout=10),
        "reject": lambda: stub.RejectReturn(pb.RejectReturnRequest(name=name, reason=reason()), timeout=10),
        "receive": lambda: stub.RecordReceipt(pb.RecordReceiptRequest(name=name, receipt_id="parcel"), timeout=10),
        "close": lambda: stub.CloseReturn(pb.CloseReturnRequest(name=name), timeout=10),
        "reopen": lambda: stub.ReopenReturn(pb.ReopenReturnRequest(name=name, reason=reason()), timeout=10),
        "delete": lambda: stub.DeleteReturn(pb.DeleteReturnRequest(name=name), timeout=10),
        "update": lambda: stub.UpdateReturn(
            pb.UpdateReturnRequest(
                name=name, draft=create(("o0", "1", 1), code="OTHER").draft, update_mask=FieldMask(paths=["reason"])
            ),
            timeout=10,
        ),
    }
    answer = await calls[verb]()
    return None if verb == "delete" else answer


async def check_acknowledged(service: Service, known: Acknowledged) -> None:
    """Every acknowledged change is there; a change that was cut off is there whole, or not at all."""
    client = service.client(*ALL)
    for name, said in known.returns.items():
        found = await _found(client, name)
        if found is None:
            assert said is None or name in known.uncertain, f"{name} was acknowledged and is gone"
            known.returns[name] = None
            continue
        assert said is not None, f"{name} was deleted and is back"
        if name in known.uncertain:
            assert found.version in (said.version, said.version + 1)
        else:
            assert found == said
        known.returns[name] = found
    known.uncertain.clear()


async def _found(client: Client, name: str) -> return_pb2.Return | None:
    try:
        return await client.returns.GetReturn(returns_service_pb2.GetReturnRequest(name=name))
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
        return None
