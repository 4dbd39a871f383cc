"""Copies of the embedded database: taken while it is served, and put back in its place."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from returns_server.private_files import private_folder
from returns_server.storage import migrations
from returns_server.storage.failures import Unusable, mapped
from returns_server.storage.sqlite import locked

_BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a database: it belongs to that database, and would spoil another one in its place."""


def back_up(database: Path, file: Path) -> int:
    """Copy all that is committed now into a new file, which is whole or not there; its bytes.

    A server may serve the database meanwhile: this is one read transaction, which holds up nobody. The copy is on the
    disk when this returns, readable by its owner alone. Raises Unusable where there is no database, the file exists,
    or the copy is not sound.
    """
    if not database.is_file():
        raise Unusable(f"{database} is not there: nothing to back up")
    if file.exists():
        raise Unusable(f"{file} exists: a backup never overwrites another")
    unfinished = _private(file)
    try:
        with mapped(), closing(_reader(database)) as connection:
            connection.execute("VACUUM INTO ?", (str(unfinished),))
        _check(unfinished)
        _sync(unfinished)
        try:
            file.hardlink_to(unfinished)
        except FileExistsError:
            raise Unusable(f"{file} exists: a backup never overwrites another") from None
    finally:
        unfinished.unlink()
    _sync(file.parent)
    return file.stat().st_size


def prepare(file: Path, database: Path) -> Path:
    """A sound copy of a backup beside the database, at this release's schema; raises Unusable, WrongSchema."""
    if not file.is_file():
        raise Unusable(f"{file} is no backup")
    private_folder(database.parent)
    unfinished = _private(database)
    try:
        shutil.copyfile(file, unfinished)
        _check(unfinished)
        if migrations.current_revision(unfinished) is None:
            raise Unusable(f"{file} is a database, but none of this service")
        migrations.upgrade(unfinished)
        _sync(unfinished)
    except BaseException:
        discard(unfinished)
        raise
    return unfinished


def discard(prepared: Path) -> None:
    """Remove a copy that is not wanted after all."""
    for name in ("", *_BESIDE):
        prepared.with_name(prepared.name + name).unlink(missing_ok=True)


def put_back(prepared: Path, database: Path) -> Path | None:
    """Put a prepared copy in the database's place; where the one that was there is now, None if there was none.

    Raises Unavailable while a server has the database open. However this ends, a whole database is in its place.
    """
    lock = locked(database)
    try:
        before = None
        if database.exists():
            before = database.with_name(f"{database.name}.before-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
            before.hardlink_to(database)
            for name in _BESIDE:
                with suppress(FileNotFoundError):
                    database.with_name(database.name + name).rename(before.with_name(before.name + name))
        prepared.replace(database)
        _sync(database.parent)
        return before
    finally:
        lock.close()


def _private(beside: Path) -> Path:
    """A new and empty file in the same folder, readable by its owner alone."""
    path = beside.with_name(f"{beside.name}.{secrets.token_hex(8)}")
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise Unusable(f"{path.parent} cannot be written to: {error.strerror}") from None
    return path


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _check(path: Path) -> None:
    try:
        with closing(_reader(path)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        raise Unusable(f"{path.name} is damaged: {'; '.join(found)}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
