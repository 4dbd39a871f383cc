"""Whether a pooler between us and PostgreSQL hands our connections to others between transactions.

Such a pooler (PgBouncer's `pool_mode = transaction` and its like) works for programs that keep nothing in a session.
This one keeps limits and the planner's mode in its writing sessions, read-only mode in its reading ones, prepared
statements and LISTEN: on shared connections, writers would find themselves read-only. A pooler in session mode does no
harm.
"""

from __future__ import annotations

import asyncio

import psycopg

from returns_server.storage.failures import Unusable, mapped

_PATIENCE_SECONDS = 5.0
_SETTING = "returns.session"

_REFUSAL = (
    "RETURNS_DATABASE_URL leads through a pooler that shares connections between transactions (as PgBouncer does with"
    " pool_mode = transaction); this server needs sessions of its own: connect to PostgreSQL directly, or through a"
    " pool in session mode"
)


async def check_sessions(url: str) -> None:
    """Raise Unusable where a session is not kept; a psycopg.Error where the database cannot be reached."""
    with mapped():
        async with await _connected(url) as first:
            if first.info.backend_pid == await _one(first, "SELECT pg_backend_pid()"):
                return  # nobody is in between
            await first.execute("SELECT set_config(%s, 'kept', false)", (_SETTING,))
            # Whoever takes part in a pool now has the connection that was just given back.
            async with await _connected(url) as second:
                try:
                    async with asyncio.timeout(_PATIENCE_SECONDS), second.transaction():
                        await second.execute("SELECT 1")
                        kept = await _one(first, f"SELECT current_setting('{_SETTING}', true)")
                except TimeoutError:
                    kept = None  # a pool of one connection: the first waits for the second's transaction
    if kept != "kept":
        raise Unusable(_REFUSAL)


async def _connected(url: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=5, prepare_threshold=None)


async def _one(connection: psycopg.AsyncConnection, statement: str) -> object:
    row = await (await connection.execute(statement.encode())).fetchone()
    return row[0] if row else None
