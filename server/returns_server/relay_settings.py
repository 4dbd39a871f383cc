"""The groups of settings of the relay: where NATS is, and what is published to it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FilePath, SecretStr
from pydantic_settings import NoDecode

from returns_server.setting_groups import hours, lower


class RelayStart(StrEnum):
    """Where the relay begins with a log of which NATS has nothing: at its beginning, or when its stream was made."""

    EARLIEST = "earliest"
    LATEST = "latest"


class LostPlace(StrEnum):
    """What the relay does with a log that does not go on where NATS ends."""

    REFUSE = "refuse"
    EARLIEST = "earliest"
    BY_TIME = "by_time"


def _nats_urls(value: object) -> object:
    if not isinstance(value, str):
        return value
    urls = tuple(part.strip() for part in value.split(","))
    for parts in map(urlsplit, urls):
        # What is wrong may be a password in the wrong place: no message repeats it.
        if parts.scheme not in {"nats", "tls"} or not parts.hostname or parts.path or parts.query:
            raise ValueError("should be nats://HOST:PORT or, with TLS, tls://HOST:PORT, several separated by commas")
        if parts.username is not None or parts.password is not None:
            raise ValueError("holds a user; give RETURNS_NATS_USER and RETURNS_NATS_PASSWORD, or RETURNS_NATS_TOKEN")
    if len({urlsplit(url).scheme for url in urls}) > 1:
        raise ValueError("should be all nats:// or all tls://")
    return urls


class Nats(BaseModel):
    """The NATS that the relay publishes to, and who it is there."""

    model_config = ConfigDict(frozen=True)

    url: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_nats_urls)] | None = Field(
        default=None,
        description="where NATS is: nats://HOST:PORT, or tls://HOST:PORT; several of one cluster separated by commas. "
        "Needed by `returns-server relay` alone",
    )
    credentials_file: FilePath | None = Field(
        default=None, description="file with the user's JWT and seed, as `nsc` writes it (.creds)"
    )
    user: str | None = Field(default=None, description="user, where NATS knows users by passwords")
    password: SecretStr | None = Field(default=None, description="the user's password")
    token: SecretStr | None = Field(default=None, description="token, where NATS knows a token")
    ca_file: FilePath | None = Field(
        default=None, description="PEM file with certificates that NATS is trusted by, beside the system's; for tls://"
    )
    cert_file: FilePath | None = Field(default=None, description="PEM file with the client certificate to show")
    key_file: FilePath | None = Field(default=None, description="PEM file with its private key")

    @property
    def encrypted(self) -> bool:
        """Whether connections are encrypted."""
        return self.url is not None and self.url[0].startswith("tls:")


class Relay(BaseModel):
    """What the relay publishes, and the stream that it makes for it."""

    model_config = ConfigDict(frozen=True)

    stream: str = Field(
        default="RETURNS_EVENTS",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="JetStream stream that events are published to; made where it is not there",
    )
    subject: str = Field(
        default="returns.events",
        pattern=r"^[A-Za-z0-9_-]{1,32}(\.[A-Za-z0-9_-]{1,32}){0,7}$",
        description="what subjects begin with; the tenant and the type of the event follow",
    )
    replicas: int = Field(
        default=1, ge=1, le=5, description="copies that a cluster keeps of the stream, when it is made"
    )
    retention: str | None = Field(
        default=None,
        pattern=r"^[1-9][0-9]{0,5}[hd]$",
        description="how long the stream keeps events, when it is made, e.g. 30d or 36h; unset: for ever",
    )
    start: Annotated[RelayStart, BeforeValidator(lower)] = Field(
        default=RelayStart.EARLIEST,
        description="where a log begins of which the stream has nothing: earliest (as far back as it reaches), or "
        "latest (what happens from the making of the stream on)",
    )
    lost_place: Annotated[LostPlace, BeforeValidator(lower)] = Field(
        default=LostPlace.REFUSE,
        description="a log that does not go on where the stream ends (restored, or cut by retention): refuse, earliest "
        "(again from as far back as it reaches), or by_time (from five minutes before the time of the last event)",
    )

    @property
    def retention_hours(self) -> int | None:
        """How long events are kept, in hours; None for ever."""
        return hours(self.retention)
