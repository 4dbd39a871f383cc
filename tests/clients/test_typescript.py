"""The TypeScript client, as programs of Node use it: over networks that break, with servers that die, with TLS.

It has to be built (`make test-clients ARGS=typescript` builds it and runs this); where it is not, this says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import ssl
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from commerce.returns.v1 import webhooks_service_pb2
from commerce.returns.v1.returns_service_pb2 import CloseReturnRequest
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from tests.acceptance.test_webhook_guide import cases
from tests.support.certificates import Authority
from tests.support.consumers import QUICK, Changes, change, stock, whole_log
from tests.support.histories import acknowledged
from tests.support.messages import create, feed, line, order
from tests.support.ports import lasting_port
from tests.support.process import ServerProcess
from tests.support.proxy import Faults, proxied
from tests.support.service import ALL, Service, serving

FOLDER = Path(__file__).parents[2] / "clients" / "typescript"
DRIVER = FOLDER / "build" / "test" / "driver.js"
README = FOLDER / "README.md"
EXAMPLES = sorted((FOLDER / "examples").glob("*.ts"))
DEADLINE_SECONDS = 1.0
SLACK_SECONDS = 2.0
"""How much later than its deadline a call may end on a machine whose cores are all at work."""
VANISHES = {5}
"""After how many cuts the network takes everything and gives nothing, for longer than a call may last."""


def why_not() -> str:
    """Why the client cannot be tried here; empty if it can."""
    if shutil.which("node") is None:
        return "node is not installed here: the TypeScript client is not tried"
    sources = [path for name in ("src", "test", "examples") for path in (FOLDER / name).rglob("*.ts")]
    if not DRIVER.exists() or DRIVER.stat().st_mtime < max(path.stat().st_mtime for path in sources):
        return "the TypeScript client is not built here: `make test-clients ARGS=typescript` builds and tries it"
    return ""


pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(why_not()), reason=why_not())]


@asynccontextmanager
async def node(*arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program of Node, ended with the block."""
    process = await asyncio.create_subprocess_exec(
        "node",
        *arguments,
        cwd=FOLDER,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        limit=1 << 20,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def driven(mode: str, **options: Any) -> contextlib.AbstractAsyncContextManager[asyncio.subprocess.Process]:
    return node(str(DRIVER), mode, json.dumps(options))


async def said(process: asyncio.subprocess.Process) -> list[Any]:
    """All that a driver prints, once it has ended well."""
    out, _ = await asyncio.wait_for(process.communicate(), 100)
    assert process.returncode == 0
    return [json.loads(one) for one in out.decode().splitlines()]


class Handled:
    """The events that a driver says it handled, as it says so."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.lines: list[dict[str, Any]] = []
        self._process = process
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for one in self._process.stdout:
            self.lines.append(json.loads(one))

    async def reach(self, sequence: int) -> None:
        async with asyncio.timeout(60):
            while not self.lines or self.lines[-1]["sequence"] < sequence:
                assert self._process.returncode is None, "the follower ended"
                await asyncio.sleep(0.02)

    async def end(self) -> dict[str, Any]:
        """Tell it to stop; what it says last."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._reading, 30)
        return self.lines.pop()


@pytest.mark.timeout(300)
async def test_every_event_is_handled_once_in_order_through_cuts_and_kills(tmp_path: Path) -> None:
    chance = random.Random(6)
    server = ServerProcess(tmp_path / "data").start()
    service = Service(server.address, server.data_dir, options=QUICK)
    try:
        async with proxied(server.address) as proxy:
            direct = service.client(*ALL)
            await stock(direct)
            changes = Changes()
            callers = [asyncio.create_task(change([direct], changes, random.Random(n), pause=0.02)) for n in range(2)]
            async with driven("follow", address=proxy.address, token=service.token(*ALL)) as process:
                handled = Handled(process)
                for round_ in range(3):
                    await handled.reach((round_ + 1) * 20)
                    while proxy.cut < (round_ + 1) * 20:
                        while not proxy.connections:
                            await asyncio.sleep(0.01)
                        await asyncio.sleep(chance.uniform(0, 0.1))
                        proxy.cut_all(chance)
                    server.kill()
                    server.start(server.address)
                changes.over = True
                await asyncio.gather(*callers)
                log = await whole_log(direct)
                await handled.reach(len(log))
                last = await handled.end()
            acknowledged(changes.acknowledged, log)
            assert [one["sequence"] for one in handled.lines] == [event.sequence for event in log]
            assert [one["id"] for one in handled.lines] == [event.id for event in log]
            # A cut may hit what is left of a connection that was cut before.
            assert last["pauses"] >= 30
    finally:
        await service.close()
        server.kill()


async def lossy(tmp_path: Path, count: int, *, naive: bool) -> tuple[list[dict[str, Any]], Counter[str]]:
    """What came of so many returns filed over a bad network, and how often each was filed."""
    chance = random.Random(60)
    async with serving(tmp_path / "data") as service, proxied(service.address) as proxy:
        direct = service.client(*ALL)
        await feed(direct, order("many", line("1", 100_000, 100_000)))
        options = {"count": count, "timeoutMs": DEADLINE_SECONDS * 1_000, "naive": naive}
        async with driven("create", address=proxy.address, token=service.token(*ALL), **options) as process:
            ended = asyncio.create_task(said(process))
            while not ended.done():
                proxy.faults = Faults(
                    delay_seconds=chance.choice([0, 0.005]), bytes_per_second=chance.choice([0, 0, 50_000])
                )
                await asyncio.sleep(chance.uniform(0.05, 0.2))
                if proxy.cut in VANISHES:
                    # Nothing comes back and nothing breaks: only the deadline ends a call then.
                    proxy.faults.vanished = True
                    await asyncio.sleep(DEADLINE_SECONDS + SLACK_SECONDS + 0.5)
                    proxy.faults.vanished = False
                proxy.cut_all(chance)
            outcomes = await ended
        assert proxy.cut > 10
        filed = Counter(event.snapshot.reason.details for event in await whole_log(direct))
    return outcomes, filed


@pytest.mark.timeout(200)
async def test_over_a_bad_network_no_call_outlives_its_deadline_and_nothing_happens_twice(tmp_path: Path) -> None:
    outcomes, filed = await lossy(tmp_path, 300, naive=False)
    assert sorted(one["n"] for one in outcomes) == list(range(1, 301))
    assert max(one["ms"] for one in outcomes) < (DEADLINE_SECONDS + SLACK_SECONDS) * 1_000
    assert {name: count for name, count in filed.items() if count > 1} == {}
    answered = [one for one in outcomes if "name" in one]
    assert {str(one["n"]) for one in answered} <= set(filed)
    assert {one["code"] for one in outcomes if "code" in one} <= {"UNAVAILABLE", "DEADLINE_EXCEEDED"}
    assert "DEADLINE_EXCEEDED" in {one.get("code") for one in outcomes}, "nothing had to be ended by its deadline"
    assert len(answered) > 30


@pytest.mark.timeout(200)
async def test_without_request_ids_the_same_network_makes_things_happen_twice(tmp_path: Path) -> None:
    _, filed = await lossy(tmp_path, 300, naive=True)
    assert [name for name, count in filed.items() if count > 1]


@asynccontextmanager
async def behind_tls(address: str, context: ssl.SSLContext) -> AsyncIterator[int]:
    """The port of something that takes TLS, asks for a client's certificate, and passes on in plain text."""
    host, _, port = address.rpartition(":")

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(4_096):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(passed(reader, onward_writer), passed(onward_reader, writer))

    async with await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def test_tls_and_mutual_tls(tmp_path: Path) -> None:
    authority, stranger = Authority(tmp_path), Authority(_folder(tmp_path / "stranger"))
    context = authority.server("localhost")
    context.set_alpn_protocols(["h2"])
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.file)
    authority.server("client")
    pem = {"cert": str(tmp_path / "client.pem"), "key": str(tmp_path / "client.key")}
    async with serving(tmp_path / "data") as service, behind_tls(service.address, context) as port:

        async def outcome(ca: Path, address: str = f"localhost:{port}", **certificate: str) -> dict[str, Any]:
            async with driven("list", address=address, token=service.token(*ALL), ca=str(ca), **certificate) as process:
                [answer] = await said(process)
            return dict(answer)

        assert await outcome(authority.file, **pem) == {"ok": True}
        assert (await outcome(authority.file))["code"] == "UNAVAILABLE"
        untrusted = await outcome(stranger.file, **pem)
        assert (untrusted["code"], "certificate" in untrusted["said"]) == ("UNAVAILABLE", True)
        misnamed = await outcome(authority.file, f"127.0.0.1:{port}", **pem)
        assert (misnamed["code"], "127.0.0.1" in misnamed["said"]) == ("UNAVAILABLE", True)


