"""Structured logs on standard error: a JSON object a line, or lines for people."""

from __future__ import annotations

import logging
import sys
from functools import partial

import structlog


def configure(*, level: str, people: bool, worker: int | None = None) -> None:
    """Send our logs, and those of libraries from warnings on, to standard error; each says which worker wrote it."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([] if worker is None else [partial(_with_worker, worker)]),
    ]
    last: list[structlog.typing.Processor] = (
        # Tracebacks without local variables, in both: those may hold what nobody should read.
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if people
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    prefix = "" if worker is None else f"worker {worker} "
    logging.basicConfig(
        level=max(threshold, logging.WARNING), stream=sys.stderr, format=f"{prefix}%(levelname)s %(message)s"
    )


def _with_worker(
    worker: int, _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    event["worker"] = worker
    return event
