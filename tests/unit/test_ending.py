"""Work that goes on beside other work ends when it is told to, and whoever waits for that may be cancelled too."""

from __future__ import annotations

import asyncio

import pytest

from returns_server.ending import ended


async def _for_ever() -> None:
    await asyncio.sleep(3600)


async def _ends_slowly(ends: asyncio.Event) -> None:
    try:
        await _for_ever()
    finally:
        await ends.wait()


async def _fails_at_its_end() -> None:
    try:
        await _for_ever()
    finally:
        raise RuntimeError("at the end")


async def test_a_task_has_ended_afterwards() -> None:
    task = asyncio.create_task(_for_ever())
    await asyncio.sleep(0)
    await ended(task)
    assert task.cancelled()


async def test_what_it_raises_instead_is_raised() -> None:
    task = asyncio.create_task(_fails_at_its_end())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="at the end"):
        await ended(task)


async def test_who_waits_and_is_cancelled_learns_of_it() -> None:
    ends = asyncio.Event()
    task = asyncio.create_task(_ends_slowly(ends))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(ended(task))
    await asyncio.sleep(0)
    waiting.cancel()
    ends.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait((task,))
    assert task.cancelled()
