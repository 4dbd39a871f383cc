"""Imports an order file into a server: file, connection and token in one call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import grpc.aio

from commerce.returns.v1.orders_service_pb2_grpc import OrdersServiceStub
from returns_client.channels import Server
from returns_client.errors import refusal_of
from returns_client.importing import ImportReport, import_orders
from returns_client.order_files import OrderFile


class ImportStopped(Exception):
    """The import ended before the file did; the message says why. Repeating it is safe."""


async def import_file(
    path: Path, tenant: str, server: Server, on_progress: Callable[[ImportReport], None]
) -> tuple[ImportReport, list[str]]:
    """Import the file's orders and report what became of them, with a sentence for each assumption made.

    Raises OrderFileUnusable, and ImportStopped where the server cannot be reached or refuses the whole.
    """
    parent = f"tenants/{tenant}"
    found = OrderFile(path, parent)
    async with server.channel() as channel:
        try:
            report = await import_orders(
                OrdersServiceStub(channel),
                parent,
                found,
                metadata=server.metadata,
                on_progress=on_progress,
            )
        except grpc.aio.AioRpcError as error:
            raise ImportStopped(str(refusal_of(error))) from None
    return report, found.notes.sentences()
