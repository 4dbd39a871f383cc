"""Events as messages: subject, headers, and a body in CloudEvents 1.0, as webhooks have it."""

from __future__ import annotations

from dataclasses import dataclass

from returns_server.application.ports import StoredEvent
from returns_server.application.webhooks.endpoints import PayloadFormat
from returns_server.domain.ids import Micros, TenantId
from returns_server.events.bodies import CONTENT_TYPES, LoggedEvent, event_message, told

CURSOR = "Returns-Cursor"
SEQUENCE = "Returns-Sequence"
TIME = "Returns-Time-Micros"
_MORE_HEAD_BYTES = 500
"""What the window and JetStream add to the headers, at most."""
_FORMAT = PayloadFormat.CLOUDEVENTS


@dataclass(frozen=True, slots=True)
class Message:
    """One event on its way."""

    tenant: TenantId
    sequence: int
    time: Micros
    subject: str
    headers: dict[str, str]
    body: bytes

    @property
    def size(self) -> int:
        """What NATS counts of it, in bytes, or a little more."""
        head = sum(len(name) + len(value) + 4 for name, value in self.headers.items())
        return len(self.body) + head + _MORE_HEAD_BYTES


def of_tenant(prefix: str, tenant: TenantId) -> str:
    """The subjects of all events of a tenant."""
    # Letters and digits, by the contract: nothing that NATS gives a meaning to.
    return f"{prefix}.{tenant}.>"


def message_of(prefix: str, tenant: TenantId, epoch: bytes, stored: StoredEvent) -> Message:
    """The message that tells of an event: the same one each time."""
    event = LoggedEvent(tenant, epoch, stored.sequence, bytes(stored.event_id), bytes(stored.document))
    said = event_message(event)
    time = Micros(said.time.ToMicroseconds())
    headers = {
        "Nats-Msg-Id": said.id,
        "Content-Type": CONTENT_TYPES[_FORMAT],
        CURSOR: said.cursor,
        SEQUENCE: str(said.sequence),
        TIME: str(time),
    }
    if said.trace_parent:
        headers["traceparent"] = said.trace_parent
    # The dot of a type parts two tokens, so that `*.return.approved` and `acme.>` choose what they seem to.
    subject = f"{prefix}.{tenant}.{said.type}"
    return Message(tenant, stored.sequence, time, subject, headers, told(tenant, said, _FORMAT))
