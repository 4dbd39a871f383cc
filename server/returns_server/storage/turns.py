"""A queue in which tenants take turns: what one brings in masses stands before others' one by one, not as a whole."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from returns_server.domain.ids import TenantId

T = TypeVar("T")


class Turns(Generic[T]):
    """What waits: of each tenant in the order in which it came, and of the tenants that have something each in turn."""

    def __init__(self) -> None:
        """Nothing waits."""
        self._of: dict[TenantId, deque[T]] = {}
        self._next: deque[TenantId] = deque()
        self._count = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._count

    def of(self, tenant: TenantId) -> int:
        """How many of them are this tenant's."""
        return len(self._of.get(tenant, ()))

    def ahead_of(self, tenant: TenantId) -> int:
        """How many would be taken before what this tenant puts in now, if nobody put in more: at most so many."""
        mine = self.of(tenant)
        others = len(self._next) - (mine > 0)
        return min(self._count, mine + others * (mine + 1))

    def put(self, tenant: TenantId, one: T) -> None:
        """Have it wait."""
        self._count += 1
        if tenant in self._of:
            self._of[tenant].append(one)
        else:
            self._of[tenant] = deque((one,))
            self._next.append(tenant)

    @property
    def first(self) -> T:
        """What is taken next, where anything waits."""
        return self._of[self._next[0]][0]

    def take(self) -> T:
        """Take what is next; its tenant has its next turn after all others."""
        self._count -= 1
        tenant = self._next[0]
        waiting = self._of[tenant]
        one = waiting.popleft()
        if waiting:
            self._next.rotate(-1)
        else:
            self._next.popleft()
            del self._of[tenant]
        return one
