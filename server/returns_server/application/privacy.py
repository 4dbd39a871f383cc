"""Tells a person what is stored about them, and forgets it: in small steps, each of them whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from enum import IntEnum
from typing import Protocol

from returns_server.application.listing import MAX_PAGE_BYTES
from returns_server.application.request import Request
from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.domain.people import Person
from returns_server.domain.record import record

_BUSY = Micros(4 * SECOND)
"""How long one call works: less than half of the time that calls have which bring none."""


class Stage(IntEnum):
    """What is looked through, one after the other; the numbers travel in tokens."""

    ORDERS = 1
    RETURNS = 2
    EVENTS = 3
    ANSWERS = 4


@record
class Place:
    """Up to where a stage has been looked through: behind the row with this key, at its beginning without one.

    `found` says that the rows which an index finds at once have been dealt with.
    """

    stage: Stage = Stage.ORDERS
    key: tuple[int | str, ...] = ()
    found: bool = False


@record
class Erased:
    """How much was erased, or would be."""

    orders: int = 0
    returns: int = 0
    events: int = 0

    def __add__(self, other: Erased) -> Erased:
        """Both together."""
        return Erased(self.orders + other.orders, self.returns + other.returns, self.events + other.events)


@record
class Told:
    """What is stored about a person: encoded `Order`, `Return` and `ReturnEvent` messages."""

    orders: Sequence[bytes] = ()
    returns: Sequence[bytes] = ()
    events: Sequence[bytes] = ()

    def __len__(self) -> int:
        """How many there are."""
        return len(self.orders) + len(self.returns) + len(self.events)

    def __add__(self, other: Told) -> Told:
        """Both, one behind the other."""
        return Told([*self.orders, *other.orders], [*self.returns, *other.returns], [*self.events, *other.events])

    @property
    def size(self) -> int:
        """Their bytes."""
        return sum(len(document) for documents in (self.orders, self.returns, self.events) for document in documents)


class People(Protocol):
    """What storage must offer; every method raises StorageUnavailable or Conflict where it fails."""

    async def erase_step(
        self, request: Request, person: Person, place: Place, now: Micros
    ) -> tuple[Erased, Place | None]:
        """Erase what comes next, durably and in one transaction; where to go on, None at the end.

        A return whose state changes gets its next version and an event in the same transaction. Whoever holds copies
        of past events in memory learns of it with the next look at the log.
        """

    async def count_step(self, tenant: TenantId, person: Person, place: Place) -> tuple[Erased, Place | None]:
        """What `erase_step` would erase next, and where to go on."""

    async def tell_step(self, tenant: TenantId, person: Person, place: Place, limit: int) -> tuple[Told, Place | None]:
        """Up to `limit` more of what is stored, and where to go on, None at the end."""

    async def said(self, request: Request) -> bytes | None:
        """What the same request was answered before; raises RequestIdReused where it was another one."""

    async def remember(self, request: Request, answer: bytes, now: Micros) -> None:
        """Keep the answer to a request."""


@record
class Privacy:
    """The use cases."""

    people: People
    clock: Callable[[], Micros]
    busy: Micros = field(default=_BUSY)

    async def erase(self, request: Request, person: Person, place: Place | None) -> tuple[Erased, Place | None]:
        """Erase for some seconds, or only count; how much it was, and where to go on, None at the end."""
        here, erased, until = place or Place(), Erased(), self.clock() + self.busy
        while True:
            if request.validate_only:
                more, onward = await self.people.count_step(request.caller.tenant, person, here)
            else:
                more, onward = await self.people.erase_step(request, person, here, self.clock())
            erased += more
            if onward is None or self.clock() >= until:
                return erased, onward
            here = onward

    async def tell(
        self, tenant: TenantId, person: Person, place: Place | None, limit: int
    ) -> tuple[Told, Place | None]:
        """A page of what is stored, ending early at 2 MiB or after some seconds; where to go on, None at the end."""
        here: Place | None = place or Place()
        told, until = Told(), self.clock() + self.busy
        while here is not None and len(told) < limit and told.size < MAX_PAGE_BYTES and self.clock() < until:
            more, here = await self.people.tell_step(tenant, person, here, limit - len(told))
            told += more
        return told, here


def next_stage(place: Place) -> Place | None:
    """The beginning of the stage behind a place's; None behind the last one."""
    last = max(Stage)
    return None if place.stage is last else Place(Stage(place.stage + 1))
