"""The stream in JetStream: made where it is not there, looked at before it is used, and asked where a tenant ends."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.relay.connection import Connection, Refused
from returns_server.relay.messages import of_tenant
from returns_server.relay.troubles import BrokerAway, Unfit

_API = "$JS.API.STREAM"
_NO_MESSAGE = 10037
_NAME_TAKEN = 10058
_NO_STREAM = 10059
_OVERLAPS = 10065
_NO_CLUSTER = 10074
# JetStream's least. What window.py does keeps doubles out; to remember ids besides would only keep what was purged from
# being published again.
_DUPLICATE_NANOS = 100_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The stream that the settings name, and how it is made; `max_age` is None for ever."""

    name: str
    prefix: str
    replicas: int = 1
    max_age: Micros | None = None

    @property
    def subjects(self) -> str:
        """All subjects of events."""
        return f"{self.prefix}.>"


@dataclass(frozen=True, slots=True)
class Last:
    """The last message of a tenant: its place in the stream, and its headers."""

    position: int
    headers: Mapping[str, str]


class Stream:
    """A stream as it was when it was opened."""

    def __init__(self, connection: Connection, prefix: str, info: Mapping[str, Any]) -> None:
        """Takes what JetStream tells of it."""
        self._connection = connection
        self.prefix = prefix
        config, state = info["config"], info["state"]
        self.name: str = config["name"]
        self.created = _micros(info["created"])
        last_time = _micros(state["last_ts"])
        self.last_time = last_time if last_time > 0 else None
        self.max_age = Micros(config.get("max_age", 0) // 1_000) or None
        self._max_bytes: int = config.get("max_msg_size", -1)

    @property
    def max_bytes(self) -> int:
        """The largest message that it takes now, headers included."""
        return min(size for size in (self._connection.max_bytes, self._max_bytes) if size > 0)

    async def last(self, tenant: TenantId) -> Last | None:
        """The last message of a tenant that is still there; raises BrokerAway."""
        question = {"last_by_subj": of_tenant(self.prefix, tenant)}
        try:
            message = (await self._connection.asked(f"{_API}.MSG.GET.{self.name}", question))["message"]
        except Refused as refused:
            if refused.code == _NO_MESSAGE:
                return None
            raise BrokerAway(refused.description) from refused
        lines = base64.b64decode(message.get("hdrs", "")).decode(errors="replace").splitlines()[1:]
        headers = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return Last(message["seq"], headers)


async def opened(connection: Connection, wanted: Wanted) -> Stream:
    """The stream, which is made where it is not there; raises Unfit where it cannot be used, BrokerAway."""
    try:
        info = await _found(connection, wanted)
    except Refused as refused:
        if refused.code in {_OVERLAPS, _NO_CLUSTER} or refused.status == 400:
            raise Unfit(f"the stream {wanted.name} cannot be made: {refused.description}") from refused
        raise BrokerAway(refused.description) from refused
    problems = list(_problems(info["config"], wanted))
    if problems:
        raise Unfit(f"the stream {wanted.name} cannot be used: {'; '.join(problems)}")
    return Stream(connection, wanted.prefix, info)


async def _found(connection: Connection, wanted: Wanted) -> dict[str, Any]:
    question = f"{_API}.INFO.{wanted.name}"
    try:
        return await connection.asked(question, {})
    except Refused as refused:
        if refused.code != _NO_STREAM:
            raise
    config = {
        "name": wanted.name,
        "description": "Events of the Returns Service; published by its relay alone.",
        "subjects": [wanted.subjects],
        "retention": "limits",
        "storage": "file",
        "num_replicas": wanted.replicas,
        "max_age": (wanted.max_age or 0) * 1_000,
        "duplicate_window": _DUPLICATE_NANOS,
        "allow_direct": True,
        "allow_atomic": True,
    }
    try:
        await connection.asked(f"{_API}.CREATE.{wanted.name}", config)
    except Refused as refused:
        # Another relay made it meanwhile.
        if refused.code != _NAME_TAKEN:
            raise
    return await connection.asked(question, {})


def _problems(config: Mapping[str, Any], wanted: Wanted) -> Iterator[str]:
    """What keeps a stream that is there from holding each event once."""
    subjects = config.get("subjects") or []
    if not any(_covers(subject, wanted.subjects) for subject in subjects):
        yield f"its subjects must have {wanted.subjects} among them; they are {', '.join(subjects) or 'none'}"
    if not config.get("allow_atomic"):
        yield "it must allow atomic batches (allow_atomic)"
    if config.get("retention") != "limits":
        yield f"its retention must be limits; it is {config.get('retention')}"
    if config.get("storage") != "file":
        yield f"its storage must be file; it is {config.get('storage')}"
    if config.get("discard", "old") == "old" and (config.get("max_msgs", -1) > 0 or config.get("max_bytes", -1) > 0):
        yield "with max_msgs or max_bytes its discard must be new: the last message of a tenant says where to go on"
    for name in ("mirror", "sources", "sealed", "no_ack", "subject_transform"):
        if config.get(name):
            yield f"it must be without {name}"


def _covers(filter_: str, subjects: str) -> bool:
    """Whether a subject with wildcards has another one, which ends in `.>`, in it."""
    tokens, others = filter_.split("."), subjects.split(".")
    for token, other in zip(tokens, others, strict=False):
        if token == ">":  # noqa: S105  (of a subject)
            return True
        if other == ">" or token not in {"*", other}:
            return False
    return len(tokens) == len(others)


def _micros(text: str) -> Micros:
    """The time that JetStream writes with up to nine digits behind the point."""
    whole, point, rest = text.rstrip("Z").partition(".")
    seconds = datetime.fromisoformat(f"{whole}+00:00").timestamp()
    return Micros(round(seconds) * SECOND + (int(rest[:6].ljust(6, "0")) if point else 0))
