"""How gRPC's threads share processors with the event loop."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def yielding() -> Iterator[None]:
    """Threads that are started within, and by those, do not interrupt a thread that runs; Linux only, elsewhere none.

    gRPC hands the event loop what arrives on threads of its own. Where these share a processor with the loop, each
    arrival would interrupt it, seven times a call. As batch threads (SCHED_BATCH) they come when the loop waits or its
    slice is over; the loop then finds more at once, and its code still in the caches. On an idle processor they start
    as promptly as ever.
    """
    if not hasattr(os, "sched_setscheduler"):
        yield
        return
    before = os.sched_getscheduler(0)
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    try:
        yield
    finally:
        with suppress(OSError):
            os.sched_setscheduler(0, before, os.sched_param(0))
