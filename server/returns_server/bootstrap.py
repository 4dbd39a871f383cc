"""The one place where everything is put together, for the command line and the tests alike."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from returns_server.application.expiry import Stores, Timer
from returns_server.application.ids import Uuid7Source
from returns_server.application.privacy import Privacy
from returns_server.certificates import TlsFiles
from returns_server.clock import Clock, system_clock
from returns_server.config import Settings
from returns_server.devtokens import development_auth
from returns_server.domain.ids import DAY, SECOND, Micros
from returns_server.ending import ended
from returns_server.events.retention import Retention
from returns_server.events.streams import Limits
from returns_server.events.wakeup import WakeUp
from returns_server.issuers import AuthFile
from returns_server.metrics_port import metrics_served
from returns_server.storage.database import Database
from returns_server.storage.instance import read_instance
from returns_server.storage.lanes import Bounds
from returns_server.storage.metrics import LogMetrics, WriterMetrics, watch_database
from returns_server.storage.notifications import telling
from returns_server.storage.opening import open_database
from returns_server.storage.privacy import StoredPeople
from returns_server.storage.reads import StoredReads
from returns_server.storage.writer import Writer
from returns_server.telemetry.process import about_the_process, lag_watched
from returns_server.telemetry.tracing import traced
from returns_server.transport.assembly import GrpcServer, Listening, Services, build_server
from returns_server.transport.authentication import TokenVerifier
from returns_server.transport.certificates import CertificateCallers
from returns_server.transport.rates import Rate, Rates
from returns_server.transport.threads import yielding
from returns_server.transport.tls import FollowedTls
from returns_server.webhook_assembly import Around, assembled, working
from returns_server.webhooks.bridge import Bridge
from returns_server.webhooks.egress.targets import Resolve


@dataclass(frozen=True, slots=True)
class App:
    """A server that serves."""

    address: str
    database: Database
    reads: StoredReads
    timer: Timer
    retention: Retention | None
    registry: CollectorRegistry
    server: GrpcServer
    verifier: TokenVerifier
    bridge: Bridge | None
    tls: FollowedTls | None
    metrics_address: str | None


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    dev: bool = False,
    clock: Clock = system_clock,
    steady: Callable[[], int] = time.monotonic_ns,
    shared: bool = False,
    resolve: Resolve | None = None,
) -> AsyncIterator[App]:
    """A server of these settings; at the end it refuses new calls, finishes those under way and lets go of all.

    `steady` is a clock that is never set, in nanoseconds. `shared`: it is one of several workers that serve the same
    port. `resolve` finds the addresses of webhooks' names;
    the operating system's resolver unless something else is given.

    Raises CertificateUnusable, ScopeUnknown, what opening the database raises, KeySetInvalid where an issuer's keys
    cannot be had, and AddressTaken where the address is taken.
    """
    async with AsyncExitStack() as stack:
        registry = CollectorRegistry()
        about_the_process(registry)
        traces = await stack.enter_async_context(traced(settings.traces.endpoint, settings.traces.ratio))
        tls = _tls(settings, clock, registry)
        auth = _trusted(settings, dev)
        certificates = CertificateCallers(auth.certificates, clock) if auth.certificates else None
        database = await open_database(settings.database, search_seconds=settings.search_timeout_seconds)
        stack.push_async_callback(database.close)
        instance = await database.read(read_instance)
        new_id = Uuid7Source(clock, secrets.token_bytes)
        wake_up = WakeUp()
        tell = await stack.enter_async_context(telling(settings.database, wake_up))
        writer = Writer(
            database, clock, lambda: new_id().bytes, _bounds(settings), tell, WriterMetrics(registry), traces
        )
        writer.start()
        stack.push_async_callback(writer.drain)
        verifier = await stack.enter_async_context(TokenVerifier(auth, clock))
        reads = StoredReads(database)
        log_metrics = LogMetrics(registry, reads)
        watch_database(registry, database, lambda: reads.waiting)
        interval = Micros(round(settings.expiry_interval_seconds * SECOND))
        timer = Timer(Stores(reads, writer, reads, reads), clock, str(new_id()), interval)
        ticking = asyncio.create_task(timer.run(), name="expiry")
        stack.push_async_callback(ended, ticking)
        retention = _retention(settings, reads, clock, str(new_id()))
        if retention is not None:
            stack.push_async_callback(ended, asyncio.create_task(retention.run(), name="retention"))
        around = Around(database, clock, new_id, wake_up, instance.log_epoch, registry, resolve, traces)
        webhooks = await stack.enter_async_context(assembled(settings, around, dev=dev))
        if webhooks is not None and settings.webhooks.bridge:
            await stack.enter_async_context(working(webhooks.bridge))
        services = Services(
            writes=writer,
            reads=reads,
            webhooks=webhooks.webhooks if webhooks else None,
            privacy=Privacy(StoredPeople(database, lambda: new_id().bytes, tell, _answers_kept(settings)), clock),
            verifier=verifier,
            certificates=certificates,
            clock=clock,
            new_id=new_id,
            page_token_key=instance.token_key,
            log_epoch=instance.log_epoch,
            registry=registry,
            wake_up=wake_up,
            stream_limits=_stream_limits(settings),
            rates=_rates(settings, steady),
            chance=random.random,
            traces=traces,
        )
        with yielding():
            server = build_server(services, _listening(settings, dev, shared, tls))
            await server.start()
        if tls is not None:
            stack.push_async_callback(ended, asyncio.create_task(tls.follow(), name="tls"))
        stack.push_async_callback(server.stop, settings.shutdown_grace_seconds)
        stack.push_async_callback(ended, asyncio.create_task(log_metrics.run(), name="log-metrics"))
        await stack.enter_async_context(lag_watched(registry))
        metrics_address = await stack.enter_async_context(metrics_served(settings.metrics_listen, registry))
        address = settings.listen._replace(port=server.port)
        bridge = webhooks.bridge if webhooks else None
        yield App(
            str(address), database, reads, timer, retention, registry, server, verifier, bridge, tls, metrics_address
        )


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        max_queue=settings.writer.max_queue,
        max_wait_seconds=settings.writer.max_wait_seconds,
        max_batch=settings.writer.max_batch,
        max_batch_rows=settings.writer.max_batch_rows,
        answers_kept=_answers_kept(settings),
    )


def _answers_kept(settings: Settings) -> Micros:
    return Micros(round(settings.idempotency_hours * 3600 * SECOND))


def _retention(settings: Settings, reads: StoredReads, clock: Clock, holder: str) -> Retention | None:
    hours = settings.events.retention_hours
    if hours is None:
        return None
    kept, max_lag = Micros(hours * 3600 * SECOND), Micros(round(settings.webhooks.max_lag_days * DAY))
    return Retention(reads, reads, reads, clock, holder, kept, max_lag)


def _stream_limits(settings: Settings) -> Limits:
    streams = settings.streams
    return Limits(streams.max_per_tenant, streams.max_per_customer, streams.max_age_seconds)


def _rates(settings: Settings, now: Callable[[], int]) -> Rates:
    of = settings.rate

    def rate(per_second: float, burst: int) -> Rate | None:
        return Rate(per_second, burst) if per_second else None

    return Rates(
        customer=rate(of.per_customer, of.customer_burst),
        caller=rate(of.per_caller, of.caller_burst),
        tenant=rate(of.per_tenant, of.tenant_burst),
        now=now,
    )


def _trusted(settings: Settings, dev: bool) -> AuthFile:
    if settings.auth_file is not None:
        return settings.auth_file
    if not dev:
        raise ValueError("a server without issuers would trust nobody")
    return development_auth(settings.data_dir)


def _tls(settings: Settings, clock: Clock, registry: CollectorRegistry) -> FollowedTls | None:
    of = settings.tls
    if of.cert_file is None or of.key_file is None:
        return None
    return FollowedTls(TlsFiles(of.cert_file, of.key_file, of.client_ca_file), clock, registry)


def _listening(settings: Settings, dev: bool, shared: bool, tls: FollowedTls | None) -> Listening:
    return Listening(
        address=str(settings.listen),
        shared=shared,
        tls=tls,
        reflection=dev if settings.reflection is None else settings.reflection,
        default_deadline_seconds=settings.default_deadline_seconds,
        max_message_bytes=settings.max_message_bytes,
    )
