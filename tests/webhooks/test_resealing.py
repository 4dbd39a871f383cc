"""An old sealing key can be dropped: what it sealed is sealed anew, beside servers that go on to sign."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import grpc.aio
import pytest
import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook

from commerce.returns.v1 import webhooks_service_pb2 as pb
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from returns_server.config import DATABASE_FILE
from returns_server.sealing import Sealer, SealingKeys, new_sealing_key
from returns_server.storage.opening import open_beside, open_for_reading
from returns_server.storage.session import Session
from returns_server.storage.webhooks.resealing import Resealed, reseal
from returns_server.storage.webhooks.tables import webhook_endpoints, webhook_secrets
from tests.acceptance.test_commands import command
from tests.support.consumers import QUICK
from tests.support.hooks import deliveries, endpoint_now, everything, filed, made, states
from tests.support.messages import create, new_request_id
from tests.support.nursery import Forked, Nursery
from tests.support.receiver import Received, Receiver, answer
from tests.support.service import Service, serving

HEADER = {"x-shop": "a value of the shop"}


def keys_of(text: str) -> SealingKeys:
    keys = SealingKeys.parse(text)
    assert isinstance(keys, SealingKeys)
    return keys


@asynccontextmanager
async def served(tmp_path: Path, url: str | None, keys: str) -> AsyncIterator[Service]:
    webhooks = {"keys": keys_of(keys), "bridge": False}
    async with serving(tmp_path / "data", url, webhooks=webhooks) as service:
        yield service


async def resealed(target: str | Path, keys: str) -> Resealed:
    database = await open_beside(target)
    try:
        return await reseal(database, Sealer(keys_of(keys)))
    finally:
        await database.close()


async def key_ids(target: str | Path) -> set[bytes]:
    """The keys that what is stored is sealed with."""

    async def query(session: Session) -> list[bytes]:
        secrets = await session.fetch(session.dialect.prepare(sa.select(webhook_secrets.c.sealed)))
        headers = await session.fetch(session.dialect.prepare(sa.select(webhook_endpoints.c.headers)))
        values = [base64.b64decode(value) for row in headers for value, _ in json.loads(bytes(row[0])).values()]
        assert (len(secrets), len(values)) == (4, 3)
        return [bytes(row[0]) for row in secrets] + values

    database = await open_for_reading(target)
    try:
        return {sealed[2 : 2 + sealed[1]] for sealed in await database.read(query, heavy=True)}
    finally:
        await database.close()


async def test_everything_is_sealed_anew_once_and_the_old_key_may_go(
    tmp_path: Path, database_url: str | None, receiver: Receiver
) -> None:
    old, new, stranger = new_sealing_key(), new_sealing_key(), new_sealing_key()
    target = database_url or tmp_path / "data" / DATABASE_FILE
    async with served(tmp_path, database_url, old) as service:
        client = everything(service)
        secrets = [await made(client, receiver.url, headers=HEADER) for _ in range(3)]
        rotating = pb.RotateWebhookSecretRequest(name=secrets[0][0].name, request_id=new_request_id())
        rotated = await client.webhooks.RotateWebhookSecret(rotating)
        gone, _ = await made(client, receiver.url, headers=HEADER)
        await client.webhooks.DeleteWebhookEndpoint(pb.DeleteWebhookEndpointRequest(name=gone.name))
    nothing = await resealed(target, f"{new},{stranger}")
    assert (nothing.anew, nothing.before, len(nothing.unopened)) == (0, 0, 7)
    assert set(nothing.unopened) == {endpoint.name for endpoint, _ in secrets}
    assert await resealed(target, f"{new},{old}") == Resealed(anew=7)
    assert await resealed(target, f"{new},{old}") == Resealed(before=7)
    assert await key_ids(target) == {new.partition(":")[0].encode()}
    async with served(tmp_path, database_url, new) as service:
        client = everything(service)
        # A repeat shows the secret that it showed before, and what is sent along is there.
        assert (await client.webhooks.RotateWebhookSecret(rotating)).secret == rotated.secret
        for endpoint, secret in secrets:
            receiver.received.clear()
            await client.webhooks.TestWebhookEndpoint(pb.TestWebhookEndpointRequest(name=endpoint.name))
            [got] = receiver.received
            Webhook(secret).verify(got.body, got.headers)
            assert got.headers["x-shop"] == HEADER["x-shop"]
        # The same value again is no change.
        now = await endpoint_now(client, secrets[1][0])
        said = WebhookEndpoint(name=now.name, headers=HEADER)
        again = await client.webhooks.UpdateWebhookEndpoint(pb.UpdateWebhookEndpointRequest(webhook_endpoint=said))
        assert again.etag == now.etag


def test_the_command_says_what_it_did_and_what_it_could_not(tmp_path: Path) -> None:
    given = {"RETURNS_DATA_DIR": str(tmp_path / "data")}
    old, new = new_sealing_key(), new_sealing_key()

    async def one_endpoint() -> str:
        async with served(tmp_path, None, old) as service:
            endpoint, _ = await made(everything(service), "http://127.0.0.1:9/", headers=HEADER)
            return endpoint.name

    name = asyncio.run(one_endpoint())
    done = command("reseal", **given)
    assert (done.returncode, "RETURNS_WEBHOOKS_KEYS" in done.stderr) == (1, True)
    done = command("reseal", RETURNS_WEBHOOKS_KEYS=new, **given)
    assert (done.returncode, name in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    done = command("reseal", RETURNS_WEBHOOKS_KEYS=f"{new},{old}", **given)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"sealed anew with {new.partition(':')[0]}: 2; sealed with it before: 0\n"


class Shop:
    """A receiver that verifies all that it gets, and callers who go on whatever is restarted."""

    def __init__(self, secret: str) -> None:
        self.wrong: list[str] = []
        self.right = 0
        self.over = False
        self._webhook = Webhook(secret)

    def respond(self, got: Received) -> bytes:
        try:
            self._webhook.verify(got.body, got.headers)
            assert got.headers["x-shop"] == HEADER["x-shop"]
        except Exception as error:  # noqa: BLE001  (whatever it is, the test fails for it)
            self.wrong.append(repr(error))
            return answer(400)
        self.right += 1
        return answer(200)

    async def file(self, service: Service) -> None:
        client = everything(service)
        while not self.over:
            with suppress(grpc.aio.AioRpcError):
                await client.returns.CreateReturn(create(("hooked", "1", 1), request_id=new_request_id()), timeout=5)
            await asyncio.sleep(0.05)

    async def more(self) -> None:
        async with asyncio.timeout(60):
            enough = self.right + 5
            while self.right < enough and not self.wrong:
                await asyncio.sleep(0.02)
        assert not self.wrong


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_keys_are_replaced_under_a_running_bridge(
    tmp_path: Path, database_url: str | None, receiver: Receiver
) -> None:
    """As the handbook says: of several servers never one meets what it cannot open. Each post verifies."""
    old, new = new_sealing_key(), new_sealing_key()
    count = 1 if database_url is None else 2
    steps = [f"{new},{old}"] if count == 1 else [f"{old},{new}", f"{new},{old}"]
    given = {"RETURNS_DATA_DIR": str(tmp_path / "data")}
    given |= {} if database_url is None else {"RETURNS_DATABASE_URL": database_url}
    with Nursery() as nursery:
        servers = [nursery.server(tmp_path / "data", database_url) for _ in range(count)]
        services = []
        try:
            for server in servers:
                restarted([server], old)
                services.append(server.service())
                services[-1].options = QUICK
            client = everything(services[0])
            endpoint, secret = await made(client, receiver.url, headers=HEADER)
            await filed(client, 1)
            shop = Shop(secret)
            receiver.respond = shop.respond
            callers = [asyncio.create_task(shop.file(service)) for service in services]
            for keys in steps:
                await asyncio.to_thread(restarted, servers, keys)
                await shop.more()
            done = await asyncio.to_thread(command, "reseal", RETURNS_WEBHOOKS_KEYS=steps[-1], **given)
            assert (done.returncode, done.stderr) == (0, "")
            assert ": 2; sealed with it before: 0" in done.stdout
            await shop.more()
            await asyncio.to_thread(restarted, servers, new)
            await shop.more()
            shop.over = True
            await asyncio.gather(*callers)
            async with asyncio.timeout(60):
                while set(states(await deliveries(client, endpoint))) != {"DELIVERED"}:
                    await asyncio.sleep(0.1)
            assert not shop.wrong
            for service in services:
                await service.close()
        finally:
            for server in servers:
                server.kill()


def restarted(servers: Sequence[Forked], keys: str) -> None:
    """One after the other, with other keys."""
    for server in servers:
        server.stop()
        server._environment["RETURNS_WEBHOOKS_KEYS"] = keys
        server.start()
