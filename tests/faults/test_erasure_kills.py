"""A server that is killed while it erases people: what was committed is whole, and the request's repeat does the rest.

`make soak` kills it 100 times, or as often as TEST_KILLS says.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc.aio
import pytest
from google.protobuf.struct_pb2 import Struct

from commerce.returns.v1 import privacy_service_pb2 as pb
from commerce.returns.v1 import returns_service_pb2 as returns_pb
from commerce.returns.v1.return_pb2 import Return
from returns_server.config import DATABASE_FILE
from returns_server.storage.audit import audit
from returns_server.storage.opening import open_for_reading
from tests.support.consumers import QUICK, whole_log
from tests.support.histories import acknowledged
from tests.support.messages import create, feed, line, new_request_id, order, reason
from tests.support.mutations import dumped_from
from tests.support.nursery import Forked, Nursery
from tests.support.people import ACME
from tests.support.service import ALL, Client, Service
from tests.support.streams import LATEST, streaming

KILLS = int(os.environ.get("TEST_KILLS", "100"))
FEW = 6
RETURNS = 60
"""Of each person: more than one transaction erases."""
CALLERS = 3
SAID = {"orders": (1, 0, 0), "returns": (2, 2, 2), "events": (2, 1, 1)}
"""How often a row says each text of the person: in columns, and in the document where there is one."""


@dataclass(frozen=True)
class Somebody:
    """A person and the texts that tell of them."""

    number: int
    request_id: str = field(default_factory=new_request_id)

    @property
    def customer_id(self) -> str:
        return f"customer-{self.number:04}-planted"

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.customer_id, f"details-{self.number:04}-planted", f"street-{self.number:04}-planted")

    async def buy_and_return(self, client: Client, changes: list[tuple[str, int]]) -> list[Return]:
        order_id = f"o{self.number}"
        await feed(client, order(order_id, line("1", RETURNS, RETURNS), customer_id=self.customer_id))
        where = Struct()
        where.update({"street": self.texts[2]})
        request = create((order_id, "1", 1), attributes=where)
        request.draft.requestor.customer_id = self.customer_id
        request.draft.reason.CopyFrom(reason("DEFECT", self.texts[1]))
        filed = await asyncio.gather(*(client.returns.CreateReturn(request) for _ in range(RETURNS)))
        changes += [(ret.name, 1) for ret in filed]
        return list(filed)

    async def erased(self, client: Client) -> pb.ErasePersonResponse:
        """Ask that this person be erased; the same request each time."""
        person = pb.Person(customer_id=self.customer_id)
        request = pb.ErasePersonRequest(parent=ACME, person=person, request_id=self.request_id)
        answer: pb.ErasePersonResponse = await client.privacy.ErasePerson(request, timeout=60)
        assert not answer.resume_token
        return answer


def connected(server: Forked) -> Service:
    """Clients of this life of a server, with connections of their own."""
    service = server.service()
    service.options = QUICK
    return service


async def change(client: Client, returns: Sequence[Return], changes: list[tuple[str, int]]) -> None:
    """Approve and close returns of the person meanwhile, until the server is gone."""
    with suppress(grpc.aio.AioRpcError):
        for ret in returns:
            approved = await client.returns.ApproveReturn(returns_pb.ApproveReturnRequest(name=ret.name))
            changes.append((ret.name, approved.version))
            closed = await client.returns.CloseReturn(returns_pb.CloseReturnRequest(name=ret.name))
            changes.append((ret.name, closed.version))


async def first_erased(client: Client) -> None:
    """Wait until the first returns have been erased, or all is over."""
    with suppress(grpc.aio.AioRpcError, TimeoutError):
        async with asyncio.timeout(2), streaming(client, start=LATEST) as stream:
            await stream.until(lambda stream: "return.person_erased" in {event.type for event in stream.events})


async def dump_of(target: str | Path) -> dict[str, list[str]]:
    """Every row, and the books balance."""
    database = await open_for_reading(target)
    try:
        assert (await database.read(audit, heavy=True)).findings == ()
        return await dumped_from(database)
    finally:
        await database.close()


def check_whole(tables: Mapping[str, Sequence[str]], who: Somebody, returns: Sequence[Return]) -> tuple[int, int]:
    """Each row tells all that it told of the person, or nothing; how many returns do the one and the other."""
    found = {table: [tuple(map(row.count, who.texts)) for row in tables[table]] for table in SAID}
    for table, all_of_it in SAID.items():
        assert set(found[table]) <= {all_of_it, (0, 0, 0)}, table
    ids = {ret.name.rpartition("/")[2] for ret in returns}
    own = [said for row, said in zip(tables["returns"], found["returns"], strict=True) if row.split("'")[3] in ids]
    return own.count(SAID["returns"]), own.count((0, 0, 0))


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("kills", [FEW, pytest.param(KILLS, marks=pytest.mark.soak)])
async def test_kill_9_of_an_erasure_leaves_nothing_by_halves(
    tmp_path: Path, database_url: str | None, kills: int
) -> None:
    chance, changes, killed, torn = random.Random(7), list[tuple[str, int]](), 0, 0
    target = tmp_path / "data" / DATABASE_FILE if database_url is None else database_url
    with Nursery() as nursery, nursery.server(tmp_path / "data", database_url) as server:
        while killed < kills or (not torn and killed < 10 * kills):
            service = connected(server)
            client, who = service.client(*ALL), Somebody(killed)
            returns = await who.buy_and_return(client, changes)
            waiting = asyncio.create_task(first_erased(client))
            tasks = [asyncio.create_task(change(client, returns[n::CALLERS], changes)) for n in range(CALLERS)]
            erasing = asyncio.create_task(who.erased(client))
            if killed % 2:
                await waiting
            else:
                await asyncio.sleep(chance.uniform(0.0, 0.2))
            done = erasing.done()
            server.kill()
            killed += 1
            await asyncio.gather(waiting, erasing, *tasks, return_exceptions=True)
            await service.close()
            there, gone = check_whole(await dump_of(target), who, returns)
            assert there + gone == RETURNS
            assert not (done and there), "an erasure was acknowledged, and is not there"
            torn += bool(there and gone)
            server.start()
            service = connected(server)
            client = service.client(*ALL)
            await who.erased(client)
            left = await dump_of(target)
            assert [text for text in who.texts if text in str(left)] == []
            await service.close()
        service = connected(server)
        acknowledged(changes, await whole_log(service.client(*ALL)))
        await service.close()
    print(f"{killed} kills, {torn} of them in the middle of an erasure")
    assert torn
