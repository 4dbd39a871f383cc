"""The load generator (benchmarks/loadgen, in Go): built when first needed, run for one measurement at a time."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import Meter, Tree, Use, alone, on_core, use

_SOURCE = Path(__file__).with_name("loadgen")


class GeneratorFailed(Exception):
    """The load generator could not be built, or broke off; the message says why."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to ask of a server: the requests (encoded messages) are taken in turn, or each `once` at most.

    Answers with another status than OK fail the run, but for those that are `refusals` (gRPC's codes, as texts); who
    is refused asks again after `pause_seconds`. `timeout` is the calls' deadline, as gRPC writes it: `5S`.
    """

    address: str
    method: str
    requests: Sequence[bytes]
    callers: int
    connections: int
    token: str = ""
    once: bool = False
    refusals: frozenset[str] = frozenset()
    pause_seconds: float = 0.0
    timeout: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long to warm up, and how long to measure."""

    warm_seconds: float
    measure_seconds: float


@dataclass(frozen=True, slots=True)
class Sample:
    """An answer that was kept: to which request, and the encoded message."""

    request: int
    answer: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a load. Rate and latencies are of what was answered well within the measured time.

    `asked` counts all calls, also those before and after it, and `statuses` how they were answered; `messages` has one
    message of each. Latencies in microseconds.
    """

    rate: float
    answered: int
    p50: float
    p99: float
    asked: int
    answer_bytes: float
    use: Use
    samples: Sequence[Sample]
    statuses: Mapping[str, int]
    messages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Streamed:
    """What came on streams within the measured time, or until all were caught up: messages with events, and those."""

    seconds: float
    messages: int
    events: int
    bytes: int
    use: Use

    @property
    def event_rate(self) -> float:
        """Events a second, of all streams together."""
        return self.events / self.seconds

    @property
    def cpu_a_message(self) -> float:
        """Processor seconds that the server spent on a message with events."""
        return self.use.parties["server"] * self.use.seconds / self.messages


class Generator:
    """The built program."""

    def __init__(self, scratch: Path, core: int | None) -> None:
        """Builds it in the scratch folder; it will run on this core. Raises GeneratorFailed."""
        self._scratch = scratch
        self._core = core
        self._program = scratch / "loadgen"
        go = shutil.which("go")
        if go is None:
            raise GeneratorFailed("the load generator is written in Go: install Go 1.25 or later (`go` on PATH)")
        # The toolchain that is there; Go would else fetch the one it likes best.
        environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}
        built = subprocess.run(
            [go, "build", "-o", self._program, "."],
            cwd=_SOURCE, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if built.returncode:
            raise GeneratorFailed(f"the load generator could not be built:\n{built.stderr}")

    def unpinned(self) -> Generator:
        """The same program, on any core."""
        other = copy(self)
        other._core = None
        return other

    def working_in(self, folder: Path) -> Generator:
        """The same program, to run at the same time; what it reads and writes is in this folder."""
        other = copy(self)
        other._scratch = folder
        return other

    def run(self, load: Load, timing: Timing, parties: Mapping[str, Tree], keep: int = 0) -> Outcome:
        """Put the load on its server; `parties` are whose use of the processors counts as part of it.

        Raises GeneratorFailed where a call was not answered with OK and a whole message.
        """
        samples = self._scratch / "samples"
        report, used = self._reported(load, parties, _arguments(load, timing, samples, keep))
        _check(report, load)
        return Outcome(
            rate=report["rate"],
            answered=report["answered"],
            p50=report["p50_micros"],
            p99=report["p99_micros"],
            asked=report["asked"],
            answer_bytes=report["measured_bytes"] / report["answered"],
            use=used,
            samples=_samples(samples) if keep else (),
            statuses=report["statuses"],
            messages=report["messages"],
        )

    def stream(self, load: Load, timing: Timing, parties: Mapping[str, Tree], *, until_caught_up: bool) -> Streamed:
        """Open a stream a caller and read them for the measured time, or from the start until each is caught up.

        Raises GeneratorFailed where a stream ended by itself, or brought nothing.
        """
        flags = ["-stream", *(["-until-caught-up"] if until_caught_up else [])]
        report, used = self._reported(load, parties, [*_arguments(load, timing, self._scratch / "samples", 0), *flags])
        if report["statuses"] or not report["stream_messages"]:
            raise GeneratorFailed(f"{load.method} was not streamed well: {report['statuses']}, {report['messages']}")
        if until_caught_up and report["caught_up"] != load.callers:
            raise GeneratorFailed(f"{load.method}: {report['caught_up']} of {load.callers} streams were caught up")
        figures = (report["stream_messages"], report["stream_events"], report["stream_bytes"])
        return Streamed(report["seconds"], *figures, used)

    @contextmanager
    def beside(self, load: Load, timing: Timing) -> Iterator[None]:
        """Put a load on a server while the block runs; raises GeneratorFailed as `run` does, in the end."""
        with ThreadPoolExecutor(1) as thread:
            folder = self._scratch / "beside"
            folder.mkdir(exist_ok=True)
            running = thread.submit(self.working_in(folder).run, load, timing, {})
            yield
            running.result()

    def _reported(self, load: Load, parties: Mapping[str, Tree], arguments: list[str]) -> tuple[dict[str, Any], Use]:
        """What one run of the program said, and what was used meanwhile."""
        bodies = self._scratch / "bodies"
        bodies.write_bytes(b"".join(b"\0" + len(one).to_bytes(4, "big") + one for one in load.requests))
        command = [str(self._program), f"-bodies={bodies}", *arguments]
        with on_core(self._core), subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            meter = Meter({**parties, "load": alone(process.pid)})
            readings = []
            for expected in ("measuring", "measured"):
                if _line(process).strip() != expected:
                    process.kill()
                    raise GeneratorFailed(f"the load on {load.method} broke off")
                readings.append(meter.read())
            report = json.loads(_line(process) or "{}")
        if process.returncode or not report:
            raise GeneratorFailed(f"the load on {load.method} broke off")
        return report, use(*readings)


def _arguments(load: Load, timing: Timing, samples: Path, keep: int) -> list[str]:
    given: dict[str, object] = {
        "address": load.address,
        "path": load.method,
        "callers": load.callers,
        "connections": load.connections,
        "warm": f"{timing.warm_seconds}s",
        "measure": f"{timing.measure_seconds}s",
        "once": str(load.once).lower(),
        "pause": f"{load.pause_seconds:g}s",
    }
    if keep:
        given |= {"keep": keep, "samples": samples}
    metadata = {"authorization": load.token and f"Bearer {load.token}", "grpc-timeout": load.timeout}
    sent = [f"-metadata={name}={value}" for name, value in metadata.items() if value]
    return [f"-{name}={value}" for name, value in given.items()] + sent


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _check(report: Mapping[str, Any], load: Load) -> None:
    bad = {status: count for status, count in report["statuses"].items() if status not in {"0", *load.refusals}}
    if bad or report["malformed"] or not report["answered"]:
        said = f"{bad}, {report['messages']}, {report['malformed']} malformed, {report['answered']} good"
        raise GeneratorFailed(f"{load.method} was not answered well: {said}")
    if report["exhausted"]:
        raise GeneratorFailed(f"{load.method}: all {len(load.requests)} requests were sent before the time was over")


def _samples(file: Path) -> list[Sample]:
    lines = map(json.loads, file.read_text().splitlines())
    return [Sample(line["body"], base64.b64decode(line["answer"])) for line in lines]
