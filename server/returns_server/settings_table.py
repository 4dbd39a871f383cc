"""The settings as a table for people, from the models themselves: for the docs and for `returns-server config`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

from returns_server.addresses import Address
from returns_server.config import PREFIX, Settings, leaves, variable
from returns_server.issuers import AuthFile
from returns_server.sealing import SealingKeys


class Setting(NamedTuple):
    """One setting for people: its variable, its value or default as text, and what it means."""

    name: str
    value: str
    meaning: str


def unknown_names(environ: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for each RETURNS_* variable that is no setting: a typo, or somebody else's.

    Not an error: in Kubernetes, a service called `returns` puts RETURNS_PORT and the like into every container.
    """
    known = [setting.name for setting in settings_table()]
    unknown = [n for n in (os.environ if environ is None else environ) if n.startswith(PREFIX) and n not in known]
    return [
        f"{name} is not a setting"
        + (f"; was {close[0]} meant?" if (close := get_close_matches(name, known, 1, cutoff=0.85)) else "")
        for name in sorted(unknown)
    ]


def settings_table(settings: Settings | None = None) -> list[Setting]:
    """Every setting with its value, or without `settings` its default; secrets masked."""
    return [
        Setting(variable(path), _shown(_at(settings, path) if settings else field.default), field.description or "")
        for path, field in leaves(Settings)
    ]


def settings_markdown() -> str:
    """The table of settings for the documentation."""
    rows = [f"| `{name}` | {f'`{value}`' if value else ''} | {meaning} |" for name, value, meaning in settings_table()]
    return "\n".join(["| variable | default | meaning |", "| --- | --- | --- |", *rows, ""])


def masked_url(url: str) -> str:
    """A database URL without its password."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    query = "***" if "password" in parts.query else parts.query
    # Not geturl(): it knows no such scheme and drops the slashes of an empty host.
    shown = f"{parts.scheme}://{name}{':***' if colon else ''}{at}{host}{parts.path}"
    return f"{shown}?{query}" if query else shown


def _at(settings: Settings, path: tuple[str, ...]) -> object:
    value: object = settings
    for name in path:
        value = getattr(value, name)
    return value


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case SecretStr():
            secret = value.get_secret_value()
            return masked_url(secret) if secret.startswith(("postgresql://", "postgres://")) else "***"
        case AuthFile():
            return ", ".join([
                *(issuer.issuer for issuer in value.issuers), *(grant.name for grant in value.certificates)
            ])  # fmt: skip
        case SealingKeys():
            return ", ".join(f"{key_id}:***" for key_id in value.ids)
        case Address():
            return str(value)
        case tuple():
            return ",".join(str(part) for part in value)
        case float():
            return f"{value:g}"
        case _:
            return str(value)
