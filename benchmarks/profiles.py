"""Where the time of a server's Python goes under load: sampled by py-spy while the GIL is held, summed by function."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SAMPLES_A_SECOND = 500
_SHOWN = 30
# What leads to the event loop, or to a thread's work, tells nothing.
_BOTTOM = ("Runner.run (", "_worker (", "Thread.run (")


class ProfilerFailed(Exception):
    """py-spy did not end well; the message has what it said."""


@contextmanager
def sampled(pid: int, seconds: float, file: Path) -> Iterator[None]:
    """Samples a process while the block runs; `file` gets its stacks, one a line with how often it was seen."""
    command = [
        *(str(Path(sys.executable).with_name("py-spy")), "record", "--pid", str(pid), "--gil", "--nonblocking"),
        *("--format", "raw", "--rate", str(_SAMPLES_A_SECOND), "--duration", str(max(1, round(seconds)))),
        *("--output", str(file)),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        yield
        _, said = process.communicate()
    if process.returncode or not file.exists():
        raise ProfilerFailed(f"py-spy failed:\n{said[-2000:]}")


def summary(file: Path) -> str:
    """The functions that cost most: with what they call, and by themselves, in percent of all samples."""
    whole: Counter[str] = Counter()
    own: Counter[str] = Counter()
    for line in file.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        frames = [frame.rpartition(":")[0] + ")" if ":" in frame else frame for frame in stack.split(";")]
        bottom = max((i for i, frame in enumerate(frames) if frame.startswith(_BOTTOM)), default=0)
        own[frames[-1]] += int(count)
        for frame in set(frames[bottom:]):
            whole[frame] += int(count)
    total = sum(own.values())
    lines = [f"{total} samples; with what it calls | by itself"]
    for (name, much), (alone, little) in zip(whole.most_common(_SHOWN), own.most_common(_SHOWN), strict=False):
        lines.append(f"{much / total:6.1%}  {name[-75:]:<75} | {little / total:6.1%}  {alone[-75:]}")
    return "\n".join(lines)
