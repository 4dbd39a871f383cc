"""Power cuts for SQLite: a file system that writes down every write and sync, and disks as a cut would leave them.

Between two syncs of a file a disk may have done any of the writes, in any order, the last one perhaps in part. What was
written before a sync is there. That is the contract that SQLite asks of a disk, and no more.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import apsw

_SECTOR = 512


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that was done to a file: bytes at an offset, a new length, a sync, or that it was deleted for good."""

    kind: Literal["write", "truncate", "sync", "delete"]
    name: str
    offset: int = 0
    data: bytes = b""


class Disk:
    """What a folder's database files hold, and everything that was done to them since."""

    def __init__(self, folder: Path) -> None:
        self.operations: list[Operation] = []
        self._before = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".db"}

    def after_a_cut(self, moment: int, survives: Literal["nothing", "something", "everything"], folder: Path) -> None:
        """Write the files as they may be found when the power fails right after so many operations.

        `survives` says what becomes of what no sync has made safe.
        """
        chance = random.Random(moment)
        files = {name: bytearray(content) for name, content in self._before.items()}
        done = self.operations[:moment]
        synced = {op.name: index for index, op in enumerate(done) if op.kind == "sync"}
        for index, op in enumerate(done):
            if op.kind == "delete":
                files.pop(op.name, None)
                continue
            safe = index < synced.get(op.name, -1)
            if not safe and (survives == "nothing" or (survives == "something" and chance.random() < 0.5)):
                continue
            _apply(op, files.setdefault(op.name, bytearray()), None if safe or survives == "everything" else chance)
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)


def _apply(op: Operation, content: bytearray, chance: random.Random | None) -> None:
    if op.kind == "truncate":
        del content[op.offset :]
        content.extend(bytes(op.offset - len(content)))
        return
    data = op.data
    if chance is not None and chance.random() < 0.3:
        # A torn write: some of its sectors.
        data = data[: _SECTOR * chance.randint(0, len(data) // _SECTOR)]
    if op.offset > len(content):
        content.extend(bytes(op.offset - len(content)))
    content[op.offset : op.offset + len(data)] = data


class _File(apsw.VFSFile):
    """A file that notes what is done to it."""

    def __init__(self, disk: Disk, base: str, filename: Any, flags: list[int]) -> None:
        super().__init__(base, filename, flags)
        self._disk = disk
        self._name = Path(filename.filename() if hasattr(filename, "filename") else filename).name

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._disk.operations.append(Operation("write", self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._disk.operations.append(Operation("truncate", self._name, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        # The machine's own disk need not be waited for: this one is only imagined.
        self._disk.operations.append(Operation("sync", self._name))


class NotingFiles(apsw.VFS):
    """The file system that notes; as long as it is referenced, connections may open files through it."""

    NAME = "noting"

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._base = apsw.vfs_names()[0]
        super().__init__(self.NAME, self._base)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self._disk.operations.append(Operation("delete", Path(filename).name))

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self._disk, self._base, name, flags)


class Connection:
    """An apsw connection with the face of sqlite3's, as far as the storage uses it, over a file system by its name.

    `synchronous` replaces what the storage asks for; None leaves it.
    """

    def __init__(
        self, path: str, *, files: str = NotingFiles.NAME, synchronous: str | None = None, checkpoint_pages: int = 1_000
    ) -> None:
        # Readers name the file as a URI, which says that they only read.
        writes = not path.startswith("file:")
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE if writes else apsw.SQLITE_OPEN_READONLY
        plain = path.removeprefix("file:").partition("?")[0]
        self._connection = apsw.Connection(plain, flags=flags, vfs=files)
        self._connection.set_busy_timeout(5_000)
        self._connection.execute(f"PRAGMA wal_autocheckpoint={checkpoint_pages}")
        self._synchronous = synchronous

    def execute(self, statement: str, parameters: Any = ()) -> _Done:
        if self._synchronous is not None and statement.startswith("PRAGMA synchronous="):
            statement = f"PRAGMA synchronous={self._synchronous}"
        rows = list(self._connection.execute(statement, parameters))
        return _Done(rows, self._connection.changes())

    def executemany(self, statement: str, parameters: Sequence[Mapping[str, Any] | Sequence[Any]]) -> None:
        self._connection.executemany(statement, parameters)

    def set_progress_handler(self, handler: Callable[[], bool] | None, steps: int) -> None:
        self._connection.set_progress_handler(handler, steps)

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True, slots=True)
class _Done:
    """What a statement answered."""

    rows: list[tuple[Any, ...]]
    rowcount: int

    def fetchone(self) -> tuple[Any, ...] | None:
        return self.rows[0] if self.rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows
