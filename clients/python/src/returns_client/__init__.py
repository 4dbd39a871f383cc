"""The Python client of the Returns Service: `AsyncReturnsClient` for asyncio, `ReturnsClient` for threads.

The messages that they take and answer are the generated ones in `commerce.returns.v1`.
"""

from returns_client._async.client import AsyncReturnsClient
from returns_client._async.events import AsyncEventFollower
from returns_client._async.paging import AsyncPages
from returns_client._sync.client import ReturnsClient
from returns_client._sync.events import EventFollower
from returns_client._sync.paging import Pages
from returns_client.connecting import TLS
from returns_client.exceptions import ReturnsError
from returns_client.tokens import AsyncTokenSource, TokenFile, TokenSource
from returns_client.webhooks import WebhookInvalid, WebhookVerifier, event_in

__version__ = "0.1.0"

__all__ = [
    "TLS",
    "AsyncEventFollower",
    "AsyncPages",
    "AsyncReturnsClient",
    "AsyncTokenSource",
    "EventFollower",
    "Pages",
    "ReturnsClient",
    "ReturnsError",
    "TokenFile",
    "TokenSource",
    "WebhookInvalid",
    "WebhookVerifier",
    "event_in",
]
