"""Everything that is measured, running side by side, and one measurement of it."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import calls
from benchmarks.counting import count, grown
from benchmarks.databases import POSTGRESQL, Databases
from benchmarks.echo_server import SERVICE as ECHO_SERVICE
from benchmarks.generator import Generator, Load, Outcome, Timing
from benchmarks.machine import Tree, alone, family
from benchmarks.plan import CREATE, ECHO, GET, LIST, PAGES, Case, Plan
from benchmarks.seed.shop import LINES, return_name
from benchmarks.servers import Server, echo, product
from returns_server.config import DATABASE_FILE

_KEPT = 20
_SIZED = 200
# More than any server answers; requests that are left over were made in vain.
_MOST_CREATES_A_SECOND = 8_000


@dataclass(frozen=True, slots=True)
class Stored:
    """A server of the product and the database behind it."""

    server: Server
    database: str | Path


class Stage:
    """The echo server and the product over each database, all up from the first round to the last."""

    def __init__(
        self,
        generator: Generator,
        databases: Databases,
        echo_server: Server,
        products: Mapping[tuple[str, int], Stored],
        timing: Timing,
        chance: int = 20_261_123,
    ) -> None:
        """`chance` chooses what is asked; stages over one database need different ones, or repeat each other's ids."""
        self.products = products
        self.timing = timing
        self._generator = generator
        self._databases = databases
        self._echo = echo_server
        self._chance = random.Random(chance)
        self.return_bytes = self._size_of_a_return()

    def pid(self, case: Case) -> int:
        """The process that answers a case."""
        return self._echo.pid if case.method == ECHO else self.products[case.kind, case.returns].server.pid

    def measure(self, case: Case) -> Outcome:
        """One measurement, its answers looked at; raises GeneratorFailed, WrongAnswer."""
        if case.method == ECHO:
            message = self._chance.randbytes(self.return_bytes)
            load = Load(self._echo.address, f"/{ECHO_SERVICE}/Echo", [message], case.callers, case.connections)
            return self._generator.run(load, self.timing, {"server": alone(self._echo.pid)})
        measured = {GET: self._get, LIST: self._list, PAGES: self._pages, CREATE: self._create}[case.method]
        stored = self.products[case.kind, case.returns]
        with closing(calls.Client(stored.server)) as client:
            return measured(case, stored, client)

    def _get(self, case: Case, stored: Stored, client: calls.Client) -> Outcome:
        requests = calls.gets(case.returns, self._chance)
        if isinstance(stored.database, Path):
            _in_memory(stored.database / DATABASE_FILE)
        outcome = self._run(case, stored, "GetReturn", requests)
        calls.check_gets(client, requests, outcome.samples)
        return outcome

    def _list(self, case: Case, stored: Stored, client: calls.Client) -> Outcome:
        outcome = self._run(case, stored, "ListReturns", calls.lists())
        calls.check_lists(client, outcome.samples)
        return outcome

    def _pages(self, case: Case, stored: Stored, client: calls.Client) -> Outcome:
        requests = calls.pages(client)
        outcome = self._run(case, stored, "ListReturns", requests)
        calls.check_pages(client, requests, outcome.samples)
        return outcome

    def _create(self, case: Case, stored: Stored, client: calls.Client) -> Outcome:
        most = round((self.timing.warm_seconds + self.timing.measure_seconds) * _MOST_CREATES_A_SECOND)
        requests = calls.creates(case.returns, most, self._chance)
        before = count(stored.database)
        outcome = self._run(case, stored, "CreateReturn", requests, once=True)
        after = count(stored.database)
        if not grown(before, after, outcome.asked, LINES):
            raise calls.WrongAnswer(f"{outcome.asked} returns were answered; {before} became {after}")
        calls.check_creates(client, requests, outcome.samples)
        return outcome

    def _run(
        self, case: Case, stored: Stored, method: str, requests: Sequence[bytes], *, once: bool = False
    ) -> Outcome:
        server = stored.server
        load = Load(
            server.address, f"{calls.SERVICE}/{method}", requests, case.callers, case.connections, server.token, once
        )
        parties: dict[str, Tree] = {"server": family(server.pid)}
        if case.kind == POSTGRESQL and self._databases.server is not None and self._databases.server.pid is not None:
            parties["postgresql"] = family(self._databases.server.pid)
        return self._generator.run(load, self.timing, parties, _KEPT)

    def _size_of_a_return(self) -> int:
        """What GetReturn answers on average, so that the echo can be as large."""
        (_, returns), stored = next(iter(self.products.items()))
        with closing(calls.Client(stored.server)) as client:
            names = [return_name(i) for i in self._chance.sample(range(returns), _SIZED)]
            return round(statistics.mean(client.get(name).ByteSize() for name in names))


def _in_memory(file: Path) -> None:
    """Have the operating system hold a file in memory, as one that is used all day; PostgreSQL has its own memory."""
    with file.open("rb", buffering=0) as content:
        while content.read(16 << 20):
            pass


Copies = Mapping[tuple[str, int], str | Path]
"""Databases by their kind and size: folders of SQLite files, URLs of PostgreSQL databases."""


@contextmanager
def opened(plan: Plan, databases: Databases, copies: Copies, generator: Generator, core: int | None) -> Iterator[Stage]:
    """All servers, those of the product over these databases."""
    with ExitStack() as stack:
        echo_server = stack.enter_context(echo(core))
        products = {}
        for key, database in copies.items():
            products[key] = Stored(stack.enter_context(product(database, core)), database)
        yield Stage(generator, databases, echo_server, products, plan.timing)


def starts(database: str | Path, core: int | None, times: int) -> list[tuple[float, int]]:
    """How long the product took to start over the database, in seconds, and its memory then, in bytes."""
    measured = []
    for _ in range(times):
        with product(database, core) as server:
            measured.append((server.start_seconds, server.memory_bytes()))
    return measured
