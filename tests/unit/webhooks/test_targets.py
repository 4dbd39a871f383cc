"""Which URLs the guard lets through: none of the hostile corpus, and every ordinary one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from returns_server.domain.errors import TargetRefused
from returns_server.webhooks.egress.addresses import Reach, parsed_networks
from returns_server.webhooks.egress.targets import Guard, Refused
from tests.support.hostile_urls import NAMES, PUBLIC_4, PUBLIC_6, PUBLIC_NAMES, hostile

PORT = 8443
HOSTILE = hostile(PORT)


async def resolve(host: str, port: int) -> Sequence[str]:
    if host in NAMES:
        if not NAMES[host]:
            raise OSError("no such name")
        return NAMES[host]
    if host == "localhost" or host.endswith((".localhost", ".local")):
        return ["127.0.0.1"]
    return [PUBLIC_4, PUBLIC_6]


GUARD = Guard(Reach(), frozenset({443, PORT}), resolve)


def test_the_corpus_is_large_and_says_nothing_twice() -> None:
    assert len(HOSTILE) == len(set(HOSTILE)) >= 120


@pytest.mark.parametrize("url", HOSTILE, ids=[repr(url)[:60] for url in HOSTILE])
async def test_a_hostile_url_is_refused(url: str) -> None:
    with pytest.raises(TargetRefused) as refused:
        await GUARD.check(url)
    assert refused.value.facts["cause"] in {"URL", "ADDRESS"}
    # What is inside the network is not for telling.
    assert not any(part in str(refused.value) for part in ("127.", "10.", "169.254", "leads to"))


@pytest.mark.parametrize("name", PUBLIC_NAMES)
@pytest.mark.parametrize("form", ["https://{}", "https://{}/", "https://{}:443/a/b?c=d&e=%20f", "HTTPS://{}/x"])
async def test_an_ordinary_name_is_not_refused(name: str, form: str) -> None:
    await GUARD.check(form.format(name))


@pytest.mark.parametrize("url", ["https://93.184.216.34/", "https://[2606:2800:220:1:248:1893:25c8:1946]/hook"])
async def test_a_public_literal_is_not_refused(url: str) -> None:
    await GUARD.check(url)


@pytest.mark.parametrize(
    ("allowed", "let_through", "refused"),
    [
        ("64:ff9b::/96", "64:ff9b::5db8:d822", ("64:ff9b::a9fe:a9fe", "64:ff9b::a00:1", "64:ff9b::7f00:1")),
        ("::/0", "fd12::1", ("::ffff:169.254.169.254", "::ffff:10.0.0.1", "2002:a9fe:a9fe::1", "::a9fe:a9fe")),
        ("fd00::/8", "fd12::1", ("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:c1::a9fe:a9fe")),
        ("2002::/16", "2002:5db8:d822::1", ("2002:7f00:1::1", "2002:c0a8:101::1")),
    ],
)
async def test_a_network_that_is_opened_opens_no_other_form_of_a_private_address(
    allowed: str, let_through: str, refused: tuple[str, ...]
) -> None:
    guard = Guard(Reach(parsed_networks([allowed])), frozenset({443}), resolve)
    await guard.check(f"https://[{let_through}]/")
    for address in refused:
        with pytest.raises(TargetRefused):
            await guard.check(f"https://[{address}]/")


async def test_the_operators_networks_are_let_through_and_nothing_beside_them() -> None:
    guard = Guard(Reach(parsed_networks(["10.0.0.0/30", "169.254.0.0/16"])), frozenset({443}), resolve)
    await guard.check("https://ten.example.com/")
    for still in ("https://10.0.0.4/", "https://localtest.example.com/", "https://169.254.169.254/"):
        with pytest.raises(TargetRefused):
            await guard.check(still)


async def test_in_development_this_machine_is_let_through_on_any_port_and_nothing_else() -> None:
    guard = Guard(Reach(loopback=True), frozenset({443}), resolve)
    for url in ("http://127.0.0.1:8080/x", "http://localhost:9/", "http://[::1]:77/", "https://127.0.0.1:7/"):
        await guard.check(url)
    for url in (
        "http://example.com/", "https://ten.example.com/", "http://127.1/", "http://10.0.0.1:80/", "http://user@127.0.0.1/",
        "https://localtest.example.com:8080/",
    ):  # fmt: skip
        with pytest.raises(TargetRefused):
            await guard.check(url)


def test_a_url_is_requested_as_it_was_understood() -> None:
    for url, requested in {
        "https://BÜCHER.example/a?b": "https://xn--bcher-kva.example/a?b",
        "https://example.com.": "https://example.com/",
        "HTTPS://example.com:8443/%2e%2e/x": "https://example.com:8443/%2e%2e/x",
        "https://[2606:2800:0220:0001:0248:1893:25c8:1946]:443/": "https://[2606:2800:220:1:248:1893:25c8:1946]/",
    }.items():
        assert GUARD.parsed(url).url == requested
    with pytest.raises(Refused):
        GUARD.parsed("https://example.com/ü")
