"""Structured logs on standard error: a JSON object a line, or lines for people."""

from __future__ import annotations

import logging
import sys
from functools import partial

import structlog
from structlog.typing import EventDict, Processor

from returns_server.telemetry.redaction import hidden, told


def configure(*, level: str, people: bool, worker: int | None = None) -> None:
    """Send our logs, and those of libraries from warnings on, to standard error; each says which worker wrote it."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*processors(worker), *_last(people)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_first_line, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *processors(worker),
                *_last(people),
            ],
        )
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[handler])


def processors(worker: int | None = None) -> list[Processor]:
    """What every entry passes before it is written: what it gets added, and what is kept out of it."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([] if worker is None else [partial(_with_worker, worker)]),
        _with_story,
        _without_secrets,
    ]


def _last(people: bool) -> list[Processor]:
    if people:
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [structlog.processors.JSONRenderer()]


def _with_worker(worker: int, _logger: object, _method: str, event: EventDict) -> EventDict:
    event["worker"] = worker
    return event


def _first_line(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Of what a library says; asyncio goes on with what its tasks hold."""
    event["event"] = next(iter(str(event["event"]).splitlines()), "")
    return event


def _with_story(_logger: object, _method: str, event: EventDict) -> EventDict:
    """An exception as text, in the field `exception`."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = told(error)
    return event


def _without_secrets(_logger: object, _method: str, event: EventDict) -> EventDict:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = hidden(value)
    return event
