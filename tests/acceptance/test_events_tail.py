"""`returns-server events tail` shows what happens, and goes on where it stopped, through a restart of the server."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from tests.support.messages import create, feed, line, order, reason
from tests.support.process import ServerProcess
from tests.support.service import ALL, Client, Service

LONG = 60.0


@asynccontextmanager
async def tail(service: Service, *arguments: str) -> AsyncIterator[Process]:
    command = ("-m", "returns_server", "events", "tail", "--tenant", "acme", "--address", service.address, *arguments)
    environment = {**os.environ, "RETURNS_TOKEN": service.token(*ALL)}
    process = await asyncio.create_subprocess_exec(sys.executable, *command, env=environment, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_of(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(LONG):
        return (await process.stdout.readline()).decode().rstrip("\n")


async def said(process: Process) -> tuple[list[str], str, int]:
    async with asyncio.timeout(LONG):
        out, err = await process.communicate()
    assert process.returncode is not None
    return out.decode().splitlines(), err.decode(), process.returncode


async def file_returns(client: Client, count: int) -> list[str]:
    return [(await client.returns.CreateReturn(create(("o1", "1", 1)))).name for _ in range(count)]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    with ServerProcess(tmp_path / "data") as server:
        service = server.service()
        await feed(service.client(*ALL), order("o1", line("1", 100, 1999 * 100)))
        await service.close()
        yield server


@pytest.mark.slow
async def test_it_goes_on_after_the_last_event_through_a_restart(server: ServerProcess, tmp_path: Path) -> None:
    service = server.service()
    client = service.client(*ALL)
    names = await file_returns(client, 3)
    resume = str(tmp_path / "cursor")
    async with tail(service, "--json", "--start", "earliest", "--resume", resume) as process:
        for sequence, name in enumerate(names, start=1):
            event = json.loads(await line_of(process))
            assert (event["sequence"], event["type"], event["return_name"]) == (str(sequence), "return.created", name)
        port = server.address
        await service.close()
        await asyncio.to_thread(server.stop)
        server.start(listen=port)
        service = server.service()
        client = service.client(*ALL)
        await client.returns.RejectReturn(pb.RejectReturnRequest(name=names[0], reason=reason("OTHER")))
        event = json.loads(await line_of(process))
        assert (event["sequence"], event["type"], event["snapshot"]["state"]) == (
            "4",
            "return.rejected",
            "STATE_REJECTED",
        )
    await file_returns(client, 1)
    # The file may be an event behind, never ahead: what was shown last may come again.
    async with tail(service, "--json", "--resume", resume, "--no-follow") as process:
        lines, _, code = await said(process)
    assert code == 0
    assert [json.loads(one)["sequence"] for one in lines][-1] == "5"
    assert len(lines) <= 2
    async with tail(service, "--json", "--resume", resume, "--no-follow") as process:
        assert await said(process) == ([], "", 0)
    await service.close()


async def test_for_people_with_a_filter(server: ServerProcess) -> None:
    service = server.service()
    client = service.client(*ALL)
    names = await file_returns(client, 2)
    await client.returns.ApproveReturn(pb.ApproveReturnRequest(name=names[1]))
    arguments = ("--start", "earliest", "--no-follow")
    async with tail(service, *arguments) as process:
        lines, _, code = await said(process)
    assert code == 0
    assert [line.split()[2:7] for line in lines[:3]] == [
        ["1", "return.created", "R-000001", "19.99", "EUR"],
        ["2", "return.created", "R-000002", "19.99", "EUR"],
        ["3", "return.approved", "R-000002", "19.99", "EUR"],
    ]
    assert "changed: state" in lines[3]
    async with tail(service, *arguments, "--filter", "type=return.approved") as process:
        assert [line.split()[2] for line in (await said(process))[0][:1]] == ["3"]
    await service.close()


async def test_what_cannot_be_is_told_in_a_sentence(server: ServerProcess) -> None:
    service = server.service()
    for arguments, problem in {
        ("--filter", "nonsense=1"): "INVALID_ARGUMENT FILTER_INVALID column=1",
        ("--after", "nonsense"): "INVALID_ARGUMENT CURSOR_INVALID",
        ("--start", "earliest", "--after", "x"): "--start or --after, not both",
    }.items():
        async with tail(service, *arguments) as process:
            lines, error, code = await said(process)
        assert (lines, code != 0) == ([], True)
        assert problem in error
        assert "Traceback" not in error
    await service.close()


def test_it_needs_a_token() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "RETURNS_TOKEN"}
    done = subprocess.run(
        [sys.executable, "-m", "returns_server", "events", "tail", "--tenant", "acme"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "a token is needed" in done.stderr) == (2, True)
