"""The public keys of an issuer, from a file or a URL, kept up to date while the server runs.

A key roll needs no restart: a file is read again when it changes, a URL is fetched every few minutes and when a token
names a key that is not known yet. What cannot be read or fetched leaves the keys as they were.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from returns_server.domain.ids import SECOND, Micros
from returns_server.issuers import Algorithm

FILE_CHECK_INTERVAL = Micros(2 * SECOND)
"""How long a file is trusted to be unchanged."""
REFETCH_INTERVAL = Micros(10 * SECOND)
"""Tokens with unknown keys make us fetch a URL no more often than this, whoever sends them."""
FETCH_TIMEOUT_SECONDS = 5.0
FETCH_RETRY_SECONDS = 15.0
"""After a fetch that failed, the next comes no later than this."""
MAX_KEY_SET_BYTES = 256 * 1024
MAX_KEYS = 100
MIN_RSA_BITS = 2048

_log = structlog.get_logger(__name__)

_RSA = (Algorithm.RS256, Algorithm.RS384, Algorithm.RS512, Algorithm.PS256, Algorithm.PS384, Algorithm.PS512)
_FITTING: Mapping[tuple[object, object], tuple[Algorithm, ...]] = {
    ("RSA", None): _RSA,
    ("EC", "P-256"): (Algorithm.ES256,),
    ("EC", "P-384"): (Algorithm.ES384,),
    ("EC", "P-521"): (Algorithm.ES512,),
    ("OKP", "Ed25519"): (Algorithm.EDDSA,),
}
"""What a key of a type and curve can verify (RFC 7518, RFC 8037). Symmetric keys are not here, so never used."""
_PUBLIC_MEMBERS = ("kty", "crv", "n", "e", "x", "y")


class KeySetInvalid(ValueError):
    """A document is no key set that can be used."""


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """One public key. While its issuer publishes it unchanged it stays the same object."""

    id: str | None
    algorithms: frozenset[str]
    public: Any
    source: str


class KeySource(Protocol):
    """Where an issuer's keys come from."""

    def current(self) -> tuple[SigningKey, ...]:
        """The keys as known now. Called for every call, so cheap."""

    async def renewed(self) -> tuple[SigningKey, ...]:
        """The keys after asking again, unless that was done a moment ago."""

    async def start(self) -> None:
        """Get the keys for the first time; raises KeySetInvalid where waiting would not help."""

    async def close(self) -> None:
        """Ask no more."""


class FileKeys:
    """The keys in a file, read again when the file changes."""

    def __init__(self, path: Path, clock: Callable[[], Micros]) -> None:
        """Takes the file and the time."""
        self._path = path
        self._clock = clock
        self._keys: tuple[SigningKey, ...] = ()
        self._seen: tuple[int, ...] | None = None
        self._checked = Micros(0)

    async def start(self) -> None:
        """Read the file; raises KeySetInvalid if that fails, since somebody has to put it right."""
        try:
            self._seen = self._state()
            self._keys = parse_key_set(self._path.read_bytes())
        except (OSError, KeySetInvalid) as error:
            raise KeySetInvalid(f"{self._path}: {error}") from error
        self._checked = self._clock()

    async def close(self) -> None:
        """Nothing runs."""

    def current(self) -> tuple[SigningKey, ...]:
        """The keys of the file as it was at most FILE_CHECK_INTERVAL ago."""
        now = self._clock()
        # A clock that was set back must not stop the checks.
        if not 0 <= now - self._checked < FILE_CHECK_INTERVAL:
            self._checked = now
            self._check()
        return self._keys

    async def renewed(self) -> tuple[SigningKey, ...]:
        """The keys of the file as it is: looking is cheap."""
        self._check()
        return self._keys

    def _check(self) -> None:
        try:
            state = self._state()
            if state == self._seen:
                return
            self._seen = state
            self._keys = parse_key_set(self._path.read_bytes(), self._keys)
            _log.info("key set read again", path=str(self._path), keys=len(self._keys))
        except (OSError, KeySetInvalid) as error:
            # Also what half a file looks like; its completion changes the state again.
            _log.warning("key set unusable, keeping the keys known", path=str(self._path), error=str(error))

    def _state(self) -> tuple[int, ...]:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


