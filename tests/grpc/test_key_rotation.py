"""Keys that are replaced with a restart: what goes on as before, and what begins anew."""

from __future__ import annotations

import secrets
from pathlib import Path

import sqlalchemy as sa

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1 import webhooks_service_pb2 as webhooks_pb
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from returns_server.sealing import SealingKeys, new_sealing_key
from returns_server.storage import tables
from returns_server.storage.session import WriteSession
from tests.support.messages import create, feed, new_request_id, order
from tests.support.service import ALL, Service, refused, serving

PARENT = "tenants/acme"


async def _page(service: Service, token: str = "") -> pb.ListReturnsResponse:
    request = pb.ListReturnsRequest(parent=PARENT, page_size=1, page_token=token)
    return await service.client(*ALL).returns.ListReturns(request)


async def test_a_new_key_of_page_tokens_makes_lists_begin_anew_and_nothing_else(
    tmp_path: Path, database_url: str | None
) -> None:
    async with serving(tmp_path / "data", database_url) as service:
        client = service.client(*ALL)
        await feed(client, *(order(f"o{number}") for number in range(3)))
        for number in range(3):
            await client.returns.CreateReturn(create((f"o{number}", "1", 1)))
        before = await _page(service)
    async with serving(tmp_path / "data", database_url) as service:
        # The control: a restart alone costs nothing.
        assert (await _page(service, before.next_page_token)).returns
        await _replace_token_key(service)
    async with serving(tmp_path / "data", database_url) as service:
        with refused("PAGE_TOKEN_INVALID"):
            await _page(service, before.next_page_token)
        anew = await _page(service)
        assert anew.returns == before.returns
        assert (await _page(service, anew.next_page_token)).returns
        events = await service.client(*ALL).returns.ListReturnEvents(
            pb.ListReturnEventsRequest(parent=PARENT, after_cursor=before.event_cursor)
        )
        assert not events.events  # cursors are not sealed with it


async def _replace_token_key(service: Service) -> None:
    assert service.app is not None

    async def replaced(session: WriteSession) -> None:
        update = sa.update(tables.instance).values(token_key=sa.bindparam("key", type_=sa.LargeBinary()))
        await session.execute(session.dialect.prepare(update), {"key": secrets.token_bytes(32)})

    await service.app.database.write(replaced)


async def test_servers_one_step_apart_open_what_the_other_sealed(tmp_path: Path) -> None:
    old, new = new_sealing_key(), new_sealing_key()
    # The last is a server that is a step behind the one before it.
    steps = [old, f"{old},{new}", f"{new},{old}", f"{old},{new}"]
    made: list[tuple[webhooks_pb.CreateWebhookEndpointRequest, str]] = []
    for keys in steps:
        settings = {"keys": SealingKeys.parse(keys), "bridge": False}
        async with serving(tmp_path / "data", webhooks=settings) as service:
            client = service.client(*ALL)
            for request, secret in made:  # a repeat opens what is sealed
                assert (await client.webhooks.CreateWebhookEndpoint(request)).secret == secret
            request = webhooks_pb.CreateWebhookEndpointRequest(
                parent=PARENT,
                webhook_endpoint=WebhookEndpoint(url=f"http://127.0.0.1:9/{len(made)}"),
                request_id=new_request_id(),
            )
            made.append((request, (await client.webhooks.CreateWebhookEndpoint(request)).secret))
