"""Databases of many returns for a run: seeded once, kept in a folder if wanted, and copied for each run."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.machine import Pinning, pin
from benchmarks.seed.filling import fill
from returns_server.config import DATABASE_FILE
from tests.support.postgres import PostgresServer, drop_database, find_installation

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
# As PostgreSQL ships it in all that touches durability; with the memory and the log space that a server of this size
# would be given.
POSTGRES_SETTINGS = {
    "shared_buffers": "2GB",
    "max_wal_size": "8GB",
    "maintenance_work_mem": "512MB",
    "wal_compression": "off",
}
# While a seed is filled, which is thrown away if that fails: no log of what is copied, nothing beside it.
_SEEDING_SETTINGS = {**POSTGRES_SETTINGS, "wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off"}
_ROOT = Path(__file__).resolve().parents[1]
# What decides which rows a seed has.
_SOURCES = (
    "benchmarks/seed",
    "server/returns_server/domain",
    "server/returns_server/storage/documents",
    "server/returns_server/storage/migrations",
    "server/returns_server/storage/saving.py",
    "server/returns_server/storage/tables.py",
    "tools/sample",
)


class Databases:
    """Seeded databases of both kinds and their copies; `folder` keeps the seeds, `scratch` what a run leaves behind."""

    def __init__(self, folder: Path, scratch: Path, kinds: Sequence[str], pinning: Pinning) -> None:
        self._folder = folder
        self._scratch = scratch
        self._kinds = kinds
        self._pinning = pinning
        self.server: PostgresServer | None = None
        self.seeding_seconds = 0.0

    @contextmanager
    def started(self) -> Iterator[Databases]:
        """With PostgreSQL running, if it is wanted; it ends with this process, however that ends."""
        if POSTGRESQL not in self._kinds:
            yield self
            return
        lock = self._scratch / "owner.lock"
        with lock.open("wb") as owned:
            fcntl.flock(owned, fcntl.LOCK_EX)
            self._installation = installation = find_installation(self._scratch)
            directory = self._folder / "postgres"
            directory.mkdir(exist_ok=True)
            directory.chmod(0o711)
            if not (directory / "data").exists():
                installation.initialise(directory / "data")
            installation.give(directory)
            self.server = PostgresServer(installation, directory, lock, remove=self._scratch / "postgres-is-kept")
            self.server.start(**POSTGRES_SETTINGS)
            try:
                self._drop_copies()
                yield self
                self._drop_copies()
            finally:
                self.server.stop("fast")

    @property
    def core(self) -> int | None:
        """The core that PostgreSQL is kept on, but for when it is let loose."""
        return self._pinning.load

    @property
    def server_url(self) -> str:
        """The running PostgreSQL server's maintenance database."""
        if self.server is None:
            raise RuntimeError("PostgreSQL takes no part in this run")
        return self.server.url()

    def description(self) -> dict[str, str]:
        """What a reader needs to know of the PostgreSQL server, if there is one."""
        if self.server is None:
            return {}
        with psycopg.connect(self.server_url) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        set_to = ", ".join(f"{name} {value}" for name, value in POSTGRES_SETTINGS.items())
        return {"PostgreSQL": f"{row[0] if row else ''}, as shipped (durable) but for {set_to}"}

    def program(self, name: str) -> Path:
        """A program of the same PostgreSQL installation, such as pgbench."""
        return self._installation.bin / name

    def seed(self, sizes: Iterable[int]) -> None:
        """Make sure that there is a seed of each size in each kind of database."""
        begin = time.monotonic()
        missing = [size for size in sizes if any(not self._seeded(kind, size) for kind in self._kinds)]
        if missing and self.server is not None:
            self.server.restart("fast", **_SEEDING_SETTINGS)
        for size in missing:
            kinds = [kind for kind in self._kinds if not self._seeded(kind, size)]
            fill([self._emptied(kind, size) for kind in kinds], size)
            for kind in kinds:
                self._marker(kind, size).write_text(fingerprint())
        if missing and self.server is not None:
            self.server.restart("fast", **POSTGRES_SETTINGS)
        if self.server is not None and self.server.pid is not None:
            pin(self.server.pid, self._pinning.load)
        self.seeding_seconds = time.monotonic() - begin

    def copy(self, kind: str, size: int) -> str | Path:
        """A database of one's own: the folder of a SQLite file, or the URL of a PostgreSQL database."""
        if kind == SQLITE:
            folder = Path(tempfile.mkdtemp(prefix=f"data-{size}-", dir=self._scratch))
            shutil.copyfile(self._sqlite_seed(size), folder / DATABASE_FILE)
            return folder
        return self._postgres_copy(size)

    def _seeded(self, kind: str, size: int) -> bool:
        """Whether there is a seed of this size that is up to date."""
        if not self._marker(kind, size).exists() or self._marker(kind, size).read_text() != fingerprint():
            return False
        if kind == SQLITE:
            return self._sqlite_seed(size).exists()
        with psycopg.connect(self.server_url) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [f"seed_{size}"])
            return found.fetchone() is not None

    def _emptied(self, kind: str, size: int) -> str | Path:
        """An empty database to fill."""
        self._marker(kind, size).unlink(missing_ok=True)
        if kind == SQLITE:
            file = self._sqlite_seed(size)
            file.unlink(missing_ok=True)
            return file
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS seed_{size}".encode())
            connection.execute(f"CREATE DATABASE seed_{size} TEMPLATE template0".encode())
        return self._url(f"seed_{size}")

    def _postgres_copy(self, size: int) -> str:
        name = f"copy_{size}_{time.monotonic_ns()}"
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE seed_{size} STRATEGY file_copy".encode())
            connection.execute("CHECKPOINT")
        return self._url(name)

    def _drop_copies(self) -> None:
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            found = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'copy%'").fetchall()
        for (name,) in found:
            drop_database(self.server_url, self._url(name))

    def _url(self, name: str) -> str:
        return f"{self.server_url.rpartition('/')[0]}/{name}"

    def _sqlite_seed(self, size: int) -> Path:
        return self._folder / f"{size}.sqlite3"

    def _marker(self, kind: str, size: int) -> Path:
        return self._folder / f"{kind}-{size}.fingerprint"


def fingerprint() -> str:
    """What seeds of this version of the code are known by."""
    digest = hashlib.sha256()
    for source in _SOURCES:
        for file in sorted([_ROOT / source, *(_ROOT / source).rglob("*")]):
            if file.is_file() and file.suffix != ".pyc":
                digest.update(file.relative_to(_ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