class UrlKeys:
    """The keys at a URL, fetched in the background and when a token names an unknown one."""

    def __init__(
        self, url: str, client: httpx.AsyncClient, clock: Callable[[], Micros], refresh_seconds: float
    ) -> None:
        """Takes the URL, the client to fetch it with, the time and how often to fetch."""
        self._url = url
        self._client = client
        self._clock = clock
        self._refresh_seconds = refresh_seconds
        self._keys: tuple[SigningKey, ...] = ()
        self._asked = Micros(0)
        self._fetching: asyncio.Task[bool] | None = None
        self._refreshing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Fetch once and go on in the background. An issuer that is down keeps no server from starting."""
        ok = await self._fetch()
        self._refreshing = asyncio.create_task(self._refresh(ok), name=f"keys of {self._url}")

    async def close(self) -> None:
        """Fetch no more."""
        running = [task for task in (self._refreshing, self._fetching) if task is not None]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    def current(self) -> tuple[SigningKey, ...]:
        """The keys that were fetched last."""
        return self._keys

    async def renewed(self) -> tuple[SigningKey, ...]:
        """The keys after one more fetch, unless one began less than REFETCH_INTERVAL ago."""
        if self._fetching is not None or not 0 <= self._clock() - self._asked < REFETCH_INTERVAL:
            await self._fetch()
        return self._keys

    async def _refresh(self, last_succeeded: bool) -> None:
        while True:
            patience = self._refresh_seconds
            await asyncio.sleep(patience if last_succeeded else min(patience, FETCH_RETRY_SECONDS))
            last_succeeded = await self._fetch()

    async def _fetch(self) -> bool:
        """Fetch, or join the fetch that runs; whether it succeeded."""
        if self._fetching is None:
            self._asked = self._clock()
            self._fetching = asyncio.create_task(self._fetch_alone(), name=f"fetch {self._url}")
        # A caller that goes away must not take the fetch from the others.
        return await asyncio.shield(self._fetching)

    async def _fetch_alone(self) -> bool:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_SECONDS):
                self._keys = parse_key_set(await self._document(), self._keys)
        except Exception as error:  # noqa: BLE001 - whatever another's server does, the keys known stay in use
            _log.warning("key set not fetched, keeping the keys known", url=self._url, error=str(error) or repr(error))
            return False
        finally:
            self._fetching = None
        return True

    async def _document(self) -> bytes:
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        async with self._client.stream("GET", self._url, headers=headers) as answer:
            if answer.status_code != httpx.codes.OK:
                raise KeySetInvalid(f"the answer is {answer.status_code}")
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise KeySetInvalid("the answer is compressed, which was not asked for")
            document = bytearray()
            # As it comes: a few compressed bytes would be unpacked to any size before they could be counted.
            async for part in answer.aiter_raw():
                document += part
                if len(document) > MAX_KEY_SET_BYTES:
                    raise KeySetInvalid(f"the answer is larger than {MAX_KEY_SET_BYTES} bytes")
            return bytes(document)


def parse_key_set(document: bytes, known: tuple[SigningKey, ...] = ()) -> tuple[SigningKey, ...]:
    """The usable keys of a JWK set (RFC 7517); those that are among `known` unchanged are the same objects.

    Keys for encryption, of unknown types or too weak are left out, as the RFC asks. Raises KeySetInvalid.
    """
    try:
        content = json.loads(document)
        entries = content["keys"]
    except (ValueError, RecursionError, TypeError, KeyError):
        raise KeySetInvalid("not a JSON object with `keys`") from None
    if not isinstance(entries, list) or len(entries) > MAX_KEYS:
        raise KeySetInvalid(f"`keys` must be a list of at most {MAX_KEYS}")
    before = {key.source: key for key in known}
    found = (_key(entry, before) for entry in entries if isinstance(entry, dict))
    return tuple(key for key in found if key is not None)


def _key(entry: dict[str, Any], known: Mapping[str, SigningKey]) -> SigningKey | None:
    source = json.dumps(entry, sort_keys=True)
    if source in known:
        return known[source]
    key_id, use, operations = entry.get("kid"), entry.get("use", "sig"), entry.get("key_ops", ["verify"])
    fitting = _FITTING.get((_text(entry.get("kty")), _text(entry.get("crv"))), ())
    named = entry.get("alg")
    algorithms = frozenset(algorithm.value for algorithm in fitting if named in {None, algorithm.value})
    signs = use == "sig" and isinstance(operations, list) and "verify" in operations
    if not signs or not algorithms or not isinstance(key_id, str | None):
        return None
    try:
        # Public members only: a key set that leaks private keys does not make us hold them.
        public = jwt.PyJWK({name: entry[name] for name in _PUBLIC_MEMBERS if name in entry}, min(algorithms)).key
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        _log.warning("key left out", key_id=key_id, error=type(error).__name__)
        return None
    if isinstance(public, RSAPublicKey) and public.key_size < MIN_RSA_BITS:
        _log.warning("key left out: too short", key_id=key_id, bits=public.key_size)
        return None
    return SigningKey(key_id, algorithms, public, source)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
