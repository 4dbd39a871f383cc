"""PostgreSQL alone: pgbench with the transaction of one creation."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_DONE = re.compile(r"number of transactions actually processed: (\d+)")
_FAILED = re.compile(r"number of failed transactions: (\d+)")
_RATE = re.compile(r"tps = ([0-9.]+) \(without initial connection time\)")


class PgbenchFailed(Exception):
    """pgbench did not end well; the message has what it said."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How many transactions were committed, how many a second, and their latency in microseconds."""

    transactions: int
    rate: float
    p50: float
    p99: float


def pgbench(program: Path, url: str, script: str, scratch: Path, callers: int, seconds: float, n: int) -> Reached:
    """What pgbench reached with so many clients; `n` is more than any client counted to in an earlier run."""
    logs = scratch / "pgbench"
    logs.mkdir(exist_ok=True)
    for old in logs.iterdir():
        old.unlink()
    (logs / "script.sql").write_text(script)
    to = urlsplit(url)
    ended = subprocess.run(
        [
            *(program, "--no-vacuum", "--protocol=prepared", "--file=script.sql", f"--client={callers}"),
            *(f"--time={max(1, round(seconds))}", f"--define=n={n}", "--log"),
            *(f"--host={to.hostname}", f"--port={to.port}", f"--username={to.username}", to.path.strip("/")),
        ],
        cwd=logs,
        capture_output=True,
        text=True,
        check=False,
    )
    done, failed, rate = (pattern.search(ended.stdout) for pattern in (_DONE, _FAILED, _RATE))
    if ended.returncode or not (done and failed and rate) or failed[1] != "0":
        raise PgbenchFailed(f"{ended.stdout}{ended.stderr}"[-4000:])
    lines = [line for log in logs.glob("pgbench_log.*") for line in log.read_text().splitlines()]
    latencies = sorted(float(line.split()[2]) for line in lines)
    p50, p99 = latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]
    return Reached(int(done[1]), float(rate[1]), p50, p99)
