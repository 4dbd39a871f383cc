"""Logs: one JSON object a line, also of libraries, and nothing in them that somebody could be known or robbed by."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from returns_server.domain.errors import FilterInvalid
from returns_server.telemetry.redaction import hidden, told
from tests.support.suite_logs import PLANTED, findings_under, forbidden_in

TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl"
PROGRAM = """
import asyncio, logging, structlog
from returns_server.telemetry import logs
logs.configure(level="info", people={people}, worker=3)
log = structlog.get_logger("returns_server")
log.info("hello", address="bob@shop.example", count=2)
try:
    raise RuntimeError("seen\\nDETAIL: Failing row contains (Zebulonia)")
except RuntimeError as error:
    log.error("incident", exc_info=error)
logging.getLogger("library").warning("it took %s", "{token}")
logging.getLogger("library").info("nobody asks")
async def broken():
    raise KeyError("Quixworthy")
async def main():
    task = asyncio.ensure_future(broken())
    await asyncio.sleep(0)
    del task
asyncio.run(main())
"""


def logged(people: bool) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(people=people, token=TOKEN)], capture_output=True, text=True, check=True
    )
    assert not done.stdout
    return done.stderr.splitlines()


def test_everything_is_one_json_object_a_line() -> None:
    lines = [json.loads(line) for line in logged(people=False)]
    hello, incident, library, unawaited = lines
    assert (hello["event"], hello["level"], hello["worker"], hello["count"]) == ("hello", "info", 3, 2)
    assert hello["address"] == "[hidden]"
    assert incident["exception"].endswith("RuntimeError: seen")
    assert (library["event"], library["logger"], library["level"]) == ("it took [hidden]", "library", "warning")
    assert (unawaited["event"], unawaited["logger"]) == ("Task exception was never retrieved", "asyncio")
    assert unawaited["exception"].endswith("\nKeyError")
    assert all("timestamp" in line for line in lines)


def test_lines_for_people_hide_as_much() -> None:
    assert list(forbidden_in(logged(people=True))) == []


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("to a.b+c@shop.example.com now", "to [hidden] now"),
        (f"token {TOKEN}", "token [hidden]"),
        ("eyJhbGciOiJFUzI1NiJ9.eyJzd", "[hidden]"),
        ("authorization: Bearer abc.def", "authorization: [hidden]"),
        ("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "[hidden]"),
        ("postgresql://user:pass@db.internal/returns", "postgresql://[hidden]@db.internal/returns"),
        ("returns.returns_manage at tenants/acme/returns/1 of 10.0.0.1:443", None),
    ],
)
def test_texts_are_cleaned(text: str, becomes: str | None) -> None:
    assert hidden(text) == (text if becomes is None else becomes)


def test_of_exceptions_the_kind_and_the_place_are_told_and_no_value() -> None:
    try:
        try:
            int("Zebulonia")
        except ValueError as error:
            raise ExceptionGroup("two", [FilterInvalid("no field Quixworthy", 3), OSError("down")]) from error
    except ExceptionGroup as error:
        story = told(error)
    assert "test_logs.py" in story
    assert "ValueError" in story
    assert "FILTER_INVALID" in story
    assert "OSError: down" in story
    assert list(forbidden_in(story.splitlines())) == []


def test_what_is_planted_is_found(tmp_path: Path) -> None:
    """The control: a log that holds such things is told of."""
    (tmp_path / "some" / "test0").mkdir(parents=True)
    log = tmp_path / "some" / "test0" / "data.log"
    for leak in (*PLANTED.values(), "bob@shop.example", TOKEN, "whsec_abc", "Bearer abcdefghij"):
        log.write_text(f'{{"event": "fine"}}\n{{"event": "{leak}"}}\n')
        assert findings_under(tmp_path), leak
    log.write_text('{"event": "fine"}\n')
    assert findings_under(tmp_path) == []
