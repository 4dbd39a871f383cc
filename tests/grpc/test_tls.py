"""TLS: certificates that are replaced while the server runs, clients that show theirs, and files that are wrong."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import grpc.aio
import pytest
from cryptography import x509

from commerce.returns.v1 import policy_service_pb2 as policy_pb
from commerce.returns.v1 import returns_service_pb2 as returns_pb
from returns_server.certificates import CertificateUnusable
from returns_server.issuers import AuthFile, CertificateGrant
from returns_server.setting_groups import Tls
from returns_server.transport.claims import ScopeUnknown
from returns_server.transport.tls import LOOK_SECONDS
from tests.support.certificates import Authority, Pair
from tests.support.messages import create, feed, line, order
from tests.support.service import Client, MovableClock, Service, refused, serving
from tests.support.tokens import Key, key_set

pytestmark = pytest.mark.timeout(60)

WAREHOUSE = "spiffe://shop.example/warehouse"
POLICY = policy_pb.GetReturnPolicyRequest(name="tenants/acme/returnPolicy")
EXPIRED = dt.timedelta(hours=-1)


@dataclass
class Files:
    """The files that a server's settings name."""

    folder: Path

    @property
    def cert(self) -> Path:
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        return self.folder / "server.key"

    def hold(self, pair: Pair) -> Pair:
        pair.written(self.cert, self.key)
        return pair

    def tls(self, client_ca: Path | None = None) -> Tls:
        return Tls(cert_file=self.cert, key_file=self.key, client_ca_file=client_ca)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def files(tmp_path: Path, authority: Authority) -> Files:
    files = Files(tmp_path)
    files.hold(authority.pair("localhost", dns="localhost"))
    return files


def auth_of(tmp_path: Path, *grants: CertificateGrant) -> AuthFile:
    (tmp_path / "keys.json").write_bytes(key_set(Key.new("k-1")))
    issuer = {"issuer": "i", "audiences": ["a"], "algorithms": ["ES256"], "jwks_file": tmp_path / "keys.json"}
    return AuthFile.model_validate({"issuers": [issuer], "certificates": grants})


@asynccontextmanager
async def connected(service: Service, authority: Authority, pair: Pair | None = None) -> AsyncIterator[Client]:
    """A client with a connection of its own, which trusts the authority and shows a certificate, if any."""
    credentials = grpc.ssl_channel_credentials(
        authority.content, pair.key if pair else None, pair.certificate if pair else None
    )
    address = f"localhost:{service.address.rpartition(':')[2]}"
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
    async with grpc.aio.secure_channel(address, credentials, options=options) as channel:
        yield Client(channel)


def serial_shown(service: Service) -> int:
    """The serial number of the certificate that a new connection gets."""
    host, port = service.address.rsplit(":", 1)
    return x509.load_pem_x509_certificate(ssl.get_server_certificate((host, int(port))).encode()).serial_number


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():
            await asyncio.sleep(0.05)


async def shows(service: Service, pair: Pair) -> None:
    async def same() -> bool:
        return await asyncio.to_thread(serial_shown, service) == pair.serial

    await until(same)


def sample(service: Service, name: str, **labels: str) -> float:
    assert service.app is not None
    value = service.app.registry.get_sample_value(name, labels)
    assert value is not None, name
    return value


async def test_a_certificate_is_replaced_under_load_and_no_new_connection_fails(
    tmp_path: Path, authority: Authority, files: Files
) -> None:
    async with serving(tmp_path / "data", tls=files.tls()) as service:
        token = (("authorization", f"Bearer {service.token('returns.returns_read')}"),)
        stop, calls = asyncio.Event(), 0

        async def connect_again_and_again() -> None:
            nonlocal calls
            while not stop.is_set():
                async with connected(service, authority) as client:
                    await client.policy.GetReturnPolicy(POLICY, metadata=token, timeout=10)
                    calls += 1

        async with connected(service, authority) as old, asyncio.TaskGroup() as load:
            await old.policy.GetReturnPolicy(POLICY, metadata=token)
            for _ in range(4):
                load.create_task(connect_again_and_again())
            for _ in range(2):
                await shows(service, files.hold(authority.pair("localhost", dns="localhost")))
            await old.policy.GetReturnPolicy(POLICY, metadata=token)
            while calls < 20:
                await asyncio.sleep(0.01)
            stop.set()

        assert sample(service, "returns_tls_reloads_total", outcome="taken") == 2
        assert sample(service, "returns_tls_reloads_total", outcome="refused") == 0


