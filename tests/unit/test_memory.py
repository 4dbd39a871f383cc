"""What start-up made is put aside: the collector does not look through it again, and whole huge pages are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from returns_server.memory import whole_huge_pages

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("maps", "found"),
    [
        ("00400000-00900000 rw-p 00000000 00:00 0", [(0x400000, 4 * MIB)]),
        ("00500000-00900000 rw-p 00000000 00:00 0   [heap]", [(0x600000, 2 * MIB)]),
        ("00500000-007ff000 rw-p 00000000 00:00 0", []),
        ("00400000-00900000 r-xp 00000000 00:00 0", []),
        ("00400000-00900000 rw-p 00000000 fe:00 42   /some/file with spaces", []),
        ("00400000-00900000 rw-p 00000000 00:00 0   [stack]", []),
        ("003ff000-00400000 ---p 00000000 00:00 0\n00400000-00c00000 rw-p 00000000 00:00 0", []),
        ("003fe000-003ff000 ---p 00000000 00:00 0\n00400000-00800000 rw-p 00000000 00:00 0", [(0x400000, 4 * MIB)]),
    ],
    ids=["all of it", "what is whole", "none is whole", "code", "a file", "the stack", "a thread's stack", "no stack"],
)
def test_whole_huge_pages_of_the_heap_are_found(maps: str, found: list[tuple[int, int]]) -> None:
    assert list(whole_huge_pages(maps)) == found


def test_a_process_goes_on_with_what_it_had() -> None:
    program = """
import gc
kept = [[number] for number in range(200_000)]
from returns_server.memory import settle
settle()
assert gc.get_freeze_count() > 200_000
assert [number for [number] in kept] == list(range(200_000))
"""
    subprocess.run([sys.executable, "-c", program], check=True)
