"""`python -m benchmarks`: the product and its limits side by side, in one run."""

from __future__ import annotations

import json
import re
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from benchmarks import plan as plans
from benchmarks import workers
from benchmarks.calls import WrongAnswer
from benchmarks.databases import POSTGRESQL, Databases
from benchmarks.generator import Generator, GeneratorFailed, Timing
from benchmarks.limits.measured import WAYS, Limits
from benchmarks.limits.pgbench import PgbenchFailed
from benchmarks.machine import Pinning, description, load_average
from benchmarks.plan import LIMITS, STARTS, STREAMS, WEBHOOKS, WORKERS, Plan
from benchmarks.profiles import ProfilerFailed, sampled, summary
from benchmarks.report import Run, as_json, line, markdown
from benchmarks.servers import ServerFailed
from benchmarks.stage import Stage, opened, starts
from benchmarks.streams.measured import Size, StreamStage
from benchmarks.webhooks.measured import HookStage
from tests.support.postgres import PostgresFailed

_STARTS = 3
_MARKS = re.compile(r"(<!-- measured -->\n).*(<!-- /measured -->)", re.DOTALL)
_FAILURES = (GeneratorFailed, ServerFailed, WrongAnswer, PgbenchFailed, PostgresFailed, ProfilerFailed)


def _words(_context: click.Context, _parameter: click.Parameter, value: str | None) -> list[str] | None:
    return value.split(",") if value else None


@click.command(context_settings={"max_content_width": 110, "show_default": True})
@click.option("--quick", is_flag=True, help="Two minutes at most, to see that it works; the figures mean nothing.")
@click.option("--only", callback=_words, metavar="PARTS", help=f"Parts, separated by commas: {','.join(plans.PARTS)}.")
@click.option("--databases", "kinds", callback=_words, metavar="KINDS", help=f"Of {','.join(plans.KINDS)}.")
@click.option("--callers", callback=_words, metavar="NUMBERS", help="Calls under way at once.  [default: 1,32]")
@click.option("--returns", type=click.IntRange(100), help="Stored from the start.  [default: 1000000]")
@click.option("--rounds", type=click.IntRange(1), help="[default: 3]")
@click.option("--seconds", type=click.FloatRange(0.1), help="Of each measurement.  [default: 5]")
@click.option("--pin/--no-pin", default=True, help="Servers on one core, load and PostgreSQL on the other.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Folder that keeps the seeded databases for further runs."
)
@click.option("--profiles", type=click.Path(path_type=Path), help="Folder for profiles, taken after the rounds.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="File for every value of every round.")
@click.option("--document", type=click.Path(path_type=Path, exists=True), help="Markdown file to put the tables into.")
def main(
    *,
    quick: bool,
    only: list[str] | None,
    kinds: list[str] | None,
    callers: list[str] | None,
    returns: int | None,
    rounds: int | None,
    seconds: float | None,
    pin: bool,
    data: Path | None,
    profiles: Path | None,
    json_file: Path | None,
    document: Path | None,
) -> None:
    """Measure the service beside a bare echo server and the databases' own limits.

    Needs Go (the load generator). Everything that is started is stopped, and what is stored goes, but for --data.
    """
    signal.signal(signal.SIGTERM, _leave)
    plan = plans.QUICK if quick else Plan()
    plan = replace(
        plan,
        parts=_known(only, plans.PARTS) or plan.parts,
        kinds=_known(kinds, plans.KINDS) or plan.kinds,
        callers=[int(one) for one in callers] if callers else plan.callers,
        returns=returns or plan.returns,
        rounds=rounds or plan.rounds,
        timing=Timing(plan.timing.warm_seconds, seconds) if seconds else plan.timing,
    )
    try:
        run = _measured(plan, data, profiles, Pinning.chosen(pin))
    except _FAILURES as failure:
        raise click.ClickException(str(failure)) from None
    tables = markdown(run)
    click.echo("\n" + tables)
    if json_file:
        json_file.write_text(json.dumps(as_json(run), indent=1))
    if document:
        document.write_text(_MARKS.sub(lambda marks: f"{marks[1]}{tables}{marks[2]}", document.read_text()))


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """Ends the run as an exception, so that what was started is stopped."""
    raise SystemExit(128 + number)


def _known(words: list[str] | None, choice: Sequence[str]) -> list[str]:
    for word in words or []:
        if word not in choice:
            raise click.UsageError(f"{word!r} is none of {', '.join(choice)}")
    return [one for one in choice if one in (words or [])]


def _measured(plan: Plan, data: Path | None, profiles: Path | None, pinning: Pinning) -> Run:
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="returns-bench-")))
        scratch.chmod(0o711)  # PostgreSQL may run as another user, who must get to its folder
        seeds = data or scratch / "seeds"
        seeds.mkdir(exist_ok=True, parents=True)
        generator = Generator(scratch, pinning.load)
        databases = stack.enter_context(Databases(seeds, scratch, plan.kinds, pinning).started())
        run = Run(plan, description(scratch, pinning) | databases.description())
        _say(f"load average {load_average()}; seeding {', '.join(f'{size:,}' for size in plan.sizes)} returns")
        databases.seed(plan.seeds)
        _say(f"seeded in {databases.seeding_seconds:.0f} s")
        core = pinning.server
        copies = {(kind, size): databases.copy(kind, size) for kind in plan.kinds for size in plan.sizes}
        if STARTS in plan.parts:
            run.starts = {kind: starts(copies[kind, plan.returns], core, _STARTS) for kind in plan.kinds}
        limits = Limits(databases, plan.kinds, plan.returns, scratch, pinning) if LIMITS in plan.parts else None
        stage = stack.enter_context(opened(plan, databases, copies, generator, core))
        run.return_bytes = stage.return_bytes
        _rounds(run, stage, limits)
        if STREAMS in plan.parts:
            _streams(run, StreamStage(stage, generator, scratch, core, Size(plan.subscribers, plan.late_changes)))
        if WEBHOOKS in plan.parts:
            _webhooks(run, HookStage(databases, pinning, plan.backlog, plan.timing.measure_seconds))
        if profiles:
            _profile(plan, stage, profiles)
        if WORKERS in plan.parts and POSTGRESQL in plan.kinds:
            _workers(run, stack.enter_context(workers.opened(plan, databases, copies, generator)))
    return run


