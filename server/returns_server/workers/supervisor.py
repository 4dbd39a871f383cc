"""The parent of the workers: starts them, starts again what died, and ends when all have ended.

It serves nothing and opens no database, so there is little in it that could fail.
"""

from __future__ import annotations

import asyncio
import pickle
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Never

import structlog

from returns_server.config import Settings
from returns_server.workers.hand_over import STOP_MARGIN_SECONDS, Orders, Report
from returns_server.workers.port import held

_log = structlog.get_logger(__name__)

START_SECONDS = 60.0
"""How long a worker may take until it serves."""

STEADY_SECONDS = 10.0
"""Who served for so long and then died is started again at once."""

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0


class WorkerFailed(Exception):
    """A worker could not be started, or did not end in order; the message is for an operator."""


def pause_before(last_pause: float, lived_seconds: float) -> float:
    """How long to wait before a worker that died is started again: longer each time that it dies young."""
    if lived_seconds >= STEADY_SECONDS:
        return 0.0
    return min(max(2 * last_pause, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)


async def serve_with_workers(settings: Settings, *, dev: bool, people: bool, ready: Callable[[str], None]) -> None:
    """Serve with `settings.workers` processes until SIGTERM or SIGINT; `ready` hears the address when all serve.

    Raises AddressTaken, and WorkerFailed where one cannot start at the beginning or does not end in order.
    """
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    with held(settings.listen) as address:
        orders = settings.model_copy(update={"listen": address})
        workers = [Worker(Orders(i + 1, _for_worker(orders, i), dev, people)) for i in range(settings.workers)]
        try:
            if await _unless(stopping, [worker.start() for worker in workers]):
                return
            ready(str(address))
            await _unless(stopping, [_kept_alive(worker) for worker in workers])
        finally:
            ends = await asyncio.gather(*(worker.stop() for worker in workers))
        if not all(ends):
            raise WorkerFailed("not every worker ended in order; see the log")


def _for_worker(settings: Settings, index: int) -> Settings:
    """The settings with the worker's own port for metrics: the first, the next …; 0 stays free to choose."""
    metrics = settings.metrics_listen
    if metrics is None or metrics.port == 0:
        return settings
    return settings.model_copy(update={"metrics_listen": metrics._replace(port=metrics.port + index)})


async def _unless(stopping: asyncio.Event, work: list[Coroutine[Any, Any, None]]) -> bool:
    """Do all the work, or leave it where it is when told to stop: True then. Raises what the first failure raises."""
    told = asyncio.create_task(stopping.wait())
    tasks = [asyncio.create_task(one) for one in work]
    try:
        left: set[asyncio.Task[Any]] = set(tasks)
        while left and not told.done():
            done, pending = await asyncio.wait({*left, told}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            left = pending - {told}
        return told.done()
    finally:
        for task in (told, *tasks):
            task.cancel()
        await asyncio.gather(told, *tasks, return_exceptions=True)


async def _kept_alive(worker: Worker) -> Never:
    pause = 0.0
    while True:
        lived, how = await worker.ended()
        pause = pause_before(pause, lived)
        _log.error("worker died", worker=worker.number, pid=worker.pid, how=how, again_in_seconds=pause)
        await asyncio.sleep(pause)
        try:
            await worker.start()
        except WorkerFailed as error:
            _log.error("worker not started", worker=worker.number, reason=str(error))


class Worker:
    """One worker process after the other, under one number."""

    def __init__(self, orders: Orders) -> None:
        """Takes what it is to serve; nothing is started."""
        self.number = orders.number
        self._orders = orders
        self._process: Process | None = None
        self._began = 0.0
        self._serving = False

    @property
    def pid(self) -> int | None:
        """The process that was started last."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start a process, and return when it serves; raises WorkerFailed with what it said."""
        self._serving = False
        self._began = asyncio.get_running_loop().time()
        process = await self._spawned()
        assert process.stdin is not None  # noqa: S101  (PIPE)
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(pickle.dumps(self._orders))
        try:
            async with asyncio.timeout(START_SECONDS):
                line = await process.stdout.readline()
        except TimeoutError:
            process.kill()
            raise WorkerFailed(f"worker {self.number} did not serve within {START_SECONDS:g} s") from None
        failure = Report.of(line).failure if line else f"worker {self.number} ended before it served; see the log"
        if failure:
            raise WorkerFailed(failure)
        self._serving = True
        _log.info("worker serves", worker=self.number, pid=process.pid)

    async def _spawned(self) -> Process:
        spawning = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "returns_server.workers.worker"),
                stdin=PIPE,
                stdout=PIPE,
                # Ctrl-C is the parent's business, which tells its workers to stop.
                start_new_session=True,
            )
        )
        try:
            await asyncio.shield(spawning)
        finally:
            # Whoever gives up meanwhile must be able to stop it.
            self._process = process = await spawning
        return process

    async def ended(self) -> tuple[float, str]:
        """Wait until the process has ended: how many seconds it lived (0 if it never served), and how it ended."""
        if self._process is None:
            return 0.0, "it could not be started"
        code = await self._process.wait()
        how = f"exit code {code}" if code >= 0 else f"signal {-code} ({signal.strsignal(-code)})"
        return asyncio.get_running_loop().time() - self._began if self._serving else 0.0, how

    async def stop(self) -> bool:
        """Tell the process to stop, and wait; end it where that takes too long. Whether it ended in order."""
        process = self._process
        if process is None or process.returncode is not None:
            return True
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(self._orders.settings.shutdown_grace_seconds + STOP_MARGIN_SECONDS):
                code = await process.wait()
        except TimeoutError:
            process.kill()
            code = await process.wait()
        # One that does not serve yet is ended by the signal itself, or because it could not start either.
        if code == 0 or (code in (1, -signal.SIGTERM) and not self._serving):
            return True
        _log.error("worker did not end in order", worker=self.number, pid=process.pid, code=code)
        return False
