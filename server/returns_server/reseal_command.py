"""`returns-server reseal`: what is sealed with an older key is sealed with the newest one, so that the older can go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from returns_server.told import reported

if TYPE_CHECKING:
    from pathlib import Path

    from returns_server.sealing import SealingKeys
    from returns_server.storage.webhooks.resealing import Resealed

_SHOWN = 10


@click.command()
@reported
def reseal() -> None:
    """Seal the secrets of webhooks anew with the first of RETURNS_WEBHOOKS_KEYS; servers may go on meanwhile."""
    import asyncio

    from returns_server.config import read_settings

    settings = read_settings(serving=False)
    keys = settings.webhooks.keys
    if keys is None:
        raise click.ClickException("RETURNS_WEBHOOKS_KEYS: give the new key, and after a comma those that are to go")
    done = asyncio.run(_resealed(settings.database, keys))
    click.echo(f"sealed anew with {keys.ids[0]}: {done.anew}; sealed with it before: {done.before}")
    if done.unopened:
        where = sorted(set(done.unopened))
        shown = ", ".join(where[:_SHOWN]) + (", …" if len(where) > _SHOWN else "")
        raise click.ClickException(
            f"{len(done.unopened)} stay as they are: RETURNS_WEBHOOKS_KEYS has not the key that sealed them: {shown}"
        )


async def _resealed(target: str | Path, keys: SealingKeys) -> Resealed:
    from returns_server.domain.errors import Conflict, StorageUnavailable
    from returns_server.sealing import Sealer
    from returns_server.storage.opening import open_beside
    from returns_server.storage.webhooks.resealing import reseal as resealed

    database = await open_beside(target)
    try:
        return await resealed(database, Sealer(keys))
    except (Conflict, StorageUnavailable) as error:
        cause = error.__cause__ or error
        raise click.ClickException(f"stopped half-way, nothing is lost; run it again: {cause}") from error
    finally:
        await database.close()