def _workers(run: Run, stages: Mapping[int, Stage]) -> None:
    for number in range(1, run.plan.rounds + 1):
        _say(f"workers, round {number} of {run.plan.rounds}; load average {load_average()}")
        for case in run.plan.worker_cases():
            outcome = stages[case.workers].measure(case)
            run.outcomes.setdefault(case, []).append(outcome)
            _say(f"{case.workers} worker(s) {line(case, outcome)}")


def _rounds(run: Run, stage: Stage, limits: Limits | None) -> None:
    plan = run.plan
    for number in range(1, plan.rounds + 1):
        _say(f"round {number} of {plan.rounds}; load average {load_average()}")
        for case in plan.cases():
            outcome = stage.measure(case)
            run.outcomes.setdefault(case, []).append(outcome)
            _say(line(case, outcome))
        for way in WAYS:
            if limits and way.kind in plan.kinds:
                limit = limits.measure(way, plan.timing.measure_seconds)
                run.limits.setdefault(way, []).append(limit)
                _say(
                    f"{way.says:<50} {limit.rate:>8,.0f}/s  p50 {limit.p50 / 1e3:.2f} ms  p99 {limit.p99 / 1e3:.2f} ms"
                )
    for kind in plan.kinds:
        run.memory[kind] = stage.products[kind, plan.returns].server.memory_bytes()


def _streams(run: Run, stage: StreamStage) -> None:
    plan = run.plan
    for number in range(1, plan.rounds + 1):
        for kind in plan.kinds:
            _say(f"streams, {kind}, round {number} of {plan.rounds}; load average {load_average()}")
            stage.measure(kind, plan.returns, run.streams)


def _webhooks(run: Run, stage: HookStage) -> None:
    plan = run.plan
    for number in range(1, plan.rounds + 1):
        for kind in plan.kinds:
            _say(f"webhooks, {kind}, round {number} of {plan.rounds}; load average {load_average()}")
            stage.measure(kind, run.webhooks)


def _profile(plan: Plan, stage: Stage, folder: Path) -> None:
    """Where the processor time goes at the most callers; sampling slows the server down."""
    folder.mkdir(parents=True, exist_ok=True)
    seconds = plan.timing.warm_seconds + plan.timing.measure_seconds
    for case in plan.cases():
        if case.callers == max(plan.callers) and case.returns in {0, plan.returns}:
            file = folder / f"{case.method}-{case.kind or 'bare'}.txt"
            with sampled(stage.pid(case), seconds, file):
                outcome = stage.measure(case)
            _say(f"\n{line(case, outcome)}\n{summary(file)}")


def _say(what: str) -> None:
    click.echo(what)
    sys.stdout.flush()


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
