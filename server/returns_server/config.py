"""The settings of a server: one frozen tree, read once from RETURNS_* variables, all problems reported together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from returns_server.addresses import DEFAULT_LISTEN, Address
from returns_server.issuers import AuthFile, read_auth_file, said
from returns_server.relay_settings import Nats, Relay
from returns_server.setting_groups import Events, Log, Rate, Streams, Tls, Traces, Webhooks, Writer

PREFIX = "RETURNS_"
# URLs may hold a password, and keys are secret; a file's problems have named the file.
_UNTOLD = {"RETURNS_DATABASE_URL", "RETURNS_AUTH_FILE", "RETURNS_WEBHOOKS_KEYS", "RETURNS_NATS_URL"}
DATABASE_FILE = "returns.db"


class SettingsInvalid(Exception):
    """The settings cannot be used; `problems` has one sentence for each thing to put right."""

    def __init__(self, problems: list[str]) -> None:
        """Takes at least one problem."""
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


def _database_url(value: object) -> object:
    # The value may hold a password: no message repeats it.
    if isinstance(value, str):
        parts = urlsplit(value)
        if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
            raise ValueError("should be postgresql://USER:PASSWORD@HOST:PORT/DATABASE; leave it out for SQLite")
    return value


def _auth_file(value: object) -> object:
    return read_auth_file(Path(value)) if isinstance(value, str | Path) else value


class Settings(BaseSettings):
    """All settings. A name below is that of its variable in lower case and without the prefix."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        frozen=True,
        extra="forbid",
        env_ignore_empty=True,
    )

    listen: Annotated[Address, NoDecode, BeforeValidator(Address.parse)] = Field(
        default=DEFAULT_LISTEN,
        description="address to serve on, HOST:PORT; port 0 picks one. Beyond this machine it needs TLS",
    )
    insecure_listen: bool = Field(
        default=False, description="true allows plain text beyond this machine, e.g. behind a proxy that does TLS"
    )
    metrics_listen: Annotated[Address, NoDecode, BeforeValidator(Address.parse)] | None = Field(
        default=None,
        description="address for GET /metrics (Prometheus), in plain text and for whoever can reach it; of N workers "
        "each has a port of its own, from this one on. Unset: none",
    )
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="processes that serve the one address side by side; more than 1 on PostgreSQL only",
    )
    data_dir: Path = Field(default=Path("data"), description="folder of the SQLite file and of the development key")
    database_url: Annotated[SecretStr, BeforeValidator(_database_url)] | None = Field(
        default=None,
        description="postgresql://USER:PASSWORD@HOST:PORT/DATABASE; unset: a SQLite file in the data folder",
    )
    auth_file: Annotated[AuthFile, NoDecode, BeforeValidator(_auth_file)] | None = Field(
        default=None, description="TOML or JSON file with the issuers whose tokens are accepted; needed without --dev"
    )
    tls: Tls = Tls()
    log: Log = Log()
    traces: Traces = Traces()
    reflection: bool | None = Field(default=None, description="server reflection; unset: on with --dev, else off")
    rate: Rate = Rate()
    writer: Writer = Writer()
    webhooks: Webhooks = Webhooks()
    events: Events = Events()
    streams: Streams = Streams()
    nats: Nats = Nats()
    relay: Relay = Relay()
    default_deadline_seconds: float = Field(
        default=10, gt=0, le=3600, description="deadline of unary calls that bring none"
    )
    search_timeout_seconds: float = Field(
        default=5, gt=0, le=3600, description="how long a list may take whose filter no index answers"
    )
    expiry_interval_seconds: float = Field(
        default=30, gt=0, le=86_400, description="how often returns past their expire_time are looked for"
    )
    idempotency_hours: float = Field(
        default=24, ge=24, le=8760, description="how long the answer to a request_id is kept, at least 24"
    )
    shutdown_grace_seconds: float = Field(
        default=10, ge=0, le=3600, description="how long running calls may take to end when the server stops"
    )
    max_message_bytes: int = Field(
        default=16 * 1024 * 1024,
        ge=64 * 1024,
        le=256 * 1024 * 1024,
        description="largest message accepted; an order of 10,000 lines with long names has about 10 MiB",
    )

    @property
    def database(self) -> str | Path:
        """The libpq URL, or the path of the embedded database's file."""
        return self.database_url.get_secret_value() if self.database_url else self.data_dir / DATABASE_FILE


def read_settings(
    *, dev: bool = False, listen: str | None = None, workers: int | None = None, serving: bool = True
) -> Settings:
    """The settings that the environment and the command line give. `dev` lifts the need for RETURNS_AUTH_FILE.

    Without `serving` they are for a command that accepts no calls: where a server would, and whom it would trust, is
    not judged, so that such a command runs with the variables of a server, and with fewer.
    Raises SettingsInvalid with everything that is wrong.
    """
    asked: dict[str, Any] = {"listen": listen, "workers": workers}
    given = {name: value for name, value in asked.items() if value is not None}
    problems: list[str] = []
    wrong: set[str] = set()
    try:
        settings = Settings(**given)
    except SettingsError as error:
        raise SettingsInvalid([str(error)]) from None
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False):
            name = variable(one["loc"])
            wrong.add(name)
            problems.append(f"{name}: {said(one['msg'])}{_as_given(name, one)}")
        # With defaults in place of what is wrong, the rest can be judged together.
        settings = Settings(**_with_defaults(given, wrong))
    for names, problem in _contradictions(settings, dev, serving):
        if not wrong.intersection(names):
            problems.append(problem)
    if problems:
        raise SettingsInvalid(problems)
    return settings


