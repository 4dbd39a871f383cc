"""Who may sign tokens: the file that RETURNS_AUTH_FILE names, read and checked."""

from __future__ import annotations

import json
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from returns_server.addresses import is_loopback


class Algorithm(StrEnum):
    """The signature algorithms that an issuer may use: asymmetric ones only, so that no verifier can forge a token."""

    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    PS256 = "PS256"
    PS384 = "PS384"
    PS512 = "PS512"
    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    EDDSA = "EdDSA"


Tenants = Annotated[str, Field(pattern=r"^[a-z]([a-z0-9]{2,15}|[a-z0-9]{0,14}\*)$")]
"""A tenant, or with `*` at its end all whose names begin so."""


class Issuer(BaseModel):
    """One issuer of tokens: its name, for whom it issues, how it signs, where its public keys are, what it may say.

    What it may say is everything unless it is bound: to `tenants`, `scopes` and `token_types`. Whoever has the key of
    one that is bound can speak within these bounds alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(min_length=1, max_length=1024, description="the `iss` claim, compared character by character")
    audiences: tuple[str, ...] = Field(
        min_length=1, description="a token's `aud` must name at least one of these; one string will do"
    )
    algorithms: tuple[Algorithm, ...] = Field(
        min_length=1, description="what it may sign with; nothing else is accepted"
    )
    jwks_file: Path | None = Field(
        default=None, description="its key set (RFC 7517) as a file; re-read when it changes"
    )
    jwks_url: str | None = Field(default=None, description="its key set as a URL: https, or http on this machine")
    tenants: tuple[Tenants, ...] | None = Field(
        default=None, min_length=1, description="for whom it may speak: names, or beginnings as `shop*`"
    )
    scopes: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="what its tokens may open at most; as in a token's `scope`"
    )
    token_types: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="one of these its tokens must have as `typ`: `at+jwt` (RFC 9068)"
    )

    def speaks_for(self, tenant: str) -> bool:
        """Whether its tokens may be about this tenant."""
        return self.tenants is None or any(
            tenant.startswith(name[:-1]) if name.endswith("*") else tenant == name for name in self.tenants
        )

    @field_validator("audiences", "algorithms", "tenants", "scopes", "token_types", mode="before")
    @classmethod
    def _one_will_do(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("jwks_url")
    @classmethod
    def _secure(cls, url: str | None) -> str | None:
        if url is not None:
            parts = urlsplit(url)
            if not parts.hostname or parts.scheme not in {"https", "http"}:
                raise ValueError("must be an https URL")
            if parts.username is not None or parts.password is not None:
                raise ValueError("must hold no user and password: logs tell where keys come from")
            if parts.scheme == "http" and not is_loopback(parts.hostname):
                raise ValueError("must be https: who can change the keys on their way here can sign tokens")
        return url

    @model_validator(mode="after")
    def _one_key_set(self) -> Issuer:
        if (self.jwks_file is None) == (self.jwks_url is None):
            raise ValueError("needs one of jwks_file and jwks_url")
        return self


class CertificateGrant(BaseModel):
    """Who calls with a client certificate of this name, and brings no token: a service of one tenant, and its scopes.

    Just one of `uri`, `dns` and `common_name` says which name of the certificate counts; it is compared character by
    character.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    uri: str | None = Field(default=None, min_length=1, max_length=1024, description="a URI of its alternative names")
    dns: str | None = Field(default=None, min_length=1, max_length=255, description="a DNS name of these")
    common_name: str | None = Field(default=None, min_length=1, max_length=255, description="its subject's CN")
    tenant: str = Field(pattern="^[a-z][a-z0-9]{2,15}$", description="whose data it opens")
    scopes: tuple[str, ...] = Field(min_length=1, description="as in a token's `scope`")
    subject: str | None = Field(
        default=None, min_length=1, max_length=255, description="who calls, in events; without it the name"
    )
    user_type: Literal["EMPLOYEE", "SERVICE"] = "SERVICE"

    @property
    def kind(self) -> str:
        """Which kind of name counts."""
        return next(kind for kind in ("uri", "dns", "common_name") if getattr(self, kind) is not None)

    @property
    def name(self) -> str:
        """The name."""
        return str(getattr(self, self.kind))

    @model_validator(mode="after")
    def _one_name(self) -> CertificateGrant:
        if sum(name is not None for name in (self.uri, self.dns, self.common_name)) != 1:
            raise ValueError("needs one of uri, dns and common_name")
        if self.subject is None and len(self.name) > 255:
            raise ValueError("needs a subject: the name is longer than a subject may be")
        return self


