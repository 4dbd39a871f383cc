"""How much may wait before more is refused: what is accepted is answered in bounded time, however many ask."""

from __future__ import annotations

from returns_server.domain.ids import TenantId
from returns_server.storage.failures import TooBusy

# How much the last batch counts: after a handful the pace of an empty server is forgotten.
_WEIGHT = 0.3


class Pace:
    """How long the writer takes for a batch of late, and so how long one that comes now would wait."""

    def __init__(self) -> None:
        """Nothing was committed yet: nobody is thought to wait."""
        self._batch_seconds = 0.0

    def took(self, seconds: float) -> None:
        """A batch was settled in so many seconds."""
        self._batch_seconds += _WEIGHT * (seconds - self._batch_seconds)

    def wait_seconds(self, waiting: int, batch: int) -> float:
        """The likely wait behind so many commands of which so many share a batch; none while they fit into one."""
        return waiting // batch * self._batch_seconds


def has_room(mine: int, taken: int, most: int) -> bool:
    """Whether a tenant that has so many of the places that are taken may have one more: no more than are free.

    So a tenant alone has half of all, two that want all of it a third each, and for one more tenant there is room.
    """
    return mine < most - taken


class Room:
    """Room for so many at once, of whom a tenant may have as many as are free."""

    def __init__(self, most: int) -> None:
        """Empty."""
        self._most = most
        self._taken = 0
        self._of: dict[TenantId, int] = {}

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return self._taken

    def enter(self, tenant: TenantId) -> None:
        """Take a place; raises TooBusy where this tenant may have no more."""
        mine = self._of.get(tenant, 0)
        if not has_room(mine, self._taken, self._most):
            raise TooBusy("too many reads are waiting")
        self._of[tenant] = mine + 1
        self._taken += 1

    def leave(self, tenant: TenantId) -> None:
        """Leave it."""
        self._taken -= 1
        self._of[tenant] -= 1
        if not self._of[tenant]:
            del self._of[tenant]
