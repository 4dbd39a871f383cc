"""`returns-server backup` and `restore`: copies of the embedded database. PostgreSQL has its own tools for that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from returns_server.told import reported

if TYPE_CHECKING:
    from returns_server.storage.audit import Report

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@reported
def backup(*, file: Path) -> None:
    """Copy the embedded database into FILE, which must not exist; a server may go on serving it."""
    from returns_server.storage.backup import back_up

    size = back_up(_database(), file)
    click.echo(f"{file}: {size} bytes")


@click.command()
@click.argument("file", type=_FILE)
@reported
def restore(*, file: Path) -> None:
    """Put the backup in FILE in the place of the embedded database, which no server may have open.

    Its books are checked first. The database that was there is kept beside it.
    """
    import asyncio

    from returns_server.storage.backup import discard, prepare, put_back

    database = _database()
    prepared = prepare(file, database)
    try:
        report = asyncio.run(audited(prepared))
        if report.findings:
            raise click.ClickException(f"{file}: the books in it do not balance; nothing was changed")
        before = put_back(prepared, database)
    finally:
        discard(prepared)
    if before is not None:
        click.echo(f"the database that was there is now {before}")
    click.echo(f"restored {report.events} events and {report.returns} returns of {report.tenants} tenants")


async def audited(target: str | Path) -> Report:
    """The state of the books of a database."""
    from returns_server.storage.audit import audit
    from returns_server.storage.opening import open_for_reading

    database = await open_for_reading(target)
    try:
        return await database.read(audit, heavy=True)
    finally:
        await database.close()


def _database() -> Path:
    from returns_server.config import read_settings

    target = read_settings(serving=False).database
    if isinstance(target, Path):
        return target
    raise click.ClickException(
        "this is for the embedded SQLite; RETURNS_DATABASE_URL names a PostgreSQL: use pg_dump or pg_basebackup"
    )
