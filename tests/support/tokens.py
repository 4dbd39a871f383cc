"""Issuers of tokens for tests: real keys, real key sets, real signatures, and an HTTP server that publishes them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from returns_server.domain.ids import SECOND, Micros

START = Micros(1_800_000_000 * SECOND)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: Micros = START

    def __call__(self) -> Micros:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now = Micros(self.now + int(seconds * SECOND))


@dataclass(frozen=True)
class Key:
    """A private key with the id and algorithm under which its public half is published."""

    id: str
    algorithm: str
    private: Any = field(repr=False)

    @classmethod
    def new(cls, key_id: str, algorithm: str = "ES256") -> Key:
        match algorithm:
            case "ES256":
                return cls(key_id, algorithm, ec.generate_private_key(ec.SECP256R1()))
            case "ES384":
                return cls(key_id, algorithm, ec.generate_private_key(ec.SECP384R1()))
            case "ES512":
                return cls(key_id, algorithm, ec.generate_private_key(ec.SECP521R1()))
            case "EdDSA":
                return cls(key_id, algorithm, ed25519.Ed25519PrivateKey.generate())
            case _:
                return cls(key_id, algorithm, rsa.generate_private_key(65_537, 2048))

    def jwk(self, **changes: Any) -> dict[str, Any]:
        public = get_default_algorithms()[self.algorithm].to_jwk(self.private.public_key(), as_dict=True)
        jwk = {**public, "kid": self.id, "use": "sig", **changes}
        return {name: value for name, value in jwk.items() if value is not None}

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        headers = {"kid": self.id, **header}
        return jwt.encode(
            dict(claims),
            self.private,
            algorithm=self.algorithm,
            headers={name: value for name, value in headers.items() if value is not None},
        )


def key_set(*keys: Key) -> bytes:
    return json.dumps({"keys": [key.jwk() for key in keys]}).encode()


def part(content: object) -> str:
    """A header or payload as it stands in a token."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class KeySetServer:
    """A small HTTP server whose answer a test sets. `hold` keeps answers back until it is set."""

    url: str = ""
    body: bytes = b""
    status: int = 200
    encoding: str = "identity"
    requests: int = 0
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (await reader.readline()).strip():
                pass
            self.requests += 1
            await self.hold.wait()
            head = f"HTTP/1.1 {self.status} X\r\ncontent-length: {len(self.body)}\r\nconnection: close\r\n"
            head += f"content-encoding: {self.encoding}\r\n"
            writer.write(f"{head}location: {self.url}\r\n\r\n".encode() + self.body)
            await writer.drain()
        except ConnectionError:
            pass  # a client that has read enough
        finally:
            writer.close()


@asynccontextmanager
async def key_set_server(body: bytes) -> AsyncIterator[KeySetServer]:
    served = KeySetServer(body=body)
    served.hold.set()
    server = await asyncio.start_server(served._answer, "127.0.0.1", 0)
    async with server:
        served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"
        yield served
        served.hold.set()
