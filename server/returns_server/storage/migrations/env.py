"""Runs migrations over the connection that `returns_server.storage.migrations` opened, inside its transaction."""

from __future__ import annotations

from alembic import context

from returns_server.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
