"""The machine that a run had, and who used its processors while something was measured."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

_SYNCS = 300


@dataclass(frozen=True, slots=True)
class Pinning:
    """Which cores servers and the load generator may use; None: any."""

    server: int | None
    load: int | None

    @classmethod
    def chosen(cls, wanted: bool) -> Pinning:
        """The first core for the server and the second for the load, where there are two."""
        cores = sorted(os.sched_getaffinity(0))
        return cls(cores[0], cores[1]) if wanted and len(cores) > 1 else cls(None, None)


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Programs that are started within run on this core alone."""
    before = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pin(pid: int, core: int | None) -> None:
    """A process that runs already, and its children, stay on this core from now on; with None, on any."""
    cores = sorted(os.sched_getaffinity(0)) if core is None else [core]
    process = psutil.Process(pid)
    for one in [process, *process.children()]:
        with suppress(psutil.NoSuchProcess):
            one.cpu_affinity(cores)


Tree = Callable[[], list[psutil.Process]]
"""The processes of one party, as they are now."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Processor seconds so far: of each party, and of the whole machine; `stolen` by its host."""

    at: float
    parties: Mapping[str, float]
    busy: float
    stolen: float


@dataclass(frozen=True, slots=True)
class Use:
    """Processor seconds a second between two readings; 1 is one core."""

    seconds: float
    parties: Mapping[str, float]
    busy: float
    stolen: float


class Meter:
    """Reads what parties, named groups of processes, have used."""

    def __init__(self, parties: Mapping[str, Tree]) -> None:
        self._parties = parties

    def read(self) -> Reading:
        times = psutil.cpu_times()
        busy = sum(times) - times.idle - times.iowait - times.steal - times.guest - times.guest_nice
        return Reading(
            time.monotonic(), {name: _used(tree()) for name, tree in self._parties.items()}, busy, times.steal
        )


def use(begin: Reading, end: Reading) -> Use:
    """What was used between two readings."""
    seconds = end.at - begin.at
    return Use(
        seconds,
        {name: (end.parties[name] - begin.parties[name]) / seconds for name in begin.parties},
        (end.busy - begin.busy) / seconds,
        (end.stolen - begin.stolen) / seconds,
    )


def _used(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # its parent has its time now
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def alone(pid: int) -> Tree:
    """One process."""
    process = psutil.Process(pid)
    return lambda: [process]


def family(pid: int) -> Tree:
    """A process and its children; those that ended count with their parent."""
    process = psutil.Process(pid)
    return lambda: [process, *process.children()]


def description(folder: Path, pinning: Pinning) -> dict[str, str]:
    """What a reader needs to know to compare figures; `folder` is where the databases are."""
    cores = f"{os.cpu_count()} cores"
    if pinning.server is not None:
        cores += f"; servers on core {pinning.server}, load generator and PostgreSQL on core {pinning.load}"
    else:
        cores += ", nothing pinned"
    packages = ("grpcio", "protobuf", "uvloop", "psycopg", "sqlalchemy")
    return {
        "processor": f"{_processor()}, {cores}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "durable write": f"{sync_micros(folder):.0f} µs (median of {_SYNCS} times 4 KiB and fdatasync)",
        "python": f"{platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        "packages": ", ".join(f"{name} {version(name)}" for name in packages),
    }


def load_average() -> str:
    """How busy the machine has been of late, over 1, 5 and 15 minutes."""
    return " ".join(f"{one:.2f}" for one in os.getloadavg())


def sync_micros(folder: Path) -> float:
    """How long it takes to put 4 KiB on the disk for good."""
    file = folder / "sync-probe"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    took = []
    try:
        for i in range(_SYNCS):
            begin = time.perf_counter()
            os.pwrite(descriptor, bytes(4096), i * 4096)
            os.fdatasync(descriptor)
            took.append(time.perf_counter() - begin)
    finally:
        os.close(descriptor)
        file.unlink()
    return statistics.median(took) * 1e6


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
