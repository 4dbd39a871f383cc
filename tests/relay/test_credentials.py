"""A relay that NATS knows by a credentials file: JWT and seed, as an operator's `nsc` writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from returns_server.relay.connection import Access, connected
from returns_server.relay.credentials import CredentialsUnusable, jwt_of, signer_of
from returns_server.relay.stream import Wanted, opened
from returns_server.relay.troubles import BrokerAway
from tests.support.nats import STREAM, NatsServer
from tests.support.nats_users import Users


async def test_a_credentials_file_lets_in_and_another_users_does_not(tmp_path: Path) -> None:
    users, strangers = Users.made(), Users.made()
    file = users.save(tmp_path / "relay.creds")
    with NatsServer(tmp_path / "nats", *users.lines) as server:
        async with connected(Access((server.url,), credentials_file=file)) as connection:
            stream = await opened(connection, Wanted(STREAM, "returns.events"))
            assert stream.name == STREAM
        for other in (strangers.save(tmp_path / "strangers.creds"), None):
            with pytest.raises(BrokerAway, match="Authorization"):
                async with connected(Access((server.url,), credentials_file=other)):
                    pass


def test_what_is_no_credentials_file_is_said_without_its_content(tmp_path: Path) -> None:
    file = tmp_path / "relay.creds"
    good = Users.made().credentials
    seed = good.split("SEED-----\n")[1].split("\n")[0]
    for content in ("", "secret", good.replace(seed, seed[:-1]), good.replace(seed, "SA" + seed[2:])):
        file.write_text(content)
        with pytest.raises(CredentialsUnusable) as refused:
            signer_of(file)("nonce")
        assert seed[2:20] not in str(refused.value)
    file.write_text("nothing")
    with pytest.raises(CredentialsUnusable, match="JWT"):
        jwt_of(file)()
