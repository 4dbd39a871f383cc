"""What wakes a stream, on the event loop that servers run on and on asyncio's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from returns_server.events.streams import _Alarm


async def _play() -> None:
    with _Alarm.set_up() as alarm:
        async with asyncio.timeout(10):
            for ago in (0.0, 0.001, 1.0):
                await alarm.wait(alarm.now() - ago)
            for until in (-1.0, -2.0, 3600.0):
                # Rung already: the loop does not get to run the timer in between.
                alarm.ring()
                await alarm.wait(alarm.now() + until)
            # A timer is set now; an earlier one takes its place, a later one does not.
            await alarm.wait(alarm.now() - 1.0)
            begin = alarm.now()
            await alarm.wait(begin + 0.02)
            assert alarm.now() - begin >= 0.019
            asyncio.get_running_loop().call_soon(alarm.ring)
            await alarm.wait(alarm.now() + 3600)


@pytest.mark.parametrize("new_loop", [uvloop.new_event_loop, asyncio.new_event_loop])
def test_a_stream_wakes_when_rung_or_at_its_time_also_where_that_is_over(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_play())
