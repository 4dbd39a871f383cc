"""What a request for a stream of events asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsRequest
from returns_server.application.listing import Viewer
from returns_server.domain.ids import SECOND, TenantId
from returns_server.events.cursor import parse_cursor
from returns_server.events.selection import MAX_BATCH_EVENTS, Selection
from returns_server.events.streams import Ask, End, Since, Start
from returns_server.filtering.language import parse_events_filter
from returns_server.filtering.predicate import Predicate, compiled
from returns_server.filtering.tree import EVERYTHING
from returns_server.transport.call import Call
from returns_server.transport.decode.findings import Findings
from returns_server.transport.decode.times import micros

DEFAULT_HEARTBEAT_SECONDS = 15.0


def stream(request: StreamReturnEventsRequest, call: Call, still_allowed: Callable[[], Awaitable[None]]) -> Ask:
    """The stream asked for; raises CursorInvalid, FilterInvalid, FieldInvalid."""
    caller, viewer = call.caller, Viewer.of(call.actor)
    heartbeat = DEFAULT_HEARTBEAT_SECONDS
    if request.HasField("heartbeat_interval"):
        heartbeat = request.heartbeat_interval.ToMicroseconds() / SECOND
    return Ask(
        selection=Selection(
            tenant=caller.tenant,
            viewer=viewer,
            matches=matching(request.filter, caller.tenant, viewer),
            max_events=request.max_batch_events or MAX_BATCH_EVENTS,
        ),
        start=_start(request, caller.tenant),
        heartbeat_seconds=heartbeat,
        caller=f"{caller.issuer} {caller.subject}",
        expire_time=caller.expire_time,
        still_allowed=still_allowed,
    )


def matching(text: str, tenant: TenantId, viewer: Viewer) -> Predicate | None:
    """Whether an event, as the viewer sees it, matches a filter; None where all do. Raises FilterInvalid."""
    where = parse_events_filter(text, tenant, sees_all=viewer.everything)
    return None if where == EVERYTHING else compiled(where, ReturnEvent.DESCRIPTOR)


def _start(request: StreamReturnEventsRequest, tenant: TenantId) -> Start:
    match request.WhichOneof("position"):
        case "after_cursor":
            return parse_cursor(request.after_cursor, tenant)
        case "start_time":
            findings = Findings()
            since = Since(micros(request.start_time, "start_time", findings))
            findings.check()
            return since
        case "start" if request.start == StreamReturnEventsRequest.START_EARLIEST:
            return End.EARLIEST
        case _:
            return End.LATEST
