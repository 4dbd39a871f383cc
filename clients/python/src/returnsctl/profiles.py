"""Where the command line calls and as whom: profiles in a TOML file that only its owner can read."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

DEFAULT_ADDRESS = "127.0.0.1:50051"
_TOKEN_SOURCES = ("token", "token_file", "token_command")
_COMMAND_SECONDS = 60


class ProfileInvalid(Exception):
    """A profile, or something that it names, cannot be used; the message says what and where, never a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A server and how to get in. Of the three sources of a token at most one is set."""

    address: str = DEFAULT_ADDRESS
    """HOST:PORT, or several as gRPC names them."""
    tenant: str = ""
    token: str = field(default="", repr=False)
    """The token itself."""
    token_file: str = ""
    """A file with the token in it, read anew for each connection."""
    token_command: str = ""
    """A program, with arguments, that prints the token; run without a shell."""
    plaintext: bool | None = None
    """Whether to do without TLS; None: only to this machine."""
    ca_file: str = ""
    """PEM file with the certificates to trust; without it the system's."""
    cert_file: str = ""
    """PEM file with the client's own certificate chain, for servers that ask for one."""
    key_file: str = ""
    """PEM file with the private key of `cert_file`."""

    @property
    def connection(self) -> str:
        """How the connection is protected, in words."""
        if self.plaintext:
            return "plain text"
        own = " with own certificate" if self.cert_file else ""
        return f"TLS{own}" if own or self.ca_file or self.plaintext is False else "TLS unless local"

    @property
    def ca_path(self) -> Path | None:
        """`ca_file` as a path."""
        return _path(self.ca_file)

    @property
    def cert_path(self) -> Path | None:
        """`cert_file` as a path."""
        return _path(self.cert_file)

    @property
    def key_path(self) -> Path | None:
        """`key_file` as a path."""
        return _path(self.key_file)

    @property
    def token_source(self) -> str:
        """Where the token comes from, in words that do not give it away."""
        if self.token:
            return "kept here"
        if self.token_file:
            return f"file {self.token_file}"
        return f"command {self.token_command}" if self.token_command else "none"

    def with_token_from(self, **source: str) -> Profile:
        """The same with this one source of the token instead of any other."""
        return replace(self, **{**dict.fromkeys(_TOKEN_SOURCES, ""), **source})  # type: ignore[arg-type]

    def bearer_token(self) -> str:
        """The token, fetched now; empty where no source is known. Raises ProfileInvalid where the source fails."""
        if self.token_file:
            try:
                found = Path(self.token_file).expanduser().read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "is no text"
                raise ProfileInvalid(f"the token file {self.token_file}: {why}") from None
        elif self.token_command:
            found = _printed_by(self.token_command)
        else:
            found = self.token
        token = found.strip()
        # Metadata of gRPC takes nothing else, and would print what it was given.
        if not all("!" <= character <= "~" for character in token):
            raise ProfileInvalid(f"what should be the token ({self.token_source}) is not one word of plain letters")
        if not token and (self.token_file or self.token_command):
            raise ProfileInvalid(f"the token is empty ({self.token_source})")
        return token


_SETTINGS = {each.name: bool if each.name == "plaintext" else str for each in fields(Profile)}


def config_path(given: str | None = None) -> Path:
    """The file of profiles: `given`, else RETURNSCTL_CONFIG, else `returnsctl/config.toml` where XDG says."""
    chosen = given or os.environ.get("RETURNSCTL_CONFIG")
    if chosen:
        return Path(chosen).expanduser()
    home = os.environ.get("XDG_CONFIG_HOME")
    # The XDG specification: a relative path there is to be ignored.
    folder = Path(home) if home and Path(home).is_absolute() else Path.home() / ".config"
    return folder / "returnsctl" / "config.toml"


