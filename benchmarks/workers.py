"""One and several workers on PostgreSQL under the same load, with nothing pinned: they need what cores there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from benchmarks.databases import POSTGRESQL, Databases
from benchmarks.generator import Generator
from benchmarks.machine import pin
from benchmarks.plan import Plan
from benchmarks.servers import echo, product
from benchmarks.stage import Copies, Stage, Stored


@contextmanager
def opened(plan: Plan, databases: Databases, copies: Copies, generator: Generator) -> Iterator[Mapping[int, Stage]]:
    """A stage for each number of workers, all over the same database; meanwhile PostgreSQL may use any core, too."""
    if databases.server is None or databases.server.pid is None:
        raise RuntimeError("PostgreSQL takes no part in this run")
    database = copies[POSTGRESQL, plan.returns]
    with ExitStack() as stack:
        pin(databases.server.pid, None)
        stack.callback(pin, databases.server.pid, databases.core)
        echo_server = stack.enter_context(echo(None))
        stages = {}
        for workers in plan.workers:
            stored = Stored(stack.enter_context(product(database, None, workers)), database)
            products = {(POSTGRESQL, plan.returns): stored}
            stages[workers] = Stage(generator.unpinned(), databases, echo_server, products, plan.timing, chance=workers)
        yield stages
