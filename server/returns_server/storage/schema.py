"""The whole schema: what migrations are checked against."""

from __future__ import annotations

from returns_server.storage import tables
from returns_server.storage.webhooks import tables as webhook_tables

metadata = tables.metadata

if webhook_tables.webhook_endpoints.metadata is not metadata:
    raise RuntimeError("all tables are described in one place")