@pytest.mark.parametrize("wrong", ["another key", "garbage", "expired", "gone"])
async def test_a_bad_replacement_keeps_the_certificate_and_is_told(
    tmp_path: Path,
    authority: Authority,
    files: Files,
    wrong: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("returns_server.transport.tls.LOOK_SECONDS", 3600.0)  # nobody looks but this test
    first = files.hold(authority.pair("localhost", dns="localhost"))
    async with serving(tmp_path / "data", tls=files.tls()) as service:
        match wrong:
            case "another key":
                files.key.write_bytes(authority.pair("localhost").key)
            case "garbage":
                files.cert.write_bytes(b"no certificate")
            case "expired":
                files.hold(authority.pair("localhost", dns="localhost", ends_in=EXPIRED))
            case _:
                files.cert.unlink()

        assert service.app is not None
        assert service.app.tls is not None
        await service.app.tls.look()
        assert sample(service, "returns_tls_files_refused") == 0  # it may be half of a replacement
        await service.app.tls.look()
        await service.app.tls.look()
        assert sample(service, "returns_tls_files_refused") == 1
        assert sample(service, "returns_tls_reloads_total", outcome="refused") == 1
        assert await asyncio.to_thread(serial_shown, service) == first.serial
        logged = capsys.readouterr().out
        assert "certificate not replaced" in logged
        assert "RETURNS_TLS_KEY_FILE" in logged if wrong == "another key" else "RETURNS_TLS_CERT_FILE" in logged

        second = files.hold(authority.pair("localhost", dns="localhost"))
        await service.app.tls.look()
        assert await asyncio.to_thread(serial_shown, service) == second.serial
        assert sample(service, "returns_tls_files_refused") == 0


async def test_a_clients_certificate_opens_what_the_auth_file_says(
    tmp_path: Path, authority: Authority, files: Files
) -> None:
    grants = (
        CertificateGrant(uri=WAREHOUSE, tenant="acme", scopes=("returns.returns_manage",), subject="warehouse"),
        CertificateGrant(dns="feed.shop.example", tenant="acme", scopes=("returns.orders_manage",)),
        CertificateGrant(common_name="reader", tenant="other", scopes=("returns.returns_read",)),
    )
    auth = auth_of(tmp_path, *grants)
    async with serving(tmp_path / "data", tls=files.tls(authority.file), auth_file=auth) as service:
        async with connected(service, authority, authority.pair("x", dns="feed.shop.example")) as feeder:
            await feed(feeder, order("1001", line("1", 3, 3000)))
            with refused("SCOPE_MISSING"):
                await feeder.returns.CreateReturn(create(("1001", "1", 1)))
        async with connected(service, authority, authority.pair("x", uri=WAREHOUSE)) as warehouse:
            filed = await warehouse.returns.CreateReturn(create(("1001", "1", 1)))
            assert (filed.submitter.subject, filed.submitter.user_type) == ("warehouse", 3)
        async with connected(service, authority, authority.pair("reader")) as reader:
            with refused("TENANT_MISMATCH"):
                await reader.returns.GetReturn(returns_pb.GetReturnRequest(name=filed.name))
        async with connected(service, authority, authority.pair("stranger", uri=WAREHOUSE + "/2")) as stranger:
            with refused("TOKEN_MISSING"):
                await stranger.returns.GetReturn(returns_pb.GetReturnRequest(name=filed.name))
            with refused("TOKEN_INVALID"):  # who brings a token is judged by it
                await stranger.returns.GetReturn(
                    returns_pb.GetReturnRequest(name=filed.name), metadata=(("authorization", "Bearer no"),)
                )


async def test_strangers_and_expired_certificates_get_no_connection(
    tmp_path: Path, authority: Authority, files: Files
) -> None:
    grant = CertificateGrant(uri=WAREHOUSE, tenant="acme", scopes=("returns.returns_read",))
    other = tmp_path / "other"
    other.mkdir()
    wrong = {
        "no certificate": None,
        "of another authority": Authority(other).pair("x", uri=WAREHOUSE),
        "expired": authority.pair("x", uri=WAREHOUSE, ends_in=EXPIRED),
    }
    async with serving(tmp_path / "data", tls=files.tls(authority.file), auth_file=auth_of(tmp_path, grant)) as service:
        for what, pair in wrong.items():
            async with connected(service, authority, pair) as client:
                with pytest.raises(grpc.aio.AioRpcError) as raised:
                    await client.policy.GetReturnPolicy(POLICY, timeout=10)
                assert raised.value.code() is grpc.StatusCode.UNAVAILABLE, what
        async with connected(service, authority, authority.pair("x", uri=WAREHOUSE)) as client:
            await client.policy.GetReturnPolicy(POLICY)


async def test_a_certificate_that_ends_ends_its_connections_rights_too(
    tmp_path: Path, authority: Authority, files: Files
) -> None:
    grant = CertificateGrant(uri=WAREHOUSE, tenant="acme", scopes=("returns.returns_read",))
    clock = MovableClock()
    async with (
        serving(
            tmp_path / "data", tls=files.tls(authority.file), auth_file=auth_of(tmp_path, grant), clock=clock
        ) as service,
        connected(service, authority, authority.pair("x", uri=WAREHOUSE)) as client,
    ):
        await client.policy.GetReturnPolicy(POLICY)
        clock.forward(25 * 3600)
        with refused("TOKEN_EXPIRED"):
            await client.policy.GetReturnPolicy(POLICY)


async def test_who_vouches_for_clients_is_replaced_too(tmp_path: Path, authority: Authority, files: Files) -> None:
    grant = CertificateGrant(uri=WAREHOUSE, tenant="acme", scopes=("returns.returns_read",))
    folder = tmp_path / "next"
    folder.mkdir()
    following = Authority(folder)
    clients = tmp_path / "clients.pem"
    clients.write_bytes(authority.content)
    async with serving(tmp_path / "data", tls=files.tls(clients), auth_file=auth_of(tmp_path, grant)) as service:

        async def lets_in(pair: Pair) -> bool:
            async with connected(service, authority, pair) as client:
                try:
                    await client.policy.GetReturnPolicy(POLICY, timeout=10)
                except grpc.aio.AioRpcError:
                    return False
                return True

        old, new = authority.pair("x", uri=WAREHOUSE), following.pair("x", uri=WAREHOUSE)
        assert await lets_in(old)
        assert not await lets_in(new)
        clients.write_bytes(following.content)
        assert service.app is not None
        assert service.app.tls is not None
        await service.app.tls.look()
        assert await lets_in(new)
        assert not await lets_in(old)


async def test_wrong_files_are_named_at_the_start(tmp_path: Path, authority: Authority, files: Files) -> None:
    good = files.hold(authority.pair("localhost", dns="localhost"))
    encrypted = tmp_path / "encrypted.key"
    encrypted.write_bytes(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    cases: list[tuple[str, Callable[[], object]]] = [
        ("RETURNS_TLS_CERT_FILE: .* no certificate", lambda: files.cert.write_bytes(b"text")),
        ("RETURNS_TLS_CERT_FILE: .* cannot be read", files.cert.unlink),
        ("RETURNS_TLS_KEY_FILE: .* no private key", lambda: files.key.write_bytes(good.certificate)),
        ("RETURNS_TLS_KEY_FILE: .* private key", lambda: encrypted.replace(files.key)),
        ("RETURNS_TLS_KEY_FILE: .* not the key", lambda: files.key.write_bytes(authority.pair("x").key)),
        ("RETURNS_TLS_CERT_FILE: .* expired", lambda: files.hold(authority.pair("x", ends_in=EXPIRED))),
        ("RETURNS_TLS_CLIENT_CA_FILE: .* no certificate", lambda: authority.file.write_bytes(b"-----BEGIN")),
    ]
    for message, spoil in cases:
        files.hold(good)
        tls = files.tls(authority.file)
        spoil()
        with pytest.raises(CertificateUnusable, match=message):
            async with serving(tmp_path / "data", tls=tls):
                pass


async def test_a_scope_that_does_not_exist_is_named_at_the_start(
    tmp_path: Path, authority: Authority, files: Files
) -> None:
    auth = auth_of(tmp_path, CertificateGrant(uri="x", tenant="acme", scopes=("returns.returns_reed",)))
    with pytest.raises(ScopeUnknown, match=r"RETURNS_AUTH_FILE: certificates\[0\].scopes: returns.returns_reed"):
        async with serving(tmp_path / "data", tls=files.tls(authority.file), auth_file=auth):
            pass


def test_files_are_looked_at_often() -> None:
    assert LOOK_SECONDS <= 5
