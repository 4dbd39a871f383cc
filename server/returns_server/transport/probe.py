"""Asking a server for its health, as a probe beside it does: one call, no token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

LIVENESS, READINESS = "liveness", "readiness"
"""The services of the health protocol that stand for these two; `health` says what each means."""


class NoAnswer(Exception):
    """The server could not be asked; the message says why."""


@dataclass(frozen=True, slots=True)
class ProbeTls:
    """What a probe trusts, the name that it expects there, and what it shows if asked; all PEM but the name."""

    trusted: bytes
    server_name: str | None
    chain: bytes | None = None
    key: bytes | None = None


def ask(address: str, service: str, *, timeout_seconds: float, tls: ProbeTls | None) -> str:
    """What the server says of a service of the health protocol: SERVING, NOT_SERVING or SERVICE_UNKNOWN.

    Raises NoAnswer where it cannot be reached or does not answer in time.
    """
    # A probe asks the server beside it, whatever proxy the environment names.
    options: list[tuple[str, str | int]] = [("grpc.enable_http_proxy", 0)]
    if tls is None:
        channel = grpc.insecure_channel(address, options)
    else:
        if tls.server_name is not None:
            options.append(("grpc.ssl_target_name_override", tls.server_name))
        channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(tls.trusted, tls.key, tls.chain), options)
    # The types of the package leave out what a stub has.
    stub: Any = health_pb2_grpc.HealthStub(channel)
    with channel:
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=timeout_seconds)
        except grpc.RpcError as error:
            # What a stub raises is a call too; the types do not say so.
            code, details = error.code(), error.details()
            if code is grpc.StatusCode.NOT_FOUND:
                return "SERVICE_UNKNOWN"
            raise NoAnswer(f"{code.name}: {details}") from None
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))
