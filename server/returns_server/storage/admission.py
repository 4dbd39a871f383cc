"""How much may wait before more is refused: what is accepted is answered in bounded time, however many ask."""

from __future__ import annotations

from types import TracebackType

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


class Room:
    """Room for so many at once."""

    def __init__(self, most: int) -> None:
        """Empty."""
        self._most = most
        self._inside = 0

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return self._inside

    def __enter__(self) -> None:
        """Take a place; raises TooBusy where all are taken."""
        if self._inside >= self._most:
            raise TooBusy("too many reads are waiting")
        self._inside += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave it."""
        self._inside -= 1