def _contradictions(settings: Settings, dev: bool, serving: bool) -> Iterator[tuple[set[str], str]]:
    """What is wrong between settings: the variables concerned, and a sentence."""
    if (settings.tls.cert_file is None) != (settings.tls.key_file is None):
        names = {"RETURNS_TLS_CERT_FILE", "RETURNS_TLS_KEY_FILE"}
        yield names, "RETURNS_TLS_CERT_FILE and RETURNS_TLS_KEY_FILE: give both or neither"
    if settings.tls.client_ca_file is not None and not settings.tls.on:
        names = {"RETURNS_TLS_CLIENT_CA_FILE", "RETURNS_TLS_CERT_FILE", "RETURNS_TLS_KEY_FILE"}
        yield names, "RETURNS_TLS_CLIENT_CA_FILE: needs RETURNS_TLS_CERT_FILE and RETURNS_TLS_KEY_FILE beside it"
    if settings.auth_file is not None and settings.auth_file.certificates and settings.tls.client_ca_file is None:
        names = {"RETURNS_AUTH_FILE", "RETURNS_TLS_CLIENT_CA_FILE"}
        remedy = "set RETURNS_TLS_CLIENT_CA_FILE, or no client is asked for one"
        yield names, f"RETURNS_AUTH_FILE: knows clients by their certificates; {remedy}"
    if serving and not settings.listen.is_loopback:
        names = {"RETURNS_LISTEN", "RETURNS_TLS_CERT_FILE", "RETURNS_TLS_KEY_FILE", "RETURNS_INSECURE_LISTEN"}
        where = f"RETURNS_LISTEN: {settings.listen} can be reached from other machines"
        if dev:
            yield {"RETURNS_LISTEN"}, f"{where}; --dev serves this machine only"
        elif not settings.tls.on and not settings.insecure_listen:
            remedy = "set RETURNS_TLS_CERT_FILE and RETURNS_TLS_KEY_FILE, or RETURNS_INSECURE_LISTEN=true behind TLS"
            yield names, f"{where}; {remedy}"
    yield from _nats_contradictions(settings.nats)
    if settings.workers > 1 and settings.database_url is None:
        names = {"RETURNS_WORKERS", "RETURNS_DATABASE_URL"}
        remedy = "set RETURNS_DATABASE_URL to a PostgreSQL, or leave it at 1"
        yield names, f"RETURNS_WORKERS: one process alone may open a SQLite file; {remedy}"
    metrics = settings.metrics_listen
    if metrics is not None and metrics.port and metrics.port + settings.workers - 1 > 65_535:
        names = {"RETURNS_METRICS_LISTEN", "RETURNS_WORKERS"}
        yield names, f"RETURNS_METRICS_LISTEN: {settings.workers} workers need as many ports, from {metrics.port} on"
    retention = settings.events.retention_hours
    if retention is not None and retention < settings.idempotency_hours:
        names = {"RETURNS_EVENTS_RETENTION", "RETURNS_IDEMPOTENCY_HOURS"}
        needed = (
            f"at least the {settings.idempotency_hours:g} h of RETURNS_IDEMPOTENCY_HOURS: answers are kept as events"
        )
        yield names, f"RETURNS_EVENTS_RETENTION: must be {needed}"
    if settings.auth_file is None and serving and not dev:
        yield {"RETURNS_AUTH_FILE"}, "RETURNS_AUTH_FILE: name the file with the issuers to trust, or run with --dev"


def _nats_contradictions(nats: Nats) -> Iterator[tuple[set[str], str]]:
    names = {"RETURNS_NATS_USER", "RETURNS_NATS_PASSWORD"}
    if (nats.user is None) != (nats.password is None):
        yield names, "RETURNS_NATS_USER and RETURNS_NATS_PASSWORD: give both or neither"
    pair = {"RETURNS_NATS_CERT_FILE", "RETURNS_NATS_KEY_FILE"}
    if (nats.cert_file is None) != (nats.key_file is None):
        yield pair, "RETURNS_NATS_CERT_FILE and RETURNS_NATS_KEY_FILE: give both or neither"
    files = {"RETURNS_NATS_CA_FILE": nats.ca_file, "RETURNS_NATS_CERT_FILE": nats.cert_file}
    unused = [name for name, value in files.items() if value is not None]
    if unused and not nats.encrypted:
        yield {*unused, "RETURNS_NATS_URL"}, f"{' and '.join(unused)}: RETURNS_NATS_URL says no tls://"


def leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Every single setting below a model: the path to it and its definition."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from leaves(field.annotation, (*path, name))
        else:
            yield (*path, name), field


def variable(path: tuple[int | str, ...]) -> str:
    """The variable of a setting; what a path has beyond it (places inside a value) is left out."""
    for leaf, _ in leaves(Settings):
        if path[: len(leaf)] == leaf:
            return PREFIX + "_".join(leaf).upper()
    return PREFIX + "_".join(str(part) for part in path).upper()


def _as_given(name: str, error: Any) -> str:
    if name in _UNTOLD or not isinstance(error["input"], str):
        return ""
    return f" (it is {error['input'][:200]!r})"


def _with_defaults(given: Mapping[str, Any], wrong: set[str]) -> dict[str, Any]:
    values = dict(given)
    for path, field in leaves(Settings):
        if variable(path) in wrong:
            *groups, last = path
            place = values
            for group in groups:
                place = place.setdefault(group, {})
            place[last] = field.default
    return values
