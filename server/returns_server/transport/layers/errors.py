"""The one boundary: whatever goes wrong further in becomes a status here, for single answers and for streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from grpc.aio import AbortError

from returns_server.domain.errors import Overloaded, ReturnsError
from returns_server.telemetry.spans import trace_id_of
from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.errors import INTERNAL, ErrorAnswer, incident, refusal
from returns_server.transport.layers import Handler, Layer

_log = structlog.get_logger(__name__)


class Answers:
    """Turns what was raised into what is answered; a bug's story goes to the log and its incident id to the client."""

    def __init__(self, new_id: Callable[[], UUID], refused: Callable[[str, str], None] = lambda *_: None) -> None:
        """Takes the source of incident ids, and who counts reasons, with the cause of what is too much."""
        self._new_id = new_id
        self._refused = refused

    def to(self, error: Exception, method: str, call: Call) -> ErrorAnswer:
        """The answer to an exception, of ours or not."""
        if isinstance(error, ReturnsError):
            self._refused(error.reason, (error.cause or "") if isinstance(error, Overloaded) else "")
            return refusal(error)
        self._refused(INTERNAL, "")
        incident_id = str(self._new_id())
        _log.error(
            "incident",
            incident_id=incident_id,
            method=method,
            call_id=call.id,
            tenant=call.tenant,
            trace_id=trace_id_of(call.trace_parent),
            exc_info=error,
        )
        return incident(incident_id)


def errors(answers: Answers) -> Layer:
    """A layer that answers every error with its status.

    A cancellation passes, for it is no Exception: swallowing it would leak the call's native memory.
    """

    def layer(method: Method, inner: Handler) -> Handler:
        async def answered(request: Any, call: Call) -> Any:
            try:
                return await inner(request, call)
            except AbortError:
                raise
            except Exception as error:  # noqa: BLE001 - this is the boundary
                answer = answers.to(error, method.name, call)
            # Outside the handler above, so that the abort does not carry the error along.
            return await call.abort(answer)

        return answered

    return layer
