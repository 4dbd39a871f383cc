"""What a decision leaves behind: the return as it is now, the ledger lines it changed, and events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import field
from enum import IntEnum
from operator import attrgetter

from returns_server.domain.ids import LineKey
from returns_server.domain.orders import OrderLine
from returns_server.domain.record import record
from returns_server.domain.returns import Return, by_order


class EventType(IntEnum):
    """What happened to a return."""

    CREATED = 1
    UPDATED = 2
    APPROVED = 3
    REJECTED = 4
    RECEIVED = 5
    CLOSED = 6
    REOPENED = 7
    DELETED = 8
    PERSON_ERASED = 9

    @property
    def type_name(self) -> str:
        """The name that travels, such as `return.created`."""
        return f"return.{self.name.lower()}"


@record
class Event:
    """One thing that happened; `snapshot` is the return after it, on deletion its last state.

    `version` is the return's version after the event. A deletion takes the next version too, so that the events
    of a return are numbered without a gap, although its snapshot is the one before.
    """

    type: EventType
    version: int
    changed_paths: tuple[str, ...]
    snapshot: Return


@record
class Decision:
    """The outcome of one command on one return.

    No events means that nothing changed. `deleted` means that the return is no more and `after` its last state.
    """

    after: Return
    events: tuple[Event, ...] = ()
    lines: Mapping[LineKey, OrderLine] = field(default_factory=dict)
    deleted: bool = False


_PATHS: dict[str, Callable[[Return], object]] = {
    "state": attrgetter("state"),
    "close_reason": attrgetter("close_reason"),
    "rejection": attrgetter("rejection"),
    "closing": attrgetter("closing"),
    "reason": attrgetter("reason"),
    "orders": lambda r: [(key, [_shown(item) for item in items]) for key, items in by_order(r.items).items()],
    "requestor": attrgetter("requestor"),
    "submitter": attrgetter("submitter"),
    "approver": attrgetter("approver"),
    "goods_state": attrgetter("goods_state"),
    "goods_not_expected": attrgetter("goods_not_expected"),
    "received": attrgetter("received"),
    "receipts": attrgetter("receipts"),
    "total": attrgetter("total"),
    "approved_total": attrgetter("approved_total"),
    "currency_code": attrgetter("currency"),
    "expire_time": attrgetter("expire_time"),
    # As text, for in Python 1.0 equals True.
    "attributes": lambda r: json.dumps(r.attributes, sort_keys=True) if r.attributes else None,
    "assisted_actions": attrgetter("assisted_actions"),
    "approve_time": attrgetter("approve_time"),
    "receive_time": attrgetter("receive_time"),
    "close_time": attrgetter("close_time"),
}


# Of a new return it is enough to know that something is there.
_SAID: dict[str, Callable[[Return], object]] = {
    **_PATHS,
    "orders": attrgetter("items"),
    "total": attrgetter("items"),
    "approved_total": attrgetter("approve_time"),
    "attributes": attrgetter("attributes"),
}


def _shown(item: object) -> tuple[object, ...]:
    names = ("line_id", "quantity", "approved_quantity", "received_quantity", "reason", "total", "approved_total")
    return tuple(getattr(item, name) for name in names)


def changed_paths(before: Return | None, after: Return) -> tuple[str, ...]:
    """The top-level fields of the message that differ; of a new return, those that say something.

    Version, etag and update time always change and are not listed.
    """
    if before is None:
        return tuple(path for path, value in _SAID.items() if value(after))
    return tuple(path for path, value in _PATHS.items() if value(before) != value(after))


def decided(
    event_type: EventType, before: Return | None, after: Return, lines: Mapping[LineKey, OrderLine]
) -> Decision:
    """A decision with one event of this type."""
    event = Event(event_type, after.version, changed_paths(before, after), after)
    return Decision(after, (event,), lines)
