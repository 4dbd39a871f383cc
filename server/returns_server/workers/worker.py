"""One worker: `python -m returns_server.workers.worker`, started by the parent and gone with it."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable

import uvloop

from returns_server.bootstrap import running
from returns_server.memory import settle
from returns_server.telemetry import logs
from returns_server.told import told
from returns_server.workers.hand_over import STOP_MARGIN_SECONDS, Orders, Report


def main() -> None:
    """Serve as the parent says, until it says stop or is gone."""
    # Ours is the pipe to the parent; whoever prints something prints it into the log.
    pipe = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    orders: Orders = pickle.load(sys.stdin.buffer)  # noqa: S301  (from our parent's own memory)
    logs.configure(level=orders.settings.log.level, people=orders.people, worker=orders.number)
    reported = False

    def report(outcome: Report) -> None:
        nonlocal reported
        reported = True
        os.write(pipe, outcome.line())
        os.close(pipe)

    try:
        uvloop.run(_serve(orders, lambda: report(Report())))
    except Exception as error:
        if reported:
            raise
        report(Report(told(error) or "".join(traceback.format_exception(error))))
        sys.exit(1)


async def _serve(orders: Orders, ready: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    grace_seconds = orders.settings.shutdown_grace_seconds + STOP_MARGIN_SECONDS
    threading.Thread(
        target=_follow_parent, args=(lambda: loop.call_soon_threadsafe(stopping.set), grace_seconds), daemon=True
    ).start()
    async with running(orders.settings, dev=orders.dev, shared=True) as _:
        settle()
        ready()
        await stopping.wait()


def _follow_parent(stop: Callable[[], object], grace_seconds: float) -> None:
    """Stop when the parent is gone, however it ended; a loop that no longer turns does not keep the port."""
    os.read(sys.stdin.fileno(), 1)
    stop()
    time.sleep(grace_seconds)
    os._exit(1)


if __name__ == "__main__":
    main()
