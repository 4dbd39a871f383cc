"""Puts the relay together: from the database's logs to a NATS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from returns_server.clock import Clock, system_clock
from returns_server.config import Settings
from returns_server.domain.ids import SECOND, Micros
from returns_server.ending import ended
from returns_server.events.wakeup import WakeUp
from returns_server.metrics_port import metrics_served
from returns_server.relay.connection import Access
from returns_server.relay.places import Places
from returns_server.relay.progress import Progress
from returns_server.relay.relaying import Relay
from returns_server.relay.stream import Wanted
from returns_server.relay.troubles import Unfit
from returns_server.relay_settings import Nats
from returns_server.storage.notifications import telling
from returns_server.storage.opening import open_for_reading
from returns_server.storage.reads import StoredReads
from returns_server.telemetry.process import about_the_process, lag_watched


@dataclass(frozen=True, slots=True)
class Relaying:
    """A relay at work; `over` ends only where it cannot go on, and raises Unfit then."""

    over: asyncio.Task[None]
    registry: CollectorRegistry
    metrics_address: str | None


@asynccontextmanager
async def relaying(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[Relaying]:
    """A relay at work on the database of these settings, beside whatever serves it; NATS need not be there yet.

    Raises what opening the database raises, AddressTaken, and Unfit where a file of the settings cannot be used.
    """
    access = _access(settings.nats)
    of = settings.relay
    hours = of.retention_hours
    max_age = None if hours is None else Micros(hours * 3600 * SECOND)
    wanted = Wanted(of.stream, of.subject, of.replicas, max_age)
    async with AsyncExitStack() as stack:
        database = await open_for_reading(settings.database)
        stack.push_async_callback(database.close)
        wake_up = WakeUp()
        await stack.enter_async_context(telling(settings.database, wake_up))
        registry = CollectorRegistry()
        about_the_process(registry)
        reads = StoredReads(database)
        progress = Progress(registry, clock, asyncio.get_running_loop().time)
        relay = Relay(access, wanted, reads, Places(reads, clock, of.start, of.lost_place), progress)
        await stack.enter_async_context(lag_watched(registry))
        address = await stack.enter_async_context(metrics_served(settings.metrics_listen, registry))
        task = asyncio.create_task(relay.run(wake_up), name="relay")
        try:
            yield Relaying(task, registry, address)
        finally:
            if not task.done():
                await ended(task)


def _access(nats: Nats) -> Access:
    if nats.url is None:
        raise Unfit("RETURNS_NATS_URL: say where NATS is, nats://HOST:PORT")
    return Access(
        urls=nats.url,
        credentials_file=nats.credentials_file,
        user=nats.user,
        password=nats.password.get_secret_value() if nats.password else None,
        token=nats.token.get_secret_value() if nats.token else None,
        tls=_tls(nats) if nats.encrypted else None,
    )


def _tls(nats: Nats) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        if nats.ca_file is not None:
            context.load_verify_locations(nats.ca_file)
        if nats.cert_file is not None:
            context.load_cert_chain(nats.cert_file, nats.key_file)
    except (OSError, ValueError) as error:
        raise Unfit(f"RETURNS_NATS_CA_FILE, _CERT_FILE or _KEY_FILE cannot be used: {type(error).__name__}") from error
    return context
