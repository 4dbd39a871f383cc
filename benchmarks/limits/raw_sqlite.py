"""Python's sqlite3 alone: `python -m benchmarks.limits.raw_sqlite FILE RETURNS SKIP SECONDS BATCH`.

Puts creations (the product's own statements and rows, prepared beforehand) into a copy of a seed of RETURNS for so
many seconds, BATCH of them a transaction, synchronous=FULL. SKIP are there from an earlier run. Prints a JSON object.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Sequence

from benchmarks.limits.creation import Repeats, save_creation
from benchmarks.seed.rows import Queue
from returns_server.storage.dialects import Query
from returns_server.storage.dialects.sqlite import SqliteDialect
from returns_server.storage.sqlite import WRITER_SETTINGS

# More than any disk takes one by one; what is left over when the time is up was prepared in vain.
_PREPARED_A_SECOND = 4_000


def main(file: str, returns: int, skip: int, seconds: float, batch: int) -> None:
    prepared = _prepared(returns, skip, round(_PREPARED_A_SECOND * seconds) * (2 if batch > 1 else 1))
    connection = sqlite3.connect(file, isolation_level=None, cached_statements=512)
    for setting in (*WRITER_SETTINGS, "cache_size=-65536"):  # as the product has them
        connection.execute(f"PRAGMA {setting}")
    latencies = []
    processor = time.process_time()
    begin = now = time.perf_counter()
    for first in range(0, len(prepared) - batch + 1, batch):
        connection.execute("BEGIN IMMEDIATE")
        for queries in prepared[first : first + batch]:
            for query in queries:
                run = connection.executemany if query.many else connection.execute
                run(query.statement, query.parameters)
        connection.execute("COMMIT")
        before, now = now, time.perf_counter()
        latencies.append(now - before)
        if now - begin >= seconds:
            break
    done = len(latencies) * batch
    latencies.sort()
    report = {
        "returns": done,
        "rate": done / (now - begin),
        "p50_micros": latencies[len(latencies) // 2] * 1e6,
        "p99_micros": latencies[len(latencies) * 99 // 100] * 1e6,
        "processor_micros": (time.process_time() - processor) / done * 1e6,
    }
    connection.close()
    print(json.dumps(report))


def _prepared(returns: int, skip: int, count: int) -> list[Sequence[Query]]:
    dialect = SqliteDialect()
    prepared: list[Sequence[Query]] = []
    try:
        for nth in range(skip, skip + count):
            queue = Queue(dialect)
            save_creation(queue, returns, nth)
            prepared.append(queue.queries)
    except Repeats:
        pass
    return prepared


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
