"""The signal that a log may have grown. It is a hint: whoever hears it reads the log, and looks now and then anyway."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from returns_server.domain.ids import TenantId


class Bell:
    """What one follower listens to. It rings as soon as it is asked if it was rung since it was last asked."""

    def __init__(self) -> None:
        """A bell that nobody has rung."""
        self._rung = asyncio.Event()
        self._tenants: set[TenantId] = set()

    def ring(self, tenants: Iterable[TenantId]) -> None:
        """Wake the follower, now or when it next asks."""
        self._tenants.update(tenants)
        self._rung.set()

    async def heard(self, timeout_seconds: float) -> frozenset[TenantId]:
        """Wait for a ring, at most so long; whose logs may have grown since the last time.

        Empty after silence, and where it is not known whose: then look at every log that is followed.
        """
        if not self._rung.is_set():
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._rung.wait()
            except TimeoutError:
                return frozenset()
        self._rung.clear()
        heard, self._tenants = frozenset(self._tenants), set()
        return heard


class WakeUp:
    """Takes word of logs that grew to the followers in this process; never waits and never fails."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._of_tenant: dict[TenantId, set[Bell]] = {}
        self._of_any: set[Bell] = set()

    @property
    def listened(self) -> frozenset[TenantId]:
        """The tenants whose logs somebody follows one by one."""
        return frozenset(self._of_tenant)

    @contextmanager
    def listening(self, tenant: TenantId | None = None) -> Iterator[Bell]:
        """A bell for one tenant's log, or for any tenant's. Take it before reading: what comes later rings it."""
        bell = Bell()
        bells = self._of_any if tenant is None else self._of_tenant.setdefault(tenant, set())
        bells.add(bell)
        try:
            yield bell
        finally:
            bells.discard(bell)
            if tenant is not None and not bells:
                self._of_tenant.pop(tenant, None)

    def ring(self, tenants: Iterable[TenantId]) -> None:
        """The logs of these tenants grew: what the writer says after each commit."""
        for tenant in tenants:
            for bell in (*self._of_tenant.get(tenant, ()), *self._of_any):
                bell.ring((tenant,))

    def ring_all(self) -> None:
        """Any log may have grown: word of it may have been lost."""
        for bells in (*self._of_tenant.values(), self._of_any):
            for bell in bells:
                bell.ring(())
