"""`returns-server health`: what a container's probe runs, against a real server."""

from __future__ import annotations

import asyncio
import socket
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from returns_server.cli import main
from returns_server.setting_groups import Tls
from tests.support.certificates import Authority
from tests.support.service import serving

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LISTEN", "AUTH_FILE", "TLS_CERT_FILE", "TLS_KEY_FILE", "TLS_CLIENT_CA_FILE"):
        monkeypatch.delenv(f"RETURNS_{name}", raising=False)


PATIENT = ("health", "--timeout", "30")


async def asked(*arguments: str, **environment: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, [*PATIENT, *arguments], env=dict(environment))


def port_of(address: str) -> str:
    return address.rpartition(":")[2]


@pytest.mark.parametrize(("option", "name"), [((), "liveness"), (("--readiness",), "readiness")])
async def test_a_server_that_serves_is_well(tmp_path: Path, option: tuple[str, ...], name: str) -> None:
    async with serving(tmp_path / "data") as service:
        told = await asked(*option, RETURNS_LISTEN=f"0.0.0.0:{port_of(service.address)}")
    assert told.exit_code == 0, told.output
    assert told.output == f"{name} of 127.0.0.1:{port_of(service.address)}: SERVING\n"


async def test_other_variables_of_the_server_are_not_judged(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        told = await asked("--address", service.address, RETURNS_AUTH_FILE="/nowhere", RETURNS_WORKERS="many")
    assert told.exit_code == 0, told.output


async def test_no_server_is_not_well(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        address = service.address
    told = await asked("--address", address)
    assert told.exit_code == 1
    assert told.output.startswith(f"Error: liveness of {address}: no answer: UNAVAILABLE")


async def test_a_server_that_accepts_and_says_nothing_is_not_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told = await asked("--address", f"127.0.0.1:{silent.getsockname()[1]}", "--timeout", "0.3")
    assert told.exit_code == 1
    assert "no answer: DEADLINE_EXCEEDED" in told.output


async def test_the_servers_own_certificate_is_trusted_under_its_own_name(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    Authority(tmp_path).pair("returns", dns="returns.shop.example").written(cert, key)
    async with serving(tmp_path / "data", tls=Tls(cert_file=cert, key_file=key)) as service:
        told = await asked(RETURNS_LISTEN=service.address, RETURNS_TLS_CERT_FILE=str(cert))
        plain = await asked(RETURNS_LISTEN=service.address)
        other, _ = (
            Authority(tmp_path)
            .pair("returns", dns="returns.shop.example")
            .written(tmp_path / "other.pem", tmp_path / "other.key")
        )
        mistaken = await asked(RETURNS_LISTEN=service.address, RETURNS_TLS_CERT_FILE=str(other))
    assert told.exit_code == 0, told.output
    assert (plain.exit_code, mistaken.exit_code) == (1, 1)


async def test_where_clients_need_certificates_the_server_shows_its_own(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert, key = authority.pair("returns", dns="*.shop.example").written(tmp_path / "cert.pem", tmp_path / "key.pem")
    async with serving(
        tmp_path / "data", tls=Tls(cert_file=cert, key_file=key, client_ca_file=authority.file)
    ) as service:
        given = {"RETURNS_LISTEN": service.address, "RETURNS_TLS_CERT_FILE": str(cert)}
        without = await asked(**given)
        told = await asked(**given, RETURNS_TLS_KEY_FILE=str(key), RETURNS_TLS_CLIENT_CA_FILE=str(authority.file))
    assert without.exit_code == 1
    assert told.exit_code == 0, told.output


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("--address", "50051"), {}, "should be HOST:PORT"),
        ((), {"RETURNS_LISTEN": "127.0.0.1:0"}, "say which one"),
        (("--timeout", "0"), {}, "--timeout"),
        ((), {"RETURNS_TLS_CERT_FILE": "/nowhere/cert.pem"}, "RETURNS_TLS_CERT_FILE: /nowhere/cert.pem cannot be read"),
    ],
)
async def test_what_cannot_be_asked_is_said(arguments: tuple[str, ...], environment: dict[str, str], said: str) -> None:
    told = await asked(*arguments, **environment)
    assert told.exit_code != 0
    assert said in told.output


HEAVY = ("alembic", "commerce", "psycopg", "pydantic", "rich", "sqlalchemy", "structlog", "uvloop")


async def imported(*arguments: str) -> set[str]:
    """What a program of its own has imported when it has done this."""
    code = "import sys; from returns_server.cli import main; main(sys.argv[1:], standalone_mode=False)"
    code += "; print('modules:', *sys.modules)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, *arguments, stdout=PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    return set(out.decode().partition("modules: ")[2].split())


async def test_a_probe_loads_little(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        loaded = await imported(*PATIENT, "--address", service.address)
    assert "grpc" in loaded
    assert not loaded & {
        *HEAVY,
        "returns_server.storage",
        "returns_server.transport.servicers",
        "returns_server.config",
    }


async def test_help_loads_less() -> None:
    loaded = await imported("--help")
    assert "click" in loaded
    assert not loaded & {*HEAVY, "asyncio", "grpc", "returns_client"}
