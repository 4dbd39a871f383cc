"""Where a client may connect without TLS, and how it proves who it is with it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import pytest

from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.policy_service_pb2_grpc import add_PolicyServiceServicer_to_server
from returns_client import TLS, AsyncReturnsClient, ReturnsClient
from returns_client.connecting import target
from returns_client.exceptions import DeadlineExceeded, Unavailable
from returns_server.setting_groups import Tls
from tests.support.certificates import Authority
from tests.support.faces import asynchronous, done, synchronous
from tests.support.service import serving

NO_ANSWER = (Unavailable, DeadlineExceeded)


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("127.0.0.1:50051", True),
        ("localhost:50051", True),
        ("[::1]:50051", True),
        ("ipv4:127.0.0.1:1,127.0.0.1:2", True),
        ("ipv6:[::1]:1", True),
        ("unix:/run/returns.sock", True),
        ("dns:///localhost:1", True),
        ("ipv4:127.0.0.1:1,10.0.0.1:2", False),
        ("returns.shop.example:443", False),
        ("dns:///returns.shop.example:443", False),
        ("localhost.shop.example:443", False),
        ("10.0.0.1:443", False),
        ("dns://127.0.0.1/returns.shop.example:443", False),
    ],
)
def test_a_token_leaves_this_machine_only_with_tls(address: str, plain: bool) -> None:
    assert (target(address, None, plaintext=False).credentials is None) == plain
    assert target(address, None, plaintext=True).credentials is None
    assert target(address, TLS(), plaintext=False).credentials is not None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"address": ""}, "address is empty"),
        ({"tls": TLS(), "plaintext": True}, "exclude each other"),
        ({"tls": TLS(cert_file="a.pem")}, "both or neither"),
        ({"tenant": "tenants/acme"}, "the id alone"),
        ({"tenant": ""}, "the id alone"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ReturnsClient(given.pop("address", "127.0.0.1:1"), **{"tenant": "acme", "token": "secret-token", **given})


def test_a_lost_file_is_told_when_the_client_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ReturnsClient("127.0.0.1:1", tenant="acme", token="t", tls=TLS(ca_file=tmp_path / "none.pem"))


def test_a_client_does_not_show_its_token() -> None:
    client = ReturnsClient("127.0.0.1:1", tenant="acme", token="secret-token")
    assert repr(client) == "ReturnsClient('127.0.0.1:1', tenant='acme')"
    client.close()


@pytest.mark.parametrize("face", [asynchronous, synchronous])
async def test_tls_is_spoken_with_whom_the_authority_vouches_for(tmp_path: Path, face: Any) -> None:
    authority = Authority(tmp_path)
    authority.server("localhost")
    tls = Tls(cert_file=tmp_path / "localhost.pem", key_file=tmp_path / "localhost.key")
    async with serving(tmp_path / "data", tls=tls) as service:
        client = face(service, tls=TLS(ca_file=authority.file, server_name="localhost"))
        assert (await done(client.policy.get)).name
        await done(client.close)
        (tmp_path / "other").mkdir()
        for trusted in (
            TLS(ca_file=Authority(tmp_path / "other").file, server_name="localhost"),
            TLS(ca_file=authority.file, server_name="elsewhere"),
        ):
            client = face(service, tls=trusted, timeout_seconds=1)
            with pytest.raises(NO_ANSWER):
                await done(client.policy.get)
            await done(client.close)


class _Policies:
    """Answers whom it sees: what is tried here is the handshake, which a server that asks for certificates makes."""

    async def GetReturnPolicy(self, _request: Any, context: Any) -> ReturnPolicy:  # noqa: N802
        [name] = context.auth_context()["x509_common_name"]
        return ReturnPolicy(name=name.decode())

    UpdateReturnPolicy = GetReturnPolicy


@asynccontextmanager
async def asking_for_certificates(folder: Path, authority: Authority) -> AsyncIterator[str]:
    server = grpc.aio.server()
    add_PolicyServiceServicer_to_server(_Policies(), server)  # type: ignore[arg-type]
    pair = ((folder / "localhost.key").read_bytes(), (folder / "localhost.pem").read_bytes())
    credentials = grpc.ssl_server_credentials([pair], authority.file.read_bytes(), require_client_auth=True)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


async def test_a_server_that_asks_for_a_certificate_gets_it(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    for name in ("localhost", "warehouse"):
        assert isinstance(authority.server(name), ssl.SSLContext)
    mutual = TLS(authority.file, tmp_path / "warehouse.pem", tmp_path / "warehouse.key", server_name="localhost")
    async with asking_for_certificates(tmp_path, authority) as address:
        async with AsyncReturnsClient(address, tenant="acme", token="t", tls=mutual) as client:
            assert (await client.policy.get()).name == "warehouse"
        with ReturnsClient(address, tenant="acme", token="t", tls=mutual) as other:
            assert (await asyncio.to_thread(other.policy.get)).name == "warehouse"
        one_sided = TLS(authority.file, server_name="localhost")
        async with AsyncReturnsClient(address, tenant="acme", token="t", tls=one_sided, timeout_seconds=1) as client:
            with pytest.raises(NO_ANSWER):
                await client.policy.get()
