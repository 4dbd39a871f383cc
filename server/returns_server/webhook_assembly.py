"""Puts webhooks together: the use cases for callers, and the bridge that posts."""

from __future__ import annotations

import asyncio
import random
import secrets
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from prometheus_client import CollectorRegistry

from returns_server.application.ids import Uuid7Source
from returns_server.application.webhooks.service import Quotas, Webhooks
from returns_server.clock import Clock, system_clock
from returns_server.config import Settings
from returns_server.domain.ids import DAY, SECOND, Micros
from returns_server.ending import ended
from returns_server.events.wakeup import WakeUp
from returns_server.metrics_port import metrics_served
from returns_server.sealing import Sealer, SealingKeys, development_sealing_keys
from returns_server.storage.database import Database
from returns_server.storage.instance import read_instance
from returns_server.storage.notifications import telling
from returns_server.storage.opening import open_database
from returns_server.storage.webhooks.bridge import StoredBridge
from returns_server.storage.webhooks.endpoints import StoredEndpoints
from returns_server.telemetry.process import about_the_process, lag_watched
from returns_server.telemetry.spans import Traces
from returns_server.telemetry.tracing import traced
from returns_server.webhooks.bridge import Bridge, Pace
from returns_server.webhooks.delivering import Tools
from returns_server.webhooks.egress.addresses import Reach
from returns_server.webhooks.egress.posting import HttpPost
from returns_server.webhooks.egress.targets import Guard, Resolve, SystemResolver
from returns_server.webhooks.messages import Messages, Trial
from returns_server.webhooks.metrics import Metrics
from returns_server.webhooks.outcomes import Outcomes
from returns_server.webhooks.signing import new_secret


@dataclass(frozen=True, slots=True)
class Around:
    """What webhooks share with the rest of the server; `resolve` finds the addresses of names."""

    database: Database
    clock: Clock
    new_id: Callable[[], UUID]
    wake_up: WakeUp
    log_epoch: bytes
    registry: CollectorRegistry
    resolve: Resolve | None = None
    traces: Traces | None = None


@dataclass(frozen=True, slots=True)
class Assembled:
    """The use cases, and the bridge, which does not run yet."""

    webhooks: Webhooks
    bridge: Bridge


@asynccontextmanager
async def assembled(settings: Settings, around: Around, *, dev: bool) -> AsyncIterator[Assembled | None]:
    """Webhooks of these settings; None where there is no key to seal secrets with."""
    keys = sealing_keys(settings, dev=dev)
    if keys is None:
        yield None
        return
    sealing, database, clock = Sealer(keys), around.database, around.clock
    of = settings.webhooks
    guard = Guard(Reach(of.networks, loopback=dev), frozenset(of.ports), around.resolve or SystemResolver())
    post = HttpPost(guard, clock, _trusted_by(settings))
    messages = Messages(sealing, clock, around.log_epoch)
    answers_kept = Micros(round(settings.idempotency_hours * 3600 * SECOND))
    store = StoredBridge(database, Outcomes(random.random))
    tools = Tools(store, messages, post, clock, Metrics(around.registry), around.traces)
    pace = Pace(
        max_in_flight=of.max_in_flight,
        finish_seconds=settings.shutdown_grace_seconds,
        history=Micros(round(of.history_days * DAY)),
        answers_kept=answers_kept,
    )
    # A database that lets in one process only has one bridge.
    bridge = Bridge(tools, around.wake_up, pace, alone=database.lanes == 1)
    webhooks = Webhooks(
        store=StoredEndpoints(database, clock, answers_kept),
        targets=guard,
        trials=Trial(messages, post, clock),
        sealing=sealing,
        quotas=Quotas(of.max_endpoints, of.max_redeliveries),
        clock=clock,
        new_id=around.new_id,
        new_secret=lambda: new_secret(secrets.token_bytes),
        changed=bridge.wake,
    )
    try:
        yield Assembled(webhooks, bridge)
    finally:
        await post.close()


@asynccontextmanager
async def working(bridge: Bridge) -> AsyncIterator[None]:
    """The bridge at work; at the end it finishes the attempts under way."""
    task = asyncio.create_task(bridge.run(), name="webhooks")
    try:
        yield
    finally:
        await ended(task)


@asynccontextmanager
async def bridging(settings: Settings, *, dev: bool = False, clock: Clock = system_clock) -> AsyncIterator[Bridge]:
    """A bridge alone, at work on the database of these settings.

    Raises what opening the database raises, and ValueError where there is no key.
    """
    async with AsyncExitStack() as stack:
        database = await open_database(settings.database)
        stack.push_async_callback(database.close)
        wake_up = WakeUp()
        await stack.enter_async_context(telling(settings.database, wake_up))
        instance = await database.read(read_instance)
        new_id = Uuid7Source(clock, secrets.token_bytes)
        registry = CollectorRegistry()
        about_the_process(registry)
        traces = await stack.enter_async_context(traced(settings.traces.endpoint, settings.traces.ratio))
        around = Around(database, clock, new_id, wake_up, instance.log_epoch, registry, traces=traces)
        built = await stack.enter_async_context(assembled(settings, around, dev=dev))
        if built is None:
            raise ValueError("a bridge without keys could not sign")
        await stack.enter_async_context(working(built.bridge))
        await stack.enter_async_context(lag_watched(registry))
        await stack.enter_async_context(metrics_served(settings.metrics_listen, registry))
        yield built.bridge


def sealing_keys(settings: Settings, *, dev: bool) -> SealingKeys | None:
    """The keys of the settings; in development, where there are none, those of the data folder."""
    if settings.webhooks.keys is None and dev:
        return development_sealing_keys(settings.data_dir)
    return settings.webhooks.keys


def _trusted_by(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.webhooks.ca_file is not None:
        context.load_verify_locations(settings.webhooks.ca_file)
    return context
