"""The installed program `returnsctl`: following through restarts, signals, completion, and what it needs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.ctl import ORDERS, PROGRAM, Desk, desk_of

LONG = 60.0


@asynccontextmanager
async def following(desk: Desk, *arguments: str) -> AsyncIterator[Process]:
    command = (PROGRAM, "events", "follow", *arguments)
    process = await asyncio.create_subprocess_exec(*command, env=desk.environment, stdout=PIPE, stderr=PIPE)
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


async def ended(process: Process) -> tuple[str, int]:
    async with asyncio.timeout(LONG):
        out, _ = await process.communicate()
    assert process.returncode is not None
    return out.decode(), process.returncode


@pytest.mark.slow
async def test_following_goes_on_through_a_restart_and_where_it_stopped(tmp_path: Path) -> None:
    with desk_of(tmp_path) as desk:
        desk.with_orders()
        first = desk.filed()
        resume = str(tmp_path / "cursor")
        async with following(desk, "--json", "--start", "earliest", "--resume", resume) as process:
            event = json.loads(await line_of(process))
            assert (event["sequence"], event["type"]) == ("1", "return.created")
            assert event["returnName"].endswith(first)
            address = desk.server.address
            await asyncio.to_thread(desk.server.stop)
            await asyncio.to_thread(desk.server.start, address)
            await asyncio.to_thread(desk.ok, "returns", "approve", first)
            assert json.loads(await line_of(process))["sequence"] == "2"
            process.send_signal(signal.SIGTERM)
            assert await ended(process) == ("", 128 + signal.SIGTERM)
        await asyncio.to_thread(desk.ok, "returns", "close", first)
        async with following(desk, "--resume", resume, "--count", "1") as process:
            shown, code = await ended(process)
    assert code == 0
    # What was being shown when the signal came may be shown again; nothing is left out.
    assert shown.split()[2:5] in (["2", "return.approved", "R-000001"], ["3", "return.closed", "R-000001"])


async def test_following_with_a_filter_from_a_time_on(desk: Desk) -> None:
    await asyncio.to_thread(desk.with_orders)
    ret = await asyncio.to_thread(desk.filed)
    await asyncio.to_thread(desk.ok, "returns", "reject", ret, "--reason", "WORN")
    chosen = ("--since=-1h", "--filter", "type=return.rejected", "--count", "1")
    async with following(desk, *chosen, "--json") as process:
        shown, code = await ended(process)
    assert (json.loads(shown)["snapshot"]["state"], code) == ("STATE_REJECTED", 0)
    listed = await asyncio.to_thread(desk.lines, "events", "list")
    assert [event["sequence"] for event in listed] == ["1", "2"]
    later = await asyncio.to_thread(desk.lines, "events", "list", "--after", listed[0]["cursor"])
    assert later == listed[1:]


def completed(words: str, desk: Desk) -> set[str]:
    told = {"_RETURNSCTL_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    done = subprocess.run([PROGRAM], env={**desk.bare, **told}, capture_output=True, text=True, check=True)
    return {line.partition(",")[2] for line in done.stdout.splitlines()}


def test_shells_complete_commands_options_and_profiles(desk: Desk) -> None:
    desk.ok("profile", "add", "staging", "--tenant", "acme")
    assert completed("returnsctl returns re", desk) == {"receive", "reject", "reopen"}
    assert "--receipt-id" in completed("returnsctl returns receive --re", desk)
    assert completed("returnsctl -p st", desk) == {"staging"}
    assert completed("returnsctl profile use ", desk) == {"staging"}
    for shell in ("bash", "zsh", "fish"):
        assert "_RETURNSCTL_COMPLETE" in desk.ok("completion", shell)


def test_without_its_extra_it_says_what_to_install() -> None:
    program = "import sys; sys.modules['click'] = None; import returnsctl; returnsctl.main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "returnsctl needs click: pip install 'returns-client[cli]'\n")


def test_it_works_installed_and_as_a_module(desk: Desk) -> None:
    for command in ([PROGRAM], [sys.executable, "-m", "returnsctl"]):
        done = subprocess.run(
            [*command, "returns", "list"], env=desk.environment, capture_output=True, text=True, check=True
        )
        assert (done.stdout, done.stderr) == ("", "no returns\n")


def test_a_reader_that_has_enough_ends_it_quietly(shop: Desk) -> None:
    shop.filed()
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [PROGRAM, "returns", "list", "--json"],
        env=shop.environment,
        stdout=writing,
        stderr=PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert "Traceback" not in done.stderr


def test_an_import_shows_how_far_it_is_on_a_terminal(desk: Desk) -> None:
    (file := desk.folder / "orders.csv").write_text(ORDERS)
    terminal, program_end = os.openpty()
    done = subprocess.run(
        [PROGRAM, "orders", "import", str(file)],
        env={**desk.environment, "TERM": "xterm", "COLUMNS": "100"}, stdout=PIPE, stderr=program_end, text=True,
        check=False,
    )  # fmt: skip
    os.close(program_end)
    shown = os.read(terminal, 65_536).decode()
    os.close(terminal)
    assert (done.returncode, "2 orders sent: 2 new" in done.stdout) == (0, True)
    assert "importing" in shown
    assert "2 orders" in shown
