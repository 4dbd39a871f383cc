"""One run of the command line: the server that it talks to, as whom, and how it answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property

import click

from returns_client import TLS, ReturnsClient
from returnsctl.profiles import Profile, ProfileInvalid

_TOKEN_SECONDS = 30.0
"""How long a token is remembered: asking for it anew may mean to run a program."""


class Session:
    """What all commands of a run share. Nothing is read or opened before a command needs it."""

    def __init__(self, profile: Callable[[], Profile], *, timeout_seconds: float, as_json: bool) -> None:
        """Takes how to find the profile (raises ProfileInvalid), and the deadline of each call."""
        self._find_profile = profile
        self._token, self._token_until = "", 0.0
        self.timeout_seconds = timeout_seconds
        self.as_json = as_json

    @cached_property
    def profile(self) -> Profile:
        """Where to call and as whom."""
        return self._find_profile()

    @property
    def parent(self) -> str:
        """The resource name of the tenant that the commands are about."""
        if not self.profile.tenant:
            raise click.UsageError("which tenant? Say it with --tenant, RETURNSCTL_TENANT, or in a profile.")
        return f"tenants/{self.profile.tenant}"

    @cached_property
    def client(self) -> ReturnsClient:
        """The service. Raises ProfileInvalid where the profile contradicts itself or names files that are not there."""
        profile = self.profile
        certificates = profile.ca_file or profile.cert_file or profile.key_file
        tls = TLS(profile.ca_path, profile.cert_path, profile.key_path)
        try:
            client = ReturnsClient(
                profile.address,
                tenant=self.parent.removeprefix("tenants/"),
                token=self.token,
                tls=tls if certificates or profile.plaintext is False else None,
                plaintext=bool(profile.plaintext),
                timeout_seconds=self.timeout_seconds,
            )
        except OSError as error:
            raise ProfileInvalid(f"{error.filename}: {error.strerror}") from None
        except ValueError as error:
            raise ProfileInvalid(str(error)) from None
        click.get_current_context().find_root().call_on_close(client.close)
        return client

    def token(self) -> str:
        """The token, fetched half a minute ago at most. Raises ProfileInvalid."""
        if time.monotonic() >= self._token_until:
            self._token = self.profile.bearer_token()
            self._token_until = time.monotonic() + _TOKEN_SECONDS
        return self._token
