"""The relay at work: from one connection to the next, and over each from every log to the stream."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from returns_server.application.ports import LogPage, StoredEvent
from returns_server.domain.errors import CursorExpired, Overloaded, StorageUnavailable
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import Cursor
from returns_server.events.log import check_place
from returns_server.events.wakeup import Bell, WakeUp
from returns_server.relay.connection import Access, Connection, connected
from returns_server.relay.messages import Message, message_of
from returns_server.relay.places import EVERYTHING, Logs, Place, Places
from returns_server.relay.progress import Progress
from returns_server.relay.stream import Stream, Wanted, opened
from returns_server.relay.troubles import BrokerAway, Moved, Stuck, Unfit
from returns_server.relay.window import Window

_log = structlog.get_logger(__name__)

_LOOK_SECONDS = 0.5
"""How late the relay learns at worst that a log grew; a wake-up makes it look at once."""
READ_EVENTS = 256
READ_BYTES = 512 * 1024
_HEADS_AT_ONCE = 1_000
_TURN_EVENTS = 16
_STUCK_SECONDS = 30.0
_DATABASE_SECONDS = 1.0
_MOVED_SECONDS = (0.2, 1.0)
_AWAY_SECONDS = (0.1, 5.0)


@dataclass
class _Term:
    """What is known while one connection lasts."""

    stream: Stream
    window: Window
    places: dict[TenantId, Place] = field(default_factory=dict)
    heads: dict[TenantId, int] = field(default_factory=dict)
    pauses: dict[TenantId, float] = field(default_factory=dict)
    looked: float = 0.0


class Relay:
    """Publishes every event of every log once, in order."""

    def __init__(self, access: Access, wanted: Wanted, logs: Logs, places: Places, progress: Progress) -> None:
        """Takes where NATS is, the stream, the logs, who finds places in them, and who counts."""
        self._access = access
        self._wanted = wanted
        self._logs = logs
        self._places = places
        self._progress = progress
        self._stuck: dict[TenantId, float] = {}
        self._now: Callable[[], float] = asyncio.get_running_loop().time

    async def run(self, wake_up: WakeUp) -> None:
        """Work until cancelled; raises Unfit where NATS or the stream cannot be used as it is."""
        shortest, longest = _AWAY_SECONDS
        pause = shortest
        with wake_up.listening() as bell:
            while True:
                began = self._now()
                try:
                    async with connected(self._access) as connection:
                        await self._follow(connection, bell)
                except BrokerAway as error:
                    _log.warning("relay: NATS is away", cause=str(error))
                    self._progress.disconnected("away")
                    pause = shortest if self._now() - began > longest else min(2 * pause, longest)
                    await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  (jitter)
                except Unfit:
                    raise
                except Exception:  # noqa: BLE001  (a bug that one event met must not end the others' way)
                    _log.exception("relay: something failed and will be tried again")
                    self._progress.disconnected("failed")
                    await asyncio.sleep(longest)

    async def _follow(self, connection: Connection, bell: Bell) -> None:
        stream = await opened(connection, self._wanted)
        window = Window(connection, stream, self._progress.stored)
        await window.open()
        term = _Term(stream, window)
        self._progress.connected()
        _log.info("relay: publishing", stream=stream.name)
        heard: frozenset[TenantId] = frozenset()
        while True:
            try:
                sent = await self._step(term, heard)
            except (StorageUnavailable, Overloaded) as error:
                _log.warning("relay: the database is away", cause=type(error).__name__)
                await asyncio.sleep(_DATABASE_SECONDS)
                sent = True
            window.check()
            if not sent:
                await window.settled()
            if not sent and not window.moved:
                heard = await bell.heard(_LOOK_SECONDS)

    async def _step(self, term: _Term, heard: frozenset[TenantId]) -> bool:
        """Send on their way some events of each log that grew; whether there were any."""
        for tenant in tuple(term.window.moved):
            self._moved(term, tenant)
        if not heard or self._now() >= term.looked + _LOOK_SECONDS:
            await self._look(term)
        grown = {tenant for tenant, head in term.heads.items() if _differs(term.places.get(tenant), head)}
        sent = False
        for tenant in sorted(grown | heard):
            if self._now() < max(self._stuck.get(tenant, 0.0), term.pauses.get(tenant, 0.0)):
                continue
            try:
                sent |= await self._some(term, tenant)
                self._stuck.pop(tenant, None)
            except Moved:
                self._moved(term, tenant)
            except Stuck as stuck:
                _log.error("relay: a tenant's events cannot go on", tenant=tenant, cause=str(stuck))
                self._stuck[tenant] = self._now() + _STUCK_SECONDS
        self._progress.stuck(len(self._stuck))
        return sent

    def _moved(self, term: _Term, tenant: TenantId) -> None:
        """Have a tenant's place found anew, a moment later: whoever was faster may have more to publish."""
        term.window.moved.discard(tenant)
        term.places.pop(tenant, None)
        term.pauses[tenant] = self._now() + random.uniform(*_MOVED_SECONDS)  # noqa: S311  (jitter)
        self._progress.moved()

    async def _some(self, term: _Term, tenant: TenantId) -> bool:
        """Send the next events of a log on their way; whether there were any. Raises Stuck."""
        place = term.places.get(tenant)
        if place is None:
            place = term.places[tenant] = await self._places.find(term.stream, tenant)
            self._progress.reached(tenant, place.cursor.sequence)
        page = await self._logs.read_log(tenant, EVERYTHING, place.cursor.sequence, READ_EVENTS, READ_BYTES)
        try:
            check_place(place.cursor, page)
        except CursorExpired:
            # Another log than a moment ago. Once all is stored, the stream says what is known of this one.
            await term.window.settled()
            del term.places[tenant]
            return True
        term.heads[tenant] = page.head_sequence
        run, stuck = await _run(term.stream, tenant, page, place.cursor.sequence)
        if run:
            await term.window.put(tenant, run, place.behind)
            last = page.events[len(run) - 1]
            cursor = Cursor.after(page.epoch, tenant, last.sequence, bytes(last.event_id))
            term.places[tenant] = Place(cursor, None)
        if stuck is not None:
            raise stuck
        return bool(run)

    async def _look(self, term: _Term) -> None:
        """Learn where all logs end."""
        term.looked = self._now()
        heads: dict[TenantId, int] = {}
        after = ""
        while True:
            found = await self._logs.log_heads(after, _HEADS_AT_ONCE)
            heads.update(found)
            if len(found) < _HEADS_AT_ONCE:
                break
            after = found[-1][0]
        term.heads = heads
        self._progress.looked(term.looked, heads)


