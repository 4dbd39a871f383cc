"""What a run measured, as tables for people and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.generator import Outcome
from benchmarks.limits.measured import WAYS, Limit, Way
from benchmarks.plan import CREATE, ECHO, GET, LIST, PAGES, Case, Plan
from benchmarks.streams import report as streams
from benchmarks.streams.measured import Streams
from benchmarks.webhooks import report as webhooks
from benchmarks.webhooks.measured import Hooks

TITLES = {
    ECHO: "bare echo",
    GET: "GetReturn",
    LIST: "ListReturns, the latest 50",
    PAGES: "ListReturns, other pages",
    CREATE: "CreateReturn, 3 items",
}
NAMES = {"": "–", SQLITE: "SQLite", POSTGRESQL: "PostgreSQL"}
TARGETS = {
    (GET, SQLITE): 0.60,
    (GET, POSTGRESQL): 0.50,
    (CREATE, SQLITE): 0.25,
    (CREATE, POSTGRESQL): 0.30,
    (LIST, SQLITE): 0.35,
    (LIST, POSTGRESQL): 0.25,
    (PAGES, SQLITE): 0.35,
    (PAGES, POSTGRESQL): 0.25,
}
"""Of the bare echo's rate, at the most callers."""
LIMIT_TARGET = 0.5
"""Of what the database reaches alone with one creation a transaction."""
GROWTH_TARGET = 1.2
"""Of the latency of a list over few returns."""

QUIET_CORES = 0.1
"""What others may use of a machine's cores before figures are not worth much."""


@dataclass
class Run:
    """All that was measured: a value a round."""

    plan: Plan
    machine: Mapping[str, str]
    outcomes: dict[Case, list[Outcome]] = field(default_factory=dict)
    limits: dict[Way, list[Limit]] = field(default_factory=dict)
    starts: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    return_bytes: int = 0
    streams: Streams = field(default_factory=Streams)
    webhooks: Hooks = field(default_factory=Hooks)

    def median(self, case: Case, value: Callable[[Outcome], float]) -> float:
        """The median of the rounds."""
        return statistics.median(map(value, self.outcomes[case]))

    def to_echo(self, case: Case) -> float:
        """The median of the rounds' ratios of its rate to the echo's of the same round."""
        echo = self.outcomes[Case(ECHO, "", 0, case.callers)]
        return statistics.median(mine.rate / its.rate for mine, its in zip(self.outcomes[case], echo, strict=True))

    def limit(self, way: Way) -> float:
        """The median rate of the database alone."""
        return statistics.median(one.rate for one in self.limits[way])


def markdown(run: Run) -> str:
    """All tables."""
    parts = [_machine(run), *(_rates(run, callers) for callers in run.plan.callers)]
    parts += [table for table in (_targets(run), _limits(run), _lists(run), _workers(run), _starts(run)) if table]
    parts += [*streams.tables(run.streams, NAMES), *webhooks.tables(run.webhooks, NAMES)]
    return "\n\n".join(parts) + "\n"


def as_json(run: Run) -> dict[str, Any]:
    """Every value of every round."""
    return {
        "machine": dict(run.machine),
        "plan": asdict(run.plan),
        "return_bytes": run.return_bytes,
        "outcomes": [
            {**case._asdict(), **{name: getattr(one, name) for name in ("rate", "p50", "p99", "asked", "answer_bytes")}}
            | {"use": asdict(one.use)}
            for case, outcomes in run.outcomes.items()
            for one in outcomes
        ],
        "limits": [{**way._asdict(), **one._asdict()} for way, limits in run.limits.items() for one in limits],
        "starts": run.starts,
        "streams": streams.as_json(run.streams),
        "webhooks": webhooks.as_json(run.webhooks),
        "memory": run.memory,
    }