class AuthFile(BaseModel):
    """The issuers that are trusted, how exactly their tokens' times are taken, and which client certificates are known.

    As TOML (or the same as JSON)::

        leeway_seconds = 30

        [[issuers]]
        issuer = "https://login.shop.example"
        audiences = ["returns"]
        algorithms = ["RS256"]
        jwks_url = "https://login.shop.example/.well-known/jwks.json"
        tenants = ["acme", "shop*"]
        scopes = ["returns.returns_manage_own"]
        token_types = ["at+jwt"]

        [[certificates]]
        uri = "spiffe://shop.example/warehouse"
        tenant = "acme"
        scopes = ["returns.returns_manage"]
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuers: tuple[Issuer, ...] = ()
    certificates: tuple[CertificateGrant, ...] = ()
    leeway_seconds: float = Field(
        default=30, ge=0, le=300, description="how far clocks may differ, for `exp`, `nbf` and `iat`"
    )
    jwks_refresh_seconds: float = Field(
        default=300,
        ge=1,
        le=86_400,
        description="how often a key set with a URL is fetched; an unknown key id asks at once",
    )

    @model_validator(mode="after")
    def _somebody(self) -> AuthFile:
        if not self.issuers and not self.certificates:
            raise ValueError("needs issuers, or certificates")
        return self

    @model_validator(mode="after")
    def _certificates_named_once(self) -> AuthFile:
        names = [(grant.kind, grant.name) for grant in self.certificates]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"certificates named more than once: {', '.join(name for _, name in twice)}")
        return self

    @model_validator(mode="after")
    def _named_once(self) -> AuthFile:
        names = [issuer.issuer for issuer in self.issuers]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"issuers named more than once: {', '.join(twice)}")
        return self


def read_auth_file(path: Path) -> AuthFile:
    """The issuers of a TOML or JSON file; a relative jwks_file is taken from the file's own folder.

    Raises ValueError with all problems, each with its place, in one line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error.strerror if isinstance(error, OSError) else error}") from None
    try:
        content: dict[str, Any] = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        auth = AuthFile.model_validate(content)
    except ValidationError as error:
        raise ValueError(f"{path}: {'; '.join(problems_of(error))}") from None
    except ValueError as error:  # of both parsers
        raise ValueError(f"{path}: {error}") from None
    return auth.model_copy(update={"issuers": tuple(_rooted(issuer, path.parent) for issuer in auth.issuers)})


def problems_of(error: ValidationError) -> list[str]:
    """What pydantic found, one sentence a problem, each with its place as `issuers[0].algorithms[1]`."""
    return [f"{place}: {text}" if (place := _place(e["loc"])) else text for e, text in _said(error)]


def said(message: str) -> str:
    """A sentence of pydantic's, without the frame that it puts around ours."""
    return message.removeprefix("Value error, ").replace("Input should", "should")


def _said(error: ValidationError) -> list[tuple[Any, str]]:
    return [(one, said(one["msg"])) for one in error.errors(include_url=False, include_context=False)]


def _place(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")


def _rooted(issuer: Issuer, folder: Path) -> Issuer:
    return issuer.model_copy(update={"jwks_file": folder / issuer.jwks_file}) if issuer.jwks_file else issuer