async def test_a_server_with_tls_of_its_own(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.server("localhost")
    files = {name: str(tmp_path / f"localhost.{end}") for name, end in (("CERT", "pem"), ("KEY", "key"))}
    settings = {f"RETURNS_TLS_{name}_FILE": path for name, path in files.items()}
    with ServerProcess(tmp_path / "data", **settings) as server:
        address = server.address.replace("127.0.0.1", "localhost")
        token = server.service().token(*ALL)
        async with driven("list", address=address, token=token, ca=str(authority.file)) as process:
            assert await said(process) == [{"ok": True}]


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


async def test_the_webhook_verifier_accepts_our_messages_and_nothing_else() -> None:
    given = cases()
    async with driven("verify", cases=given) as process:
        assert await said(process) == [one["accepted"] for one in given]


def example(name: str, server: ServerProcess, **more: str) -> contextlib.AbstractAsyncContextManager[Any]:
    token = server.service().token(*ALL)
    return node(f"build/examples/{name}.js", RETURNS_ADDRESS=server.address, TOKEN=token, **more)


async def line_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 60)).decode().rstrip("\n")


async def test_the_examples_do_what_the_readme_says(tmp_path: Path) -> None:
    cursor = tmp_path / "cursor"
    with ServerProcess(tmp_path / "data") as server:
        service = server.service()
        client = service.client(*ALL)
        async with example("first-return", server) as process:
            out, _ = await asyncio.wait_for(process.communicate(), 60)
            told = ["R-000001 6n 670000000", "only 1 left of line 1", "R-000001 DAMAGED"]
            assert (process.returncode, out.decode().splitlines()) == (0, told)
        [first] = await whole_log(client)
        async with example("follow-events", server, CURSOR_FILE=str(cursor)) as process:
            assert await line_of(process) == f"1n return.created {first.return_name}"
            second = await client.returns.CreateReturn(create(("1001", "1", 1)))
            assert await line_of(process) == f"2n return.created {second.name}"
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 30) == 0
        # Both events were dealt with: the next run has only what comes now.
        async with example("follow-events", server, CURSOR_FILE=str(cursor)) as process:
            await client.returns.CloseReturn(CloseReturnRequest(name=second.name))
            assert await line_of(process) == f"3n return.closed {second.name}"
        await service.close()