class ProfileFile:
    """The profiles of a file; what a person wrote around them (comments, order) stays when one is added."""

    def __init__(self, path: Path) -> None:
        """Read the file; one that is not there has no profiles. Raises ProfileInvalid."""
        self.path = path
        try:
            self._content: Any = tomlkit.parse(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self._content = tomlkit.document()
        except (OSError, UnicodeDecodeError) as error:
            raise ProfileInvalid(f"{path}: {getattr(error, 'strerror', None) or 'is no text'}") from None
        except TOMLKitError as error:
            raise ProfileInvalid(f"{path}: is no TOML: {error}") from None
        profiles = self._content.get("profiles", {})
        if not isinstance(profiles, Mapping) or not all(isinstance(each, Mapping) for each in profiles.values()):
            raise ProfileInvalid(f"{path}: `profiles` should hold tables, such as [profiles.staging]")
        self._profiles: Mapping[str, Mapping[str, Any]] = profiles

    @property
    def names(self) -> list[str]:
        """The names of all profiles, as they stand in the file."""
        return list(self._profiles)

    @property
    def current(self) -> str:
        """The name of the profile that is used where none is named; empty if none is."""
        return str(self._content.get("current", ""))

    def get(self, name: str) -> Profile:
        """A profile; raises ProfileInvalid where there is none of that name, or it says what cannot be."""
        if name not in self._profiles:
            known = ", ".join(self.names) or "none yet: `returnsctl profile add`"
            raise ProfileInvalid(f"there is no profile {name!r} in {self.path} (there are: {known})")
        said = {
            key: getattr(value, "unwrap", lambda value=value: value)() for key, value in self._profiles[name].items()
        }
        for key, value in said.items():
            if key not in _SETTINGS:
                raise ProfileInvalid(f"{self.path}: profile {name}: unknown setting {key!r}; {', '.join(_SETTINGS)}")
            if not isinstance(value, _SETTINGS[key]):
                kind = "true or false" if _SETTINGS[key] is bool else "a text"
                raise ProfileInvalid(f"{self.path}: profile {name}: {key} should be {kind}")
        if sum(source in said for source in _TOKEN_SOURCES) > 1:
            raise ProfileInvalid(f"{self.path}: profile {name}: give one of {', '.join(_TOKEN_SOURCES)}")
        return Profile(**said)

    def put(self, name: str, profile: Profile) -> None:
        """Add the profile or replace it whole; the first one becomes the current one."""
        table = tomlkit.table()
        for key in _SETTINGS:
            value = getattr(profile, key)
            if value not in ("", None):
                table[key] = value
        if "profiles" not in self._content:
            self._content["profiles"] = tomlkit.table(is_super_table=True)
        self._content["profiles"][name] = table
        self._profiles = self._content["profiles"]
        if not self.current:
            self.use(name)

    def use(self, name: str) -> None:
        """Make a profile the current one."""
        self.get(name)
        if "current" in self._content:
            self._content["current"] = name
        else:
            # In front of the tables: after them it would belong to the last of them.
            kept = tomlkit.dumps(self._content)
            self._content = tomlkit.parse(f"current = {tomlkit.item(name).as_string()}\n\n{kept}")
            self._profiles = self._content["profiles"]

    def remove(self, name: str) -> None:
        """Forget a profile; if it was the current one, none is."""
        self.get(name)
        del self._content["profiles"][name]
        if self.current == name:
            del self._content["current"]

    def save(self) -> None:
        """Put the file in place as a whole, readable by its owner alone. Raises ProfileInvalid."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # mkstemp makes it 0600 from the start.
            handle, fresh = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(tomlkit.dumps(self._content))
            Path(fresh).replace(self.path)
        except OSError as error:
            raise ProfileInvalid(f"{self.path}: {error.strerror}") from None


def _printed_by(command: str) -> str:
    try:
        words = shlex.split(command)
        done = subprocess.run(  # noqa: S603 - the user's own choice, and no shell in between
            words, stdout=subprocess.PIPE, text=True, check=False, timeout=_COMMAND_SECONDS
        )
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise ProfileInvalid(f"the token command {command!r}: {why}") from None
    if done.returncode:
        raise ProfileInvalid(f"the token command {command!r} ended with code {done.returncode}")
    return done.stdout


def _path(file: str) -> Path | None:
    return Path(file).expanduser() if file else None
