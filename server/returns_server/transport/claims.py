"""What a verified token says about its bearer (contract, section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from returns_server.application.caller import OWN_SCOPES, Caller, Scope, granted
from returns_server.domain.errors import TokenInvalid
from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.domain.returns import UserType

MAX_ID_LENGTH = 255
MAX_EMAIL_LENGTH = 254
MAX_NAME_LENGTH = 200
_TENANT = re.compile(r"[a-z][a-z0-9]{2,15}")
_LATEST = 253_402_300_800  # the year 10000: what a protobuf Timestamp cannot hold

# Of access tokens: most issuers say JWT or nothing. A token of another purpose says so (RFC 8725, section 3.11).
_USUAL_TYPES = frozenset({None, "jwt", "at+jwt"})


class ScopeUnknown(Exception):
    """The auth file names a scope that does not exist; the message says where."""


def scopes_of(place: str, names: Iterable[str]) -> frozenset[Scope]:
    """The scopes that the auth file names at this place, with what they imply; raises ScopeUnknown."""
    known = {scope.value for scope in Scope}
    if unknown := sorted(set(names) - known):
        there_are = ", ".join(sorted(known))
        raise ScopeUnknown(f"RETURNS_AUTH_FILE: {place}: {unknown[0]} is no scope; there are {there_are}")
    return granted(frozenset(names))


def check_type(header: Mapping[str, Any], asked_for: Iterable[str] | None) -> None:
    """Raise TokenInvalid unless the `typ` of a token's header is one of these, or without any a usual one.

    Media types are compared without case, and `application/` may be left out (RFC 7515, section 4.1.9).
    """
    accepted = _USUAL_TYPES if asked_for is None else frozenset(map(_media_type, asked_for))
    found = header.get("typ")
    if not isinstance(found, str | None) or (found and _media_type(found)) not in accepted:
        raise TokenInvalid("the token's `typ` is none of an access token of its issuer")


def caller_from(claims: Mapping[str, Any], expire_time: Micros) -> Caller:
    """Who calls, from the claims of a token that is verified. Raises TokenInvalid, naming the claim."""
    tenant = _required(claims, "tenant")
    if not _TENANT.fullmatch(tenant):
        raise TokenInvalid("the token's `tenant` must be 3 to 16 lower-case letters and digits, a letter first")
    subject = _required(claims, "sub")
    scopes = granted(frozenset(_text(claims, "scope", 10_000).split()))
    email = _text(claims, "email", MAX_EMAIL_LENGTH).strip().lower()
    return Caller(
        tenant=TenantId(tenant),
        issuer=_required(claims, "iss"),
        subject=subject,
        scopes=scopes,
        customer_id=_text(claims, "customer_id", MAX_ID_LENGTH) or subject,
        email=email,
        # Strictly true: some issuers send the text "false", which is no reason to trust an address.
        verified_email=email if claims.get("email_verified") is True else "",
        first_name=_name(claims, "given_name"),
        last_name=_name(claims, "family_name"),
        user_type=_user_type(claims, scopes),
        expire_time=expire_time,
    )


def time_of(claims: Mapping[str, Any], name: str) -> Micros | None:
    """A claim that is a point in time (RFC 7519: seconds, perhaps with a fraction), None without it.

    Raises TokenInvalid if it is no such point.
    """
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenInvalid(f"the token's `{name}` must be a number of seconds")
    # Neither infinity nor NaN is, nor a whole number that no float can hold.
    if not 0 <= value < _LATEST:
        raise TokenInvalid(f"the token's `{name}` is not a time before the year 10000")
    return Micros(int(value * SECOND))


def _media_type(name: str) -> str:
    return name.lower().removeprefix("application/")


def audiences_of(claims: Mapping[str, Any]) -> frozenset[str]:
    """For whom the token is: its `aud`, one or several."""
    value = claims.get("aud")
    entries = value if isinstance(value, list) else [value]
    return frozenset(entry for entry in entries if isinstance(entry, str))


def _user_type(claims: Mapping[str, Any], scopes: frozenset[Scope]) -> UserType:
    """A service says that it is one; else who has wide scopes is an employee, and who has not a customer."""
    if scopes <= OWN_SCOPES:
        return UserType.CUSTOMER
    return UserType.SERVICE if _text(claims, "user_type", 100).upper() == "SERVICE" else UserType.EMPLOYEE


def _required(claims: Mapping[str, Any], name: str) -> str:
    if value := _text(claims, name, 1024 if name == "iss" else MAX_ID_LENGTH):
        return value
    raise TokenInvalid(f"the token has no `{name}`")


def _name(claims: Mapping[str, Any], name: str) -> str:
    # A long name is no reason to lock its bearer out.
    return _text(claims, name, 10_000).strip()[:MAX_NAME_LENGTH]


def _text(claims: Mapping[str, Any], name: str, max_length: int) -> str:
    value = claims.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > max_length or not _storable(value):
        raise TokenInvalid(f"the token's `{name}` must be text of at most {max_length} characters")
    return value


def _storable(text: str) -> bool:
    """Whether databases and protobuf take it: no NUL, no half of a character (JSON can escape both)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
