"""`returns-server health`: the probe that containers and schedulers run beside a server; exit status 0 is good."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from returns_server.addresses import DEFAULT_LISTEN, Address

if TYPE_CHECKING:
    from returns_server.transport.probe import ProbeTls

_FILE = click.Path(dir_okay=False, path_type=Path)
# What is served on every address answers on this one.
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> Address:
    try:
        address = Address.parse(value)
    except ValueError as error:
        raise click.BadParameter(f"{error} (it is {value!r})") from None
    if not isinstance(address, Address) or address.port == 0:
        raise click.BadParameter(f"the server picked its port itself; say which one (it is {value!r})")
    return Address(_ANY.get(address.host, address.host), address.port)


# The variables themselves, not the settings: what else a server would refuse to start with must not end one that runs.
@click.command()
@click.option("--readiness", is_flag=True, help="Whether it can work, database included; else whether it lives.")
@click.option(
    "--address",
    metavar="HOST:PORT",
    envvar="RETURNS_LISTEN",
    default=str(DEFAULT_LISTEN),
    callback=_address,
    help="Where the server is; else RETURNS_LISTEN.",
)
@click.option("--timeout", type=click.FloatRange(0.1, 60), default=3.0, help="Seconds to wait for an answer.")
@click.option(
    "--server-cert",
    type=_FILE,
    envvar="RETURNS_TLS_CERT_FILE",
    help="The certificate that the server shows; else RETURNS_TLS_CERT_FILE. Without one, plain text.",
)
@click.option("--cert", type=_FILE, help="A client certificate, where the server wants one; else the server's own.")
@click.option("--key", type=_FILE, envvar="RETURNS_TLS_KEY_FILE", help="Its key; else RETURNS_TLS_KEY_FILE.")
@click.option("--client-ca", type=_FILE, envvar="RETURNS_TLS_CLIENT_CA_FILE", hidden=True)
def health(
    *,
    readiness: bool,
    address: Address,
    timeout: float,
    server_cert: Path | None,
    cert: Path | None,
    key: Path | None,
    client_ca: Path | None,
) -> None:
    """Ask the server of this machine for its health; exit 0 if it is good, 1 if not."""
    from returns_server.transport.probe import LIVENESS, READINESS, NoAnswer, ask

    tls = _tls(server_cert, cert or server_cert if client_ca or cert else None, key) if server_cert else None
    asked = READINESS if readiness else LIVENESS
    try:
        status = ask(str(address), asked, timeout_seconds=timeout, tls=tls)
    except NoAnswer as error:
        raise click.ClickException(f"{asked} of {address}: no answer: {error}") from None
    if status != "SERVING":
        raise click.ClickException(f"{asked} of {address}: {status}")
    click.echo(f"{asked} of {address}: {status}")


def _tls(server_cert: Path, client_cert: Path | None, key: Path | None) -> ProbeTls:
    """Trusts the very certificate that the server was given, under whatever name stands in it."""
    from returns_server.certificates import CERT_FILE, KEY_FILE, CertificateUnusable, read_pem, server_name
    from returns_server.transport.probe import ProbeTls

    try:
        trusted = read_pem(CERT_FILE, server_cert)
        name = server_name(server_cert, trusted)
        if client_cert is None:
            return ProbeTls(trusted, name)
        if key is None:
            raise click.ClickException("--key: give the key of the client certificate")
        return ProbeTls(trusted, name, read_pem("--cert", client_cert), read_pem(KEY_FILE, key))
    except CertificateUnusable as error:
        raise click.ClickException(str(error)) from None
