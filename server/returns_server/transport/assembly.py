"""Puts the gRPC server together from what it is given, and takes it down gracefully."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import grpc
from grpc.aio import Server, server
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection
from prometheus_client import CollectorRegistry

from returns_server.addresses import AddressTaken
from returns_server.application.pages import AnsweredPages
from returns_server.application.paging import PageTokens
from returns_server.application.ports import Reads, Writes
from returns_server.application.privacy import Privacy
from returns_server.application.webhooks.service import Webhooks
from returns_server.domain.ids import Micros
from returns_server.events.streams import Limits, Streams
from returns_server.events.wakeup import WakeUp
from returns_server.telemetry.spans import Traces
from returns_server.transport.certificates import CertificateCallers
from returns_server.transport.contract import SERVICES
from returns_server.transport.decode.requests import Requests
from returns_server.transport.decode.returns import ReturnCommands
from returns_server.transport.encode.events import EventForms
from returns_server.transport.errors import REASONS
from returns_server.transport.health import Health
from returns_server.transport.layers import Layer
from returns_server.transport.layers.authentication import Verifier, authentication, identified
from returns_server.transport.layers.authorisation import authorisation
from returns_server.transport.layers.deadline import deadline
from returns_server.transport.layers.draining import Gate, draining
from returns_server.transport.layers.errors import Answers, errors
from returns_server.transport.layers.gathering import Arrivals, Busyness, gathering
from returns_server.transport.layers.parsing import parsing
from returns_server.transport.layers.rates import rates
from returns_server.transport.layers.request_id import request_id
from returns_server.transport.layers.telemetry import count_calls, count_refusals, count_streams, telemetry
from returns_server.transport.layers.validation import validation
from returns_server.transport.rates import Rates
from returns_server.transport.registration import handlers_in, service_handler
from returns_server.transport.servicers.orders import OrdersServicer
from returns_server.transport.servicers.policy import PolicyServicer
from returns_server.transport.servicers.privacy import PrivacyServicer
from returns_server.transport.servicers.return_events import ReturnEvents
from returns_server.transport.servicers.returns import ReturnsServicer
from returns_server.transport.servicers.webhooks import WebhooksServicer, not_set_up
from returns_server.transport.tls import FollowedTls

MAX_CONNECTION_CALLS = 4_096
"""Calls under way of one connection, streams among them: all streams of a tenant and thousands of calls have room."""

# How long calls that were on their way when the last one ended still get an answer.
_FAREWELL_SECONDS = 0.25
# A bit for each of gRPC's algorithms; the first is none at all.
_UNCOMPRESSED_ALONE = 1


@dataclass(frozen=True, slots=True)
class Services:
    """What the transport needs of the rest of the program.

    `webhooks` is None on a server that is not set up for them. `new_id` makes UUIDs of version 7; `page_token_key` and
    `log_epoch` are the database's own, shared by all replicas.
    `wake_up` rings when logs grow, `chance` gives numbers from 0 to 1. `certificates` is None where no caller is known
    by one.
    """

    writes: Writes
    reads: Reads
    webhooks: Webhooks | None
    privacy: Privacy
    verifier: Verifier
    certificates: CertificateCallers | None
    clock: Callable[[], Micros]
    new_id: Callable[[], UUID]
    page_token_key: bytes
    log_epoch: bytes
    registry: CollectorRegistry
    wake_up: WakeUp
    stream_limits: Limits
    rates: Rates
    chance: Callable[[], float]
    traces: Traces | None = None


@dataclass(frozen=True, slots=True)
class Listening:
    """Where and how to serve: `address` is host:port, port 0 picks a free one; without `tls` in plain text.

    `shared`: other processes of ours serve the same port; somebody has seen to it that nobody else does.
    """

    address: str
    shared: bool = False
    tls: FollowedTls | None = None
    reflection: bool = False
    default_deadline_seconds: float = 10.0
    max_message_bytes: int = 16 * 1024 * 1024


class GrpcServer:
    """A gRPC server and its health."""

    def __init__(self, grpc_server: Server, health_: Health, gate: Gate, port: int) -> None:
        """Takes a server that is bound and not yet started."""
        self._server = grpc_server
        self._health = health_
        self._gate = gate
        self.port = port

    async def start(self) -> None:
        """Serve, and say so to whoever asks for the health of the whole or of a service."""
        await self._server.start()
        await self._health.serving()

    async def stop(self, grace_seconds: float) -> None:
        """Say NOT_SERVING, refuse new calls as DRAINING, give those under way so many seconds, then end them.

        Only then are connections closed: a call that arrives meanwhile is told what is going on.
        """
        await self._health.stopping()
        began = asyncio.get_running_loop().time()
        await self._gate.close(grace_seconds)
        await asyncio.sleep(min(_FAREWELL_SECONDS, grace_seconds))
        left = grace_seconds - (asyncio.get_running_loop().time() - began)
        await self._server.stop(max(left, 0.0))

    async def wait(self) -> None:
        """Return when the server has stopped."""
        await self._server.wait_for_termination()


def build_server(services: Services, listening: Listening) -> GrpcServer:
    """The server with all services of the contract, health and, where wanted, reflection; bound, not started.

    Raises AddressTaken where the address cannot be bound.
    """
    gate = Gate()
    grpc_server = server(options=_options(listening))
    grpc_server.add_generic_rpc_handlers(tuple(_handlers(services, listening, gate)))
    names = [service.full_name for service in SERVICES.values()]
    told = Health(names, services.reads.epoch)
    told.add_to(grpc_server)
    if listening.reflection:
        reflection.enable_server_reflection((*names, health.SERVICE_NAME, reflection.SERVICE_NAME), grpc_server)
    return GrpcServer(grpc_server, told, gate, _bind(grpc_server, listening))


def build_layers(services: Services, listening: Listening, answers: Answers, gate: Gate) -> Mapping[str, Layer]:
    """The layers by name; `layers.ORDER` says in which order they stand."""
    return {
        "request_id": request_id(),
        "telemetry": telemetry(services.registry, services.traces),
        "gathering": gathering(Arrivals(Busyness())),
        "errors": errors(answers),
        "draining": draining(gate),
        "authentication": authentication(services.verifier, services.certificates),
        "rates": rates(services.rates),
        "parsing": parsing(),
        "authorisation": authorisation(),
        "validation": validation(),
        "deadline": deadline(listening.default_deadline_seconds),
    }


def _handlers(services: Services, listening: Listening, gate: Gate) -> list[grpc.GenericRpcHandler]:
    writes, reads = services.writes, services.reads
    registry = services.registry
    answers = Answers(services.new_id, count_refusals(registry, REASONS))
    requests, tokens = Requests(services.new_id), PageTokens(services.page_token_key)
    commands = ReturnCommands(requests, services.new_id)
    forms = EventForms()
    identify = partial(identified, verifier=services.verifier, certificates=services.certificates)
    late = count_streams(registry, lambda: streams)
    streams = Streams(reads, services.wake_up, forms, services.stream_limits, services.clock, services.chance, late)
    count_calls(registry, lambda: gate.inside)
    gate.when_closing(streams.stop)
    handler_of = {
        "ReturnsService": handlers_in(
            ReturnsServicer(
                writes, reads, commands, tokens, services.log_epoch, services.clock, AnsweredPages(services.clock)
            ),
            ReturnEvents(reads, streams, tokens, forms, identify),
        ),
        "OrdersService": handlers_in(OrdersServicer(writes, reads, requests, tokens, answers, gate)),
        "PolicyService": handlers_in(PolicyServicer(writes, reads, requests)),
        "WebhooksService": not_set_up
        if services.webhooks is None
        else handlers_in(WebhooksServicer(services.webhooks, requests, tokens)),
        "PrivacyService": handlers_in(PrivacyServicer(services.privacy, requests, tokens)),
    }
    layers = build_layers(services, listening, answers, gate)
    return [service_handler(service, handler_of[name], layers) for name, service in SERVICES.items()]


def _options(listening: Listening) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", listening.max_message_bytes),
        ("grpc.max_send_message_length", -1),
        # Compressed requests are refused: a few kilobytes become a whole message in memory, for whoever can connect.
        ("grpc.compression_enabled_algorithms_bitset", _UNCOMPRESSED_ALONE),
        # Beyond its own bounds gRPC cancels calls without a word, at random from 1,000 waiting ones on. Before these
        # are reached the writer has said OVERLOADED, with a reason.
        ("grpc.server.max_pending_requests", 50_000),
        ("grpc.server.max_pending_requests_hard_limit", 100_000),
        # More of a connection wait at the client. Without the second line a call counts until Python has let go of it,
        # a moment after the client knows that it has ended: the next one would be refused, without a word of ours.
        ("grpc.max_concurrent_streams", MAX_CONNECTION_CALLS),
        ("grpc.http.overload_protection", 0),
        # Room for the longest token that is looked at.
        ("grpc.max_metadata_size", 24 * 1024),
        ("grpc.absolute_max_metadata_size", 32 * 1024),
        # Clients behind a load balancer ping to keep an idle connection; gRPC's own limit of 5 minutes cuts them off.
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 20_000),
        # A client that vanished without a word is noticed: its streams would else stay for a quarter of an hour.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.max_pings_without_data", 0),
        # A second server on the port of a running one is a mistake, unless it is another worker of the same server.
        ("grpc.so_reuseport", int(listening.shared)),
    ]


def _bind(grpc_server: Server, listening: Listening) -> int:
    try:
        if listening.tls is None:
            return grpc_server.add_insecure_port(listening.address)
        return grpc_server.add_secure_port(listening.address, listening.tls.credentials())
    except RuntimeError as error:
        raise AddressTaken(listening.address) from error