def line(case: Case, outcome: Outcome) -> str:
    """One measurement in a line, to watch a run by."""
    others = _others(outcome)
    return (
        f"{TITLES[case.method]:<24} {NAMES[case.kind]:<11} {case.returns:>8,} stored {case.callers:>3} callers:"
        f" {outcome.rate:>8,.0f}/s  p50 {outcome.p50 / 1e3:.2f} ms  p99 {outcome.p99 / 1e3:.2f} ms  others {others:.0%}"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    marks = [":---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, marks, *rows])


def _machine(run: Run) -> str:
    plan = run.plan
    facts = dict(run.machine) | {
        "run": f"{plan.rounds} rounds of {plan.timing.measure_seconds:g} s each after {plan.timing.warm_seconds:g} s of"
        " warm-up, all servers up throughout; medians of the rounds, a ratio is the median of the rounds' ratios",
        "echo": f"{run.return_bytes} bytes each way, the average size of a stored Return",
    }
    others = statistics.median([_others(one) for outcomes in run.outcomes.values() for one in outcomes] or [0.0])
    if others > QUIET_CORES:
        facts["CAUTION"] = f"others used {others:.1f} cores meanwhile (median); measure again on a machine to itself"
    return "\n".join(f"- {name}: {fact}" for name, fact in facts.items())


def _rates(run: Run, callers: int) -> str:
    head = [
        f"{callers} caller" + "s" * (callers > 1),
        *("database", "stored", "calls/s", "of echo", "p50 ms", "p99 ms"),
        *("server CPU µs", "PostgreSQL CPU µs", "load CPU µs", "others' cores"),
    ]
    rows = []
    for case in run.outcomes:
        if case.callers != callers or case.workers:
            continue
        ratio = "1" if case.method == ECHO else f"{run.to_echo(case):.2f}"
        postgres = _cpu(run, case, "postgresql") if case.kind == POSTGRESQL else "–"
        rows.append([
            TITLES[case.method], NAMES[case.kind], f"{case.returns:,}" if case.returns else "–",
            f"{run.median(case, lambda o: o.rate):,.0f}", ratio,
            f"{run.median(case, lambda o: o.p50) / 1e3:.2f}", f"{run.median(case, lambda o: o.p99) / 1e3:.2f}",
            _cpu(run, case, "server"), postgres, _cpu(run, case, "load"), f"{run.median(case, _others):.2f}",
        ])  # fmt: skip
    return _table(head, rows)


def _cpu(run: Run, case: Case, party: str) -> str:
    """Processor time that a party spent on one call, in microseconds."""
    return f"{run.median(case, lambda o: o.use.parties[party] / o.rate) * 1e6:.0f}"


def _others(outcome: Outcome) -> float:
    """Cores that somebody else used, the machine's host included."""
    return max(0.0, outcome.use.busy - sum(outcome.use.parties.values())) + outcome.use.stolen


def _targets(run: Run) -> str:
    most, many, few, sizes = max(run.plan.callers), run.plan.returns, run.plan.few_returns, run.plan.sizes
    rows = []
    for (method, kind), target in TARGETS.items():
        over = {size: Case(method, kind, size, most) for size in sizes}
        if over[many] not in run.outcomes:
            continue
        ratios = [f"{run.to_echo(case):.2f}" for case in over.values()]
        rows.append([f"{TITLES[method]}, {NAMES[kind]}, of the echo", f"{target:.2f}", *ratios])
        alone = [way for way in run.limits if way.kind == kind and way.batch == 1 and way.gapless]
        if method == CREATE and alone:
            ratio = run.median(over[many], lambda o: o.rate) / max(run.limit(way) for way in alone)
            what = f"{TITLES[method]}, {NAMES[kind]}, of the database alone"
            rows.append([what, f"{LIMIT_TARGET:.2f}", *(f"{ratio:.2f}" if size == many else "–" for size in sizes)])
    for kind in run.plan.kinds:
        p50 = {
            size: run.median(case, lambda o: o.p50)
            for size in sizes
            if (case := Case(PAGES, kind, size, 1)) in run.outcomes
        }
        if len(p50) > 1:
            what = f"other pages, {NAMES[kind]}, 1 caller, p50 to that over {few:,}, at most"
            rows.append([what, f"{GROWTH_TARGET:.2f}", *(f"{p50[size] / p50[few]:.2f}" for size in sizes)])
    return _table([f"at {most} callers", "wanted", *(f"over {size:,}" for size in sizes)], rows) if rows else ""


def _limits(run: Run) -> str:
    if not run.limits:
        return ""
    rows = []
    for way in WAYS:
        if way in run.limits:
            p50, p99 = (statistics.median(getattr(one, name) for one in run.limits[way]) for name in ("p50", "p99"))
            rows.append([way.says, f"{run.limit(way):,.0f}", f"{p50 / 1e3:.2f}", f"{p99 / 1e3:.2f}"])
    return _table(["the database alone", "returns/s", "transaction p50 ms", "p99 ms"], rows)


def _lists(run: Run) -> str:
    rows = []
    for case in run.outcomes:
        if case.method in {LIST, PAGES}:
            p50, size = run.median(case, lambda o: o.p50) / 1e3, run.median(case, lambda o: o.answer_bytes)
            rows.append(
                [
                    TITLES[case.method],
                    NAMES[case.kind],
                    f"{case.callers}",
                    f"{case.returns:,}",
                    f"{p50:.2f}",
                    f"{size:,.0f}",
                ]
            )
    return _table(["lists", "database", "callers", "stored", "p50 ms", "bytes a page"], rows) if rows else ""


def _workers(run: Run) -> str:
    """What more workers bring, and how many cores each party used: what is left of the machine is the bound."""
    rows = []
    for case in run.outcomes:
        if not case.workers:
            continue
        alone = run.outcomes[case._replace(workers=min(run.plan.workers))]
        ratio = statistics.median(many.rate / one.rate for many, one in zip(run.outcomes[case], alone, strict=True))
        cores = [run.median(case, lambda o, p=party: o.use.parties[p]) for party in ("server", "postgresql", "load")]  # type: ignore[misc]
        rows.append([
            f"{TITLES[case.method]}, PostgreSQL", f"{case.callers}", f"{case.workers}",
            f"{run.median(case, lambda o: o.rate):,.0f}", f"{ratio:.2f}",
            f"{run.median(case, lambda o: o.p50) / 1e3:.2f}", f"{run.median(case, lambda o: o.p99) / 1e3:.2f}",
            *(f"{one:.2f}" for one in cores), f"{run.median(case, _others):.2f}",
        ])  # fmt: skip
    head = [
        *("nothing pinned", "callers", "workers", "calls/s", "of one worker", "p50 ms", "p99 ms"),
        *("server cores", "PostgreSQL cores", "load cores", "others' cores"),
    ]
    return _table(head, rows) if rows else ""


def _starts(run: Run) -> str:
    rows = []
    for kind, measured in run.starts.items():
        seconds, idle = (statistics.median(values) for values in zip(*measured, strict=True))
        after = f"{run.memory[kind] / 2**20:.0f}" if kind in run.memory else "–"
        rows.append([NAMES[kind], f"{seconds:.2f}", f"{idle / 2**20:.0f}", after])
    head = ["start", "seconds until it serves", "MiB then", "MiB after the run"]
    return _table(head, rows) if rows else ""
