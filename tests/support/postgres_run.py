"""The PostgreSQL of a test run: started when a test first asks, shared by all processes that run tests.

The first pytest process (under xdist the controller) owns a scratch folder and the lock that keeps servers alive
(tests/support/leash.py). Whichever process first needs a server starts the shared one; the owner's end stops it.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.support.postgres import STOP_TIMEOUT_SECONDS, PostgresFailed, PostgresServer, find_installation


class PostgresRun:
    """The scratch folder of one test run and the servers in it, as one process sees them."""

    def __init__(self, scratch: Path, owned: IO[bytes] | None) -> None:
        self.scratch = scratch
        self._owned = owned
        self._shared: PostgresServer | None = None

    @classmethod
    def begin(cls) -> PostgresRun:
        """Own a new run: servers live until end(), or until this process is gone."""
        scratch = Path(tempfile.mkdtemp(prefix="returns-tests-"))
        scratch.chmod(0o711)  # PostgreSQL may run as another user, who must get to its folder
        owned = (scratch / "owner.lock").open("wb")
        fcntl.flock(owned, fcntl.LOCK_EX)
        return cls(scratch, owned)

    @classmethod
    def join(cls, scratch: Path) -> PostgresRun:
        """Take part in a run that another process owns."""
        return cls(scratch, None)

    def shared_url(self) -> str:
        """The shared server's URL (database postgres); the server is started if no test has asked before."""
        url_file = self.scratch / "shared.url"
        with self._locked():
            if not url_file.exists():
                self._shared = self._new_server("shared", self.scratch / "owner.lock", remove=self.scratch)
                self._shared.start()
                url_file.write_text(self._shared.url())
        return url_file.read_text()

    @contextmanager
    def private_server(self) -> Iterator[PostgresServer]:
        """A running server of one's own, to stop, crash and restart; removed afterwards."""
        name = f"private-{uuid.uuid4().hex[:8]}"
        # A lock of its own: under xdist this process, not the run's owner, is who must outlive the server.
        lock = self.scratch / f"{name}.lock"
        with lock.open("wb") as owned:
            fcntl.flock(owned, fcntl.LOCK_EX)
            with self._locked():
                server = self._new_server(name, lock, remove=self.scratch / name)
            with server:
                yield server
        lock.unlink()

    def end(self) -> None:
        """Stop what runs and remove the scratch folder; the owner calls it last."""
        if self._owned is None:
            raise PostgresFailed("only the process that began a run ends it")
        if not (self.scratch / "shared").exists():
            shutil.rmtree(self.scratch)
        self._owned.close()
        # The shared server's leash removes the folder as its last act, whichever process started it.
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        while self.scratch.exists():
            if time.monotonic() > deadline:
                raise PostgresFailed(f"the shared server did not stop; see {self.scratch}")
            time.sleep(0.02)

    def _new_server(self, name: str, owner_lock: Path, remove: Path) -> PostgresServer:
        installation = find_installation(self.scratch)
        # initdb takes most of a second, a copy of what it made next to nothing.
        pristine = self.scratch / "pristine"
        if not pristine.exists():
            installation.initialise(pristine)
        directory = self.scratch / name
        directory.mkdir()
        shutil.copytree(pristine, directory / "data")
        installation.give(directory)
        return PostgresServer(installation, directory, owner_lock, remove)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.scratch / "start.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
