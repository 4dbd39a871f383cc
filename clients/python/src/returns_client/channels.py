"""Connections to the service, and how their calls are repeated while servers come and go."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

SERVICE_CONFIG: Mapping[str, Any] = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{}],
            # UNAVAILABLE is what a server says that stops or has lost its database, and what gRPC says where nobody
            # answers; CANCELLED is what gRPC's server makes of calls that arrive in the moment in which it closes (a
            # call that the caller itself cancels is not repeated). A mutation with a request_id has one effect however
            # often it is repeated. No `timeout` here: beside a retry policy it would end calls too early; give each
            # call its own deadline.
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.2s",
                "maxBackoff": "3s",
                "backoffMultiplier": 2.5,
                "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
            },
        }
    ],
}
"""What to give every channel to the service: repeats what failed for a server's sake, over all servers in turn."""

OPTIONS: Sequence[tuple[str, Any]] = (
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    # A connection whose other end vanished is noticed, also while nothing but a silent stream uses it.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    # gRPC would wait up to two minutes before it connects again: too long for whoever follows events.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    # An order of 10,000 lines has more than gRPC's 4 MiB; the server's own limit is the same.
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
)
"""The service config, pings that keep a silent stream's connection alive, and quick reconnecting, as options."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to send calls and as whom; `ca_file` has the certificates to trust, without it the connection is plain.

    `address` is HOST:PORT, or several as gRPC names them: `ipv4:10.0.0.1:443,10.0.0.2:443`, `dns:///returns:443`.
    """

    address: str
    token: str
    ca_file: Path | None = None

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What every call says about who calls."""
        return (("authorization", f"Bearer {self.token}"),)

    def channel(self) -> grpc.aio.Channel:
        """A connection; close it after use."""
        if self.ca_file is None:
            return grpc.aio.insecure_channel(self.address, options=OPTIONS)
        trusted = grpc.ssl_channel_credentials(self.ca_file.read_bytes())
        return grpc.aio.secure_channel(self.address, trusted, options=OPTIONS)
