"""The groups of settings: those whose variables share a prefix, as `config.Settings` holds them."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FilePath
from pydantic_settings import NoDecode

from returns_server.sealing import SealingKeys


class LogLevel(StrEnum):
    """From which severity on messages are logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How messages are logged: a JSON object a line, or for people at a terminal."""

    JSON = "json"
    CONSOLE = "console"


def lower(value: object) -> object:
    """A text in lower case; what is none is left to pydantic."""
    return value.lower() if isinstance(value, str) else value


class Tls(BaseModel):
    """The server's own TLS: certificate and key or neither, and perhaps whose client certificates are trusted."""

    model_config = ConfigDict(frozen=True)

    cert_file: FilePath | None = Field(default=None, description="PEM file with the server's certificate chain")
    key_file: FilePath | None = Field(default=None, description="PEM file with the certificate's private key")
    client_ca_file: FilePath | None = Field(
        default=None,
        description="PEM file with the authorities of clients' certificates: set, no connection is let in without one",
    )

    @property
    def on(self) -> bool:
        """Whether connections are encrypted."""
        return self.cert_file is not None and self.key_file is not None


class Log(BaseModel):
    """What is logged and how."""

    model_config = ConfigDict(frozen=True)

    level: Annotated[LogLevel, BeforeValidator(lower)] = Field(
        default=LogLevel.INFO, description="debug, info, warning or error"
    )
    format: Annotated[LogFormat, BeforeValidator(lower)] = Field(
        default=LogFormat.JSON, description="json, or console for people"
    )


class Rate(BaseModel):
    """How many calls a second are taken in each process; a rate of 0 is no limit."""

    model_config = ConfigDict(frozen=True)

    per_customer: float = Field(
        default=50, ge=0, le=1_000_000, description="calls a second of one customer, in each process; 0: no limit"
    )
    customer_burst: int = Field(
        default=100, ge=1, le=1_000_000, description="calls that a customer may make at once, before the rate counts"
    )
    per_caller: float = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="calls a second of one other caller (`sub` of staff or of a service), in each process; 0: no limit",
    )
    caller_burst: int = Field(
        default=200, ge=1, le=1_000_000, description="calls that such a caller may make at once, before the rate counts"
    )
    per_tenant: float = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="calls a second of all callers of a tenant together, in each process; 0: no limit",
    )
    tenant_burst: int = Field(
        default=2000, ge=1, le=1_000_000, description="calls that a tenant may make at once, before the rate counts"
    )


class Writer(BaseModel):
    """The bounds of the one writer of a process."""

    model_config = ConfigDict(frozen=True)

    max_queue: int = Field(
        default=8192,
        ge=1,
        le=1_000_000,
        description="changes that may wait for the writer, of one tenant as many as there are places left; "
        "more are refused (OVERLOADED)",
    )
    max_wait_seconds: float = Field(
        default=5,
        gt=0,
        le=3600,
        description="how long changes may have to wait for the writer; where it would be longer, more are refused",
    )
    max_batch: int = Field(default=128, ge=1, le=10_000, description="changes that share one commit at most")
    max_batch_rows: int = Field(
        default=4000, ge=1, le=1_000_000, description="order lines that share one commit at most, beyond a first change"
    )


def _ports(value: object) -> object:
    if not isinstance(value, str):
        return value
    ports = [part.strip() for part in value.split(",")]
    if not all(port.isascii() and port.isdecimal() and 0 < int(port) < 65_536 for port in ports):
        raise ValueError("should be port numbers, separated by commas")
    return tuple(int(port) for port in ports)


def _networks(value: object) -> object:
    return tuple(ip_network(part.strip()) for part in value.split(",")) if isinstance(value, str) else value


class Webhooks(BaseModel):
    """The webhook bridge."""

    model_config = ConfigDict(frozen=True)

    keys: Annotated[SealingKeys, NoDecode, BeforeValidator(SealingKeys.parse)] | None = Field(
        default=None,
        description="keys that seal secrets at rest, ID:KEY and after commas older ones that still open; "
        "`returns-server sealing-key` makes one. Unset: webhooks are off, with --dev a key in the data folder",
    )
    bridge: bool = Field(
        default=True, description="false leaves posting to `returns-server webhooks`, run beside this server"
    )
    ports: Annotated[tuple[int, ...], NoDecode, BeforeValidator(_ports)] = Field(
        default=(443,), description="ports that webhooks may be posted to"
    )
    networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)] = Field(
        default=(),
        description="networks beside the public ones that webhooks may be posted to: 10.1.0.0/16,fd00:7::/64",
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="PEM file with certificates that webhook receivers are trusted by, beside the system's",
    )
    max_endpoints: int = Field(default=100, ge=1, le=100_000, description="webhook endpoints that a tenant may have")
    max_redeliveries: int = Field(
        default=10, ge=1, le=10_000, description="redelivery jobs that a tenant may have under way"
    )
    max_in_flight: int = Field(default=128, ge=1, le=10_000, description="webhooks that a process posts at a time")
    max_lag_days: float = Field(
        default=90,
        ge=1,
        le=3_650,
        description="how long the log is kept for an endpoint that is off, whatever the retention of the log",
    )
    history_days: float = Field(
        default=30, ge=1, le=3_650, description="how long deliveries that have ended can be looked up"
    )


class Traces(BaseModel):
    """Where spans go; off without an endpoint."""

    model_config = ConfigDict(frozen=True)

    endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s]+$",
        description="URL that spans are posted to (OTLP over HTTP), e.g. http://127.0.0.1:4318/v1/traces; unset: none. "
        "Headers of the collector's come from OTEL_EXPORTER_OTLP_HEADERS",
    )
    ratio: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="which part of the calls is traced, of those that bring no trace; the others follow theirs",
    )


class Events(BaseModel):
    """How long events are kept."""

    model_config = ConfigDict(frozen=True)

    retention: str | None = Field(
        default=None,
        pattern=r"^[1-9][0-9]{0,5}[hd]$",
        description="how long streams can look back, e.g. 90d or 36h; unset: for ever. Timelines live as their returns",
    )

    @property
    def retention_hours(self) -> int | None:
        """The same in hours; None for ever."""
        return hours(self.retention)


def hours(span: str | None) -> int | None:
    """`36h` or `90d` in hours; None for ever."""
    return None if span is None else int(span[:-1]) * (24 if span[-1] == "d" else 1)


class Streams(BaseModel):
    """The bounds of the streams of events."""

    model_config = ConfigDict(frozen=True)

    max_per_tenant: int = Field(
        default=1000, ge=1, le=100_000, description="streams of events of one tenant, in each process"
    )
    max_per_customer: int = Field(
        default=10, ge=1, le=100_000, description="streams of events of one customer of these"
    )
    max_age_seconds: float = Field(
        default=3600, ge=1, le=30 * 86_400, description="how long a stream lives before its reader is sent to a new one"
    )