async def test_the_example_of_a_receiver_takes_what_the_service_posts(tmp_path: Path) -> None:
    port = lasting_port()
    with ServerProcess(tmp_path / "data") as server:
        service = server.service()
        client = service.client(*ALL)
        await feed(client, order("o1"))
        url = f"http://127.0.0.1:{port}/"
        made = await client.webhooks.CreateWebhookEndpoint(
            webhooks_service_pb2.CreateWebhookEndpointRequest(
                parent="tenants/acme", webhook_endpoint=WebhookEndpoint(url=url)
            )
        )
        async with example("receive-webhooks", server, WEBHOOK_SECRET=made.secret, PORT=str(port)) as process:
            assert await line_of(process) == "ready"
            tried = await client.webhooks.TestWebhookEndpoint(
                webhooks_service_pb2.TestWebhookEndpointRequest(name=made.webhook_endpoint.name)
            )
            assert tried.attempt.status == 204
            assert await line_of(process) == "webhook.test "
            filed = await client.returns.CreateReturn(create(("o1", "1", 1)))
            assert await line_of(process) == f"return.created {filed.name}"
        await service.close()


def test_the_readme_shows_the_examples_as_they_are() -> None:
    text = README.read_text()
    assert EXAMPLES
    for shown in EXAMPLES:
        assert f"```typescript\n{shown.read_text()}```" in text, shown.name
