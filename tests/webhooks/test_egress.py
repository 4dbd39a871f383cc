"""A server as in production: no packet reaches what is not public, at create, update, test and send."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio

from commerce.returns.v1 import webhooks_service_pb2 as pb
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from returns_server.application.webhooks.ports import Message
from returns_server.bootstrap import running
from returns_server.clock import system_clock
from returns_server.devtokens import development_auth
from returns_server.sealing import SealingKeys, new_sealing_key
from returns_server.webhooks.egress.addresses import Reach, parsed_networks
from returns_server.webhooks.egress.posting import HttpPost
from returns_server.webhooks.egress.targets import Guard
from tests.support.certificates import Authority
from tests.support.hooks import caught_up, deliveries, everything, filed, made, states
from tests.support.hostile_urls import NAMES, PUBLIC_4, hostile
from tests.support.receiver import Receiver, receiving
from tests.support.service import Refusal, Service, outcome, refused, settings_for

GOOD = "hooks.example.com"
STANDS_FOR_PUBLIC = "::1"
"""Allowed by the operator's list, in place of a public address: nothing of a test leaves this machine."""


@dataclass
class Names:
    """A name server; `answers` can be changed, and what is a list of lists is answered one after the other."""

    answers: dict[str, Any] = field(default_factory=lambda: {**NAMES, GOOD: [STANDS_FOR_PUBLIC]})
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        found = self.answers.get(host, ["127.0.0.1"])
        if found and isinstance(found[0], list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if not found:
            raise OSError("no such name")
        return list(found)


@asynccontextmanager
async def in_production(
    data: Path, names: Names, database_url: str | None = None, **webhooks: Any
) -> AsyncIterator[Service]:
    """A server without --dev, which trusts the tokens of a test."""
    given = {
        "keys": SealingKeys.parse(new_sealing_key()), "bridge": False,
        "networks": parsed_networks([f"{STANDS_FOR_PUBLIC}/128"]), **webhooks,
    }  # fmt: skip
    settings = settings_for(data, database_url, auth_file=development_auth(data), webhooks=given)
    async with running(settings, resolve=names) as app:
        service = Service(app.address, data, app)
        try:
            yield service
        finally:
            await service.close()


@pytest_asyncio.fixture
async def canary() -> AsyncIterator[Receiver]:
    """A listener on this machine that must hear nothing."""
    async with receiving() as canary:
        yield canary


async def test_nothing_hostile_is_taken_at_create_and_update(tmp_path: Path, canary: Receiver) -> None:
    names = Names()
    names.answers[GOOD] = [PUBLIC_4]
    async with in_production(tmp_path / "data", names, ports=(443, canary.port), networks=()) as service:
        client = everything(service)
        endpoint, _ = await made(client, f"https://{GOOD}/hook")
        urls = hostile(canary.port)
        assert len(urls) >= 120
        for url in urls:
            said = WebhookEndpoint(url=url)
            create = pb.CreateWebhookEndpointRequest(parent="tenants/acme", webhook_endpoint=said)
            said = WebhookEndpoint(name=endpoint.name, url=url)
            update = pb.UpdateWebhookEndpointRequest(webhook_endpoint=said)
            for call in (client.webhooks.CreateWebhookEndpoint(create), client.webhooks.UpdateWebhookEndpoint(update)):
                refusal = await outcome(call)
                assert isinstance(refusal, Refusal), url
                # What is no URI at all, the shape of the request tells first.
                assert refusal.reason in {"TARGET_REFUSED", "FIELD_INVALID"}, url
                if refusal.reason == "TARGET_REFUSED":
                    assert refusal.code is grpc.StatusCode.FAILED_PRECONDITION
                    assert set(refusal.metadata) == {"cause"}
    assert canary.connections == 0


async def test_nothing_hostile_is_posted_to(canary: Receiver) -> None:
    names = Names()
    guard = Guard(Reach(), frozenset({443, canary.port}), names)
    post = HttpPost(guard, system_clock, ssl.create_default_context())
    for url in hostile(canary.port):
        attempt = await post.post(Message(url, "id", "application/json", b"{}", ("whsec_" + "A" * 32,)))
        assert (attempt.refused, attempt.error, attempt.status) == (True, "refused", 0), url
    await post.close()
    assert canary.connections == 0


@pytest.mark.parametrize(
    "turned", [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["fd00::1"], [PUBLIC_4, "127.0.0.1"], []]
)
async def test_a_name_that_turns_bad_later_is_refused_at_test_and_send(
    tmp_path: Path, database_url: str | None, canary: Receiver, turned: list[str]
) -> None:
    names = Names()
    async with in_production(tmp_path / "data", names, database_url, ports=(canary.port,)) as service:
        client = everything(service)
        endpoint, _ = await made(client, f"https://{GOOD}:{canary.port}/hook")
        names.answers[GOOD] = turned
        with refused("TARGET_REFUSED", grpc.StatusCode.FAILED_PRECONDITION):
            await client.webhooks.TestWebhookEndpoint(pb.TestWebhookEndpointRequest(name=endpoint.name))
        await filed(client, 1)
        await caught_up(service)
        [delivery] = await deliveries(client, endpoint)
        assert states([delivery]) == ["BLOCKED"]
        assert [(one.status, one.error, one.answer) for one in delivery.attempts] == [(0, "refused", b"")]
        assert delivery.HasField("next_attempt_time")
    assert canary.connections == 0


async def test_a_name_is_resolved_once_and_the_address_that_was_judged_is_the_one_connected_to(
    tmp_path: Path, canary: Receiver
) -> None:
    """A name server that answers well once and badly from then on gets nothing out of it."""
    authority = Authority(tmp_path)
    canary_port = canary.port
    async with receiving(ssl=authority.server(GOOD), host=STANDS_FOR_PUBLIC, port=canary_port) as good:
        names = Names({GOOD: [[STANDS_FOR_PUBLIC], ["127.0.0.1"]]})
        guard = Guard(Reach(parsed_networks([f"{STANDS_FOR_PUBLIC}/128"])), frozenset({canary_port}), names)
        tls = ssl.create_default_context(cafile=str(authority.file))
        post = HttpPost(guard, system_clock, tls)
        message = Message(f"https://{GOOD}:{canary_port}/x", "id", "application/json", b"{}", ("whsec_" + "A" * 32,))
        assert (await post.post(message)).status == 200
        assert names.asked == [GOOD]
        await post.close()
        # A new connection is a new question, and its answer is judged anew.
        post = HttpPost(guard, system_clock, tls)
        assert (await post.post(message)).refused
        await post.close()
        assert (len(good.accepted), canary.connections) == (1, 0)


async def test_https_with_the_name_as_sni_and_host_and_a_certificate_that_must_fit(
    tmp_path: Path, database_url: str | None
) -> None:
    authority, names = Authority(tmp_path), Names()
    names.answers["other.example.com"] = [STANDS_FOR_PUBLIC]
    async with receiving(ssl=authority.server(GOOD), host=STANDS_FOR_PUBLIC) as receiver:
        options = {"ports": (receiver.port,), "ca_file": authority.file}
        async with in_production(tmp_path / "data", names, database_url, **options) as service:
            client = everything(service)
            fits, _ = await made(client, f"https://{GOOD}:{receiver.port}/hook?a=b")
            differs, _ = await made(client, f"https://other.example.com:{receiver.port}/hook")
            await filed(client, 1)
            await caught_up(service)
            assert states(await deliveries(client, fits)) == ["DELIVERED"]
            [delivery] = await deliveries(client, differs)
            assert [one.error for one in delivery.attempts] == ["tls: the certificate is not trusted"]
        [got] = receiver.received
        assert (got.target, got.headers["host"]) == ("/hook?a=b", f"{GOOD}:{receiver.port}")


async def test_a_certificate_of_an_authority_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    names = Names()
    async with receiving(ssl=Authority(tmp_path).server(GOOD), host=STANDS_FOR_PUBLIC) as receiver:
        async with in_production(tmp_path / "data", names, ports=(receiver.port,)) as service:
            client = everything(service)
            endpoint, _ = await made(client, f"https://{GOOD}:{receiver.port}/")
            request = pb.TestWebhookEndpointRequest(name=endpoint.name)
            answer = await client.webhooks.TestWebhookEndpoint(request)
            assert answer.attempt.error == "tls: the certificate is not trusted"
        assert receiver.received == []


async def test_a_server_without_keys_says_that_webhooks_are_not_set_up(tmp_path: Path) -> None:
    async with in_production(tmp_path / "data", Names(), keys=None) as service:
        client = everything(service)
        with refused("NOT_IMPLEMENTED", grpc.StatusCode.UNIMPLEMENTED):
            await made(client, f"https://{GOOD}/")
        with refused("SCOPE_MISSING"):
            await made(service.client(), f"https://{GOOD}/")
        await filed(client, 1)