async def _run(stream: Stream, tenant: TenantId, page: LogPage, after: int) -> tuple[list[Message], Stuck | None]:
    """The events of a page behind a sequence as messages, up to the first that cannot go on, and why it cannot."""
    run: list[Message] = []
    try:
        for sequence, stored in enumerate(page.events, start=after + 1):
            run.append(_message(stream, tenant, page.epoch, stored, sequence))
            if len(run) % _TURN_EVENTS == 0:
                await asyncio.sleep(0)  # what NATS answers gets its turn
    except Stuck as stuck:
        return run, stuck
    return run, None


def _message(stream: Stream, tenant: TenantId, epoch: bytes, stored: StoredEvent, sequence: int) -> Message:
    """The event as a message; raises Stuck where it is not the one of this sequence, or too large."""
    if stored.sequence != sequence:
        raise Stuck(f"the log has no event {sequence}; returns-server verify-log says more")
    message = message_of(stream.prefix, tenant, epoch, stored)
    if message.size > stream.max_bytes:
        raise Stuck(
            f"event {sequence} takes {message.size} bytes as a message, and NATS takes {stream.max_bytes}: raise "
            "max_payload there, and max_msg_size of the stream"
        )
    return message


def _differs(place: Place | None, head: int) -> bool:
    return place is None or place.cursor.sequence != head
