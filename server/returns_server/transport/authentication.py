"""Verifies bearer tokens: signed by an issuer we trust, for us, within their time (RFC 7519, RFC 8725)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx
import jwt
import structlog

from returns_server.application.caller import Caller, Scope
from returns_server.domain.errors import TokenExpired, TokenInvalid
from returns_server.domain.ids import SECOND, Micros
from returns_server.issuers import AuthFile, Issuer
from returns_server.transport.claims import audiences_of, caller_from, check_type, scopes_of, time_of
from returns_server.transport.keys import FETCH_TIMEOUT_SECONDS, FileKeys, KeySource, SigningKey, UrlKeys

MAX_TOKEN_LENGTH = 16 * 1024
MAX_REMEMBERED = 10_000
MAX_REMEMBERED_CHARACTERS = 16 * 1024 * 1024
TOLD_INTERVAL = Micros(60 * SECOND)
"""How often the log tells of one issuer that speaks beyond its bounds: whoever has its key could fill a disk."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Trusted:
    """An issuer, its keys, and the scopes that it may grant."""

    issuer: Issuer
    keys: KeySource
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A token that was verified: for whom, with which key, and until when it holds."""

    caller: Caller
    key: SigningKey
    keys: KeySource
    until: Micros


class TokenVerifier:
    """Knows which tokens to trust. Used as `async with TokenVerifier(auth, clock) as verifier`.

    Verified tokens are remembered while they are valid and their key is published, so that all calls but a token's
    first cost a look-up. (gRPC, too, keeps the tokens of its connections in memory, to decompress headers.)
    """

    def __init__(self, auth: AuthFile, clock: Callable[[], Micros], max_remembered: int = MAX_REMEMBERED) -> None:
        """Takes the issuers to trust and the time; entering reads their keys. Raises ScopeUnknown."""
        self._auth = auth
        self._scopes = [
            frozenset(Scope) if issuer.scopes is None else scopes_of(f"issuers[{index}].scopes", issuer.scopes)
            for index, issuer in enumerate(auth.issuers)
        ]
        self._clock = clock
        self._leeway = Micros(int(auth.leeway_seconds * SECOND))
        self._max_remembered = max_remembered
        self._trusted: dict[str, _Trusted] = {}
        self._remembered: dict[str, _Remembered] = {}
        self._remembered_characters = 0
        self._told: dict[str, Micros] = {}
        self._signatures = jwt.PyJWS()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Read all keys. Raises KeySetInvalid for a file that is missing or wrong; a URL that is down may come up."""
        async with AsyncExitStack() as stack:
            for issuer, scopes in zip(self._auth.issuers, self._scopes, strict=True):
                keys = await self._source(issuer, stack)
                stack.push_async_callback(keys.close)
                await keys.start()
                self._trusted[issuer.issuer] = _Trusted(issuer, keys, scopes)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Stop following key sets."""
        await self._stack.aclose()

    def remembered(self, token: str) -> Caller | None:
        """The caller, where this very token was verified before and still holds."""
        known = self._remembered.get(token)
        if known is None:
            return None
        if self._clock() < known.until and known.key in known.keys.current():
            return known.caller
        self._forget(token)
        return None

    async def verify(self, token: str) -> Caller:
        """The caller that the token is about; raises TokenInvalid, TokenExpired. No message repeats the token."""
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise TokenInvalid("the token is not a JSON Web Token")
        known = self.remembered(token)
        if known is not None:
            return known
        verified = await self._verify(token)
        self._remember(token, verified)
        return verified.caller

    def _remember(self, token: str, verified: _Remembered) -> None:
        self._forget(token)  # another call may have brought it meanwhile
        while self._remembered and (
            len(self._remembered) >= self._max_remembered
            or self._remembered_characters + len(token) > MAX_REMEMBERED_CHARACTERS
        ):
            # Dictionaries keep their order: this is the one remembered longest.
            self._forget(next(iter(self._remembered)))
        self._remembered[token] = verified
        self._remembered_characters += len(token)

    def _forget(self, token: str) -> None:
        if self._remembered.pop(token, None) is not None:
            self._remembered_characters -= len(token)

    async def _verify(self, token: str) -> _Remembered:
        header, claims = _read(token)
        name = claims.get("iss")
        trusted = self._trusted.get(name) if isinstance(name, str) else None
        if trusted is None:
            raise TokenInvalid("the token's issuer is not trusted here")
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in trusted.issuer.algorithms:
            raise TokenInvalid("the token is signed with an algorithm that its issuer may not use")
        if "crit" in header or "b64" in header:
            raise TokenInvalid("the token's header asks for extensions that are not supported")
        check_type(header, trusted.issuer.token_types)
        key = await _signing_key(trusted.keys, header.get("kid"), algorithm)
        try:
            self._signatures.decode(token, key.public, algorithms=[algorithm])
        except (jwt.PyJWTError, ValueError):
            raise TokenInvalid("the token's signature is wrong") from None
        if audiences_of(claims).isdisjoint(trusted.issuer.audiences):
            raise TokenInvalid("the token is not meant for this service (`aud`)")
        expire_time = self._check_times(claims)
        caller = caller_from(claims, expire_time)
        if not trusted.issuer.speaks_for(caller.tenant):
            self._tell(caller, "tenant")
            raise TokenInvalid("the token's issuer may not speak for its `tenant`")
        if not caller.scopes <= trusted.scopes:
            self._tell(caller, "scope")
            raise TokenInvalid("the token's issuer may not grant all of its `scope`")
        return _Remembered(caller, key, trusted.keys, Micros(expire_time + self._leeway))

    def _tell(self, caller: Caller, claim: str) -> None:
        """Warn, now and then: its signature is right, so that somebody has set it up wrongly, or has its key."""
        now = self._clock()
        if not 0 <= now - self._told.get(caller.issuer, -TOLD_INTERVAL) < TOLD_INTERVAL:
            self._told[caller.issuer] = now
            _log.warning("an issuer spoke beyond its bounds", issuer=caller.issuer, tenant=caller.tenant, claim=claim)

    def _check_times(self, claims: dict[str, Any]) -> Micros:
        """The time at which the token expires; raises if now is not within its time."""
        # Not the time at which the call came: fetching keys may have taken a while.
        now = self._clock()
        expire_time = time_of(claims, "exp")
        if expire_time is None:
            raise TokenInvalid("the token has no `exp`")
        if now >= expire_time + self._leeway:
            raise TokenExpired("the token has expired")
        not_before = time_of(claims, "nbf")
        if not_before is not None and now < not_before - self._leeway:
            raise TokenInvalid("the token is not valid yet (`nbf`)")
        issued = time_of(claims, "iat")
        if issued is not None and now < issued - self._leeway:
            raise TokenInvalid("the token was issued in the future (`iat`)")
        return expire_time

    async def _source(self, issuer: Issuer, stack: AsyncExitStack) -> KeySource:
        if issuer.jwks_file is not None:
            return FileKeys(issuer.jwks_file, self._clock)
        if issuer.jwks_url is None:
            raise AssertionError("the auth file's rules give every issuer a file or a URL")
        # No redirects: only the address in the auth file is trusted.
        client = httpx.AsyncClient(timeout=FETCH_TIMEOUT_SECONDS, follow_redirects=False)
        await stack.enter_async_context(client)
        return UrlKeys(issuer.jwks_url, client, self._clock, self._auth.jwks_refresh_seconds)


async def _signing_key(source: KeySource, key_id: object, algorithm: str) -> SigningKey:
    """The issuer's key that the token names; one that is not known yet is asked for."""
    if not isinstance(key_id, str | None):
        raise TokenInvalid("the token's `kid` must be a text")
    fitting = _fitting(source.current(), key_id, algorithm) or _fitting(await source.renewed(), key_id, algorithm)
    if not fitting:
        raise TokenInvalid("the token is signed with a key that its issuer does not publish")
    if key_id is None and len(fitting) > 1:
        raise TokenInvalid("the token names no key (`kid`), and its issuer has several")
    return fitting[0]


def _fitting(keys: tuple[SigningKey, ...], key_id: str | None, algorithm: str) -> list[SigningKey]:
    return [key for key in keys if algorithm in key.algorithms and key_id in {None, key.id}]


def _read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, not verified yet."""
    try:
        header, claims = (json.loads(_decoded(part)) for part in token.split(".", 3)[:2])
        if token.count(".") == 2 and isinstance(header, dict) and isinstance(claims, dict):
            return header, claims
    except (ValueError, RecursionError):
        pass
    raise TokenInvalid("the token is not a JSON Web Token") from None


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
