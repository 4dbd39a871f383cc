"""`returns-server relay` as an operator runs it: it ends when it is told to, and says what it cannot use."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from returns_server.relay.connection import Access, connected
from returns_server.relay.stream import Wanted, opened
from returns_server.relay.troubles import Unfit
from returns_server.relay_assembly import relaying
from returns_server.relay_settings import Nats
from tests.support.certificates import Authority
from tests.support.hooks import everything, filed
from tests.support.nats import STREAM, NatsServer, asked, client_of, each_once_in_order, stored_until
from tests.support.process import RelayProcess
from tests.support.relays import until_metric
from tests.support.scraping import scraped, value
from tests.support.service import serving, settings_for

WANTED = Wanted(STREAM, "returns.events")
PASSWORD = "a-secret-of-the-relays"


def _ended(data_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A relay that cannot go on."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RETURNS_")}
    return subprocess.run(
        [sys.executable, "-m", "returns_server", "relay"],
        env={**inherited, "RETURNS_DATA_DIR": str(data_dir), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_it_publishes_beside_a_server_and_ends_with_0(
    tmp_path: Path, postgres_url: str, nats_server: NatsServer
) -> None:
    async with serving(tmp_path / "data", postgres_url) as service:
        await filed(everything(service), 2)
    environment = {"RETURNS_NATS_URL": nats_server.url, "RETURNS_METRICS_LISTEN": "127.0.0.1:0"}
    with RelayProcess(tmp_path / "data", postgres_url, **environment) as relay:
        assert each_once_in_order(await stored_until(nats_server, 2)) == {"acme": 2}
        [told] = relay.logged("metrics served")
        samples = await scraped(told["address"])
        assert value(samples, "returns_relay_connected") == 1
        assert relay.stop() == 0


def test_it_says_what_it_needs(tmp_path: Path) -> None:
    ended = _ended(tmp_path / "data")
    assert (ended.returncode, ended.stderr) == (1, "Error: RETURNS_NATS_URL: say where NATS is, nats://HOST:PORT\n")


async def test_it_ends_with_a_sentence_where_the_stream_cannot_be_used(tmp_path: Path, nats_server: NatsServer) -> None:
    async with serving(tmp_path / "data"), client_of(nats_server) as nats:
        await asked(nats, f"STREAM.CREATE.{STREAM}", {"name": STREAM, "subjects": ["other.>"]})
        ended = await asyncio.to_thread(_ended, tmp_path / "data", RETURNS_NATS_URL=nats_server.url)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        f"Error: the stream {STREAM} cannot be used: its subjects must have returns.events.> among them; they are "
        "other.>; it must allow atomic batches (allow_atomic)"
    )


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"subjects": ["returns.events.*"]}, "its subjects must have returns.events.> among them"),
        ({"allow_atomic": False}, "it must allow atomic batches (allow_atomic)"),
        ({"retention": "interest"}, "its retention must be limits; it is interest"),
        ({"storage": "memory"}, "its storage must be file; it is memory"),
        ({"max_msgs": 1_000}, "with max_msgs or max_bytes its discard must be new"),
        ({"no_ack": True, "allow_atomic": False}, "it must be without no_ack"),
    ],
)
async def test_a_stream_that_cannot_hold_each_event_once_is_refused(
    nats_server: NatsServer, config: dict[str, Any], sentence: str
) -> None:
    given = {"name": STREAM, "subjects": ["returns.>"], "storage": "file", "allow_atomic": True, **config}
    async with client_of(nats_server) as nats:
        assert "error" not in await asked(nats, f"STREAM.CREATE.{STREAM}", given)
    async with connected(Access((nats_server.url,))) as connection:
        with pytest.raises(Unfit, match=re.escape(sentence)):
            await opened(connection, WANTED)


@pytest.mark.parametrize("subjects", [["returns.>"], ["returns.*.>"], ["a", "returns.events.>"]])
async def test_any_stream_with_all_subjects_will_do(nats_server: NatsServer, subjects: list[str]) -> None:
    async with client_of(nats_server) as nats:
        given = {"name": STREAM, "subjects": subjects, "allow_atomic": True}
        assert "error" not in await asked(nats, f"STREAM.CREATE.{STREAM}", given)
    async with connected(Access((nats_server.url,))) as connection:
        assert (await opened(connection, WANTED)).name == STREAM


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(STREAM, "returns.events", replicas=3), "replicas > 1 not supported in non-clustered mode"),
        (Wanted(STREAM, "taken"), "subjects overlap with an existing stream"),
    ],
)
async def test_a_stream_that_cannot_be_made_is_told(nats_server: NatsServer, wanted: Wanted, said: str) -> None:
    async with client_of(nats_server) as nats:
        await asked(nats, "STREAM.CREATE.OTHER", {"name": "OTHER", "subjects": ["taken.>"]})
    async with connected(Access((nats_server.url,))) as connection:
        with pytest.raises(Unfit, match=f"the stream {STREAM} cannot be made: {said}"):
            await opened(connection, wanted)


async def test_over_tls_and_with_a_password_that_nobody_is_told(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert, key = authority.pair("localhost", dns="localhost").written(tmp_path / "nats.pem", tmp_path / "nats.key")
    lines = (
        f'tls {{ cert_file: "{cert}", key_file: "{key}" }}',
        f'authorization {{ user: relay, password: "{PASSWORD}" }}',
    )
    with NatsServer(tmp_path / "nats", *lines) as nats_server:
        url = (f"tls://localhost:{nats_server.port}",)
        async with serving(tmp_path / "data") as service:
            await filed(everything(service), 2)
            for password in ("wrong", PASSWORD):
                nats = Nats(url=url, user="relay", password=SecretStr(password), ca_file=authority.file)
                async with relaying(settings_for(tmp_path / "data", nats=nats)) as work:
                    if password == "wrong":
                        await until_metric(work, "reconnects_total", 2, cause="away")
                    else:
                        await until_metric(work, "published_total", 2)
