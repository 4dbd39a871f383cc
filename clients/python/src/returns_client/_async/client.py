"""The client: one tenant, one caller, one connection, and the services by name."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from returns_client._async.calling import AsyncCalls
from returns_client._async.events import AsyncEvents
from returns_client._async.orders import AsyncOrders
from returns_client._async.policy import AsyncPolicy
from returns_client._async.returns import AsyncReturns
from returns_client._async.webhooks import AsyncWebhooks
from returns_client.connecting import TLS, target
from returns_client.tokens import AsyncTokenSource

TIMEOUT_SECONDS = 10.0


class AsyncReturnsClient:
    """Calls the Returns Service for one tenant, as whoever the token stands for. Close it, or use it in a `with`.

    `address` is HOST:PORT, or several as gRPC names them (`ipv4:10.0.0.1:443,10.0.0.2:443`, `dns:///returns:443`).
    On this machine it speaks plain text, elsewhere TLS; `tls` names certificates, `plaintext` goes without on purpose.
    `token` is a text, a function that answers the current token, or a TokenFile. A call that says nothing else may
    take `timeout_seconds`, all repetitions included.

    What is repeated: calls that failed for a server's sake (UNAVAILABLE), as reads or with their request id, so that a
    change has one effect; and once a token had expired, with the new one.
    """

    returns: AsyncReturns
    orders: AsyncOrders
    policy: AsyncPolicy
    webhooks: AsyncWebhooks
    events: AsyncEvents

    def __init__(
        self,
        address: str,
        *,
        tenant: str,
        token: AsyncTokenSource,
        tls: TLS | None = None,
        plaintext: bool = False,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """Connects with the first call. ValueError for settings that contradict each other, OSError for lost files."""
        if not tenant or "/" in tenant:
            raise ValueError("tenant is the id alone, such as acme")
        self._calls = AsyncCalls(target(address, tls, plaintext), tenant, token, timeout_seconds)
        self._address = address
        self.returns = AsyncReturns(self._calls)
        self.orders = AsyncOrders(self._calls)
        self.policy = AsyncPolicy(self._calls)
        self.webhooks = AsyncWebhooks(self._calls)
        self.events = AsyncEvents(self._calls)

    @property
    def parent(self) -> str:
        """The tenant's name, `tenants/{tenant}`."""
        return self._calls.parent

    async def close(self) -> None:
        """End what is under way, and the connection."""
        await self._calls.close()

    async def __aenter__(self) -> Self:
        """Itself, to be closed in the end."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()

    def __repr__(self) -> str:
        """Where and for whom; never the token."""
        return f"AsyncReturnsClient({self._address!r}, tenant={self.parent.partition('/')[2]!r})"
