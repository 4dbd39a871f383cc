"""What a stream says, as messages."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration

from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsResponse
from returns_server.events.entry import Batch, CaughtUp, Checkpoint, Ending, Goodbye, Sent
from returns_server.transport.encode.wire import bytes_field

_Goodbye = StreamReturnEventsResponse.Goodbye
_BATCH = StreamReturnEventsResponse.DESCRIPTOR.fields_by_name["batch"].number
_CURSOR = StreamReturnEventsResponse.DESCRIPTOR.fields_by_name["cursor"].number
_REASONS = {
    Ending.DRAINING: _Goodbye.REASON_DRAINING,
    Ending.TOKEN_EXPIRED: _Goodbye.REASON_TOKEN_EXPIRED,
    Ending.MAX_AGE: _Goodbye.REASON_MAX_AGE,
}


def encoded(sent: Sent) -> bytes:
    """An encoded StreamReturnEventsResponse."""
    if isinstance(sent, Batch):
        return sent.encoded(_batch)
    answer = StreamReturnEventsResponse(cursor=str(sent.place))
    match sent:
        case Checkpoint():
            answer.checkpoint.SetInParent()
        case CaughtUp():
            answer.caught_up.SetInParent()
        case Goodbye(_, ending, retry_delay):
            seconds, micros = divmod(retry_delay, 1_000_000)
            answer.goodbye.reason = _REASONS[ending]
            answer.goodbye.retry_delay.CopyFrom(Duration(seconds=seconds, nanos=micros * 1_000))
    return answer.SerializeToString()


def _batch(events: bytes, cursor: bytes) -> bytes:
    return bytes_field(_BATCH, events) + bytes_field(_CURSOR, cursor)
