"""Webhook endpoints, what was delivered to them, and sending it again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1.webhook_pb2 import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookRedelivery
from commerce.returns.v1.webhooks_service_pb2 import (
    CancelWebhookRedeliveryRequest,
    CreateWebhookEndpointRequest,
    CreateWebhookEndpointResponse,
    CreateWebhookRedeliveryRequest,
    DeleteWebhookEndpointRequest,
    EnableWebhookEndpointRequest,
    GetWebhookEndpointRequest,
    GetWebhookRedeliveryRequest,
    ListWebhookDeliveriesRequest,
    ListWebhookDeliveriesResponse,
    ListWebhookEndpointsRequest,
    ListWebhookEndpointsResponse,
    ListWebhookRedeliveriesRequest,
    ListWebhookRedeliveriesResponse,
    RedeliverWebhookRequest,
    RotateWebhookSecretRequest,
    RotateWebhookSecretResponse,
    TestWebhookEndpointRequest,
    UpdateWebhookEndpointRequest,
)
from commerce.returns.v1.webhooks_service_pb2_grpc import WebhooksServiceStub
from returns_client._async.calling import AsyncCalls
from returns_client._async.paging import AsyncPages
from returns_client._async.returns import mask_of


class AsyncWebhooks:
    """The webhook endpoints of the tenant. `name` is an endpoint's name or its id alone.

    See AsyncReturns for what calls share. WebhookEndpointNotFound where there is none of a name.
    """

    def __init__(self, calls: AsyncCalls) -> None:
        """Of a client."""
        self._calls = calls
        self._stub = WebhooksServiceStub(calls.channel)

    async def create(
        self,
        webhook_endpoint: WebhookEndpoint,
        *,
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> CreateWebhookEndpointResponse:
        """Register an endpoint. The answer has its secret, which is told nowhere else. TargetRefused."""
        request = CreateWebhookEndpointRequest(
            parent=self._calls.parent,
            webhook_endpoint=webhook_endpoint,
            request_id=request_id,
            validate_only=validate_only,
        )
        return await self._calls.unary(self._stub.CreateWebhookEndpoint, request, timeout)

    async def get(self, name: str, *, timeout: float | None = None) -> WebhookEndpoint:
        """One endpoint."""
        request = GetWebhookEndpointRequest(name=self._named(name))
        return await self._calls.unary(self._stub.GetWebhookEndpoint, request, timeout)

    def list(
        self, *, page_size: int = 0, page_token: str = "", timeout: float | None = None
    ) -> AsyncPages[WebhookEndpoint, ListWebhookEndpointsResponse]:
        """All endpoints."""

        async def fetch(token: str) -> ListWebhookEndpointsResponse:
            request = ListWebhookEndpointsRequest(parent=self._calls.parent, page_size=page_size, page_token=token)
            return await self._calls.unary(self._stub.ListWebhookEndpoints, request, timeout)

        return AsyncPages(fetch, lambda page: page.webhook_endpoints, page_token)

    async def update(
        self,
        webhook_endpoint: WebhookEndpoint,
        *,
        update_mask: FieldMask | Iterable[str] | None = None,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> WebhookEndpoint:
        """Change the endpoint of that name: the fields in the mask, by default those that are set. TargetRefused."""
        request = UpdateWebhookEndpointRequest(
            webhook_endpoint=webhook_endpoint,
            update_mask=mask_of(update_mask),
            etag=etag,
            request_id=request_id,
            validate_only=validate_only,
        )
        request.webhook_endpoint.name = self._named(webhook_endpoint.name)
        return await self._calls.unary(self._stub.UpdateWebhookEndpoint, request, timeout)

    async def delete(
        self,
        name: str,
        *,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> None:
        """Remove an endpoint, with what waits for it."""
        request = DeleteWebhookEndpointRequest(
            name=self._named(name), etag=etag, request_id=request_id, validate_only=validate_only
        )
        await self._calls.unary(self._stub.DeleteWebhookEndpoint, request, timeout)

    async def rotate_secret(
        self,
        name: str,
        *,
        grace_period: timedelta | Duration | None = None,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> RotateWebhookSecretResponse:
        """Make a new secret; for the grace period the old one signs too. The answer has the new one."""
        request = RotateWebhookSecretRequest(
            name=self._named(name),
            grace_period=_duration_of(grace_period),
            etag=etag,
            request_id=request_id,
            validate_only=validate_only,
        )
        return await self._calls.unary(self._stub.RotateWebhookSecret, request, timeout)

    async def test(
        self,
        name: str,
        *,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> WebhookAttempt:
        """Post a message of the type `webhook.test`, once, and tell how that went; takes up to 15 seconds."""
        request = TestWebhookEndpointRequest(
            name=self._named(name), etag=etag, request_id=request_id, validate_only=validate_only
        )
        seconds = _TEST_SECONDS if timeout is None else timeout
        return (await self._calls.unary(self._stub.TestWebhookEndpoint, request, seconds)).attempt

    async def enable(
        self,
        name: str,
        *,
        resume_from: Timestamp | None = None,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> WebhookEndpoint:
        """Switch an endpoint on again; it goes on where it stopped, or at a time."""
        request = EnableWebhookEndpointRequest(
            name=self._named(name),
            resume_from=resume_from,
            etag=etag,
            request_id=request_id,
            validate_only=validate_only,
        )
        return await self._calls.unary(self._stub.EnableWebhookEndpoint, request, timeout)

    def deliveries(
        self,
        name: str,
        *,
        filter: str = "",  # noqa: A002 — as the contract calls it
        page_size: int = 0,
        page_token: str = "",
        timeout: float | None = None,
    ) -> AsyncPages[WebhookDelivery, ListWebhookDeliveriesResponse]:
        """What was posted to an endpoint or waits for it, with every attempt."""

        async def fetch(token: str) -> ListWebhookDeliveriesResponse:
            request = ListWebhookDeliveriesRequest(
                parent=self._named(name), filter=filter, page_size=page_size, page_token=token
            )
            return await self._calls.unary(self._stub.ListWebhookDeliveries, request, timeout)

        return AsyncPages(fetch, lambda page: page.deliveries, page_token)

    async def redeliver(
        self,
        delivery: str,
        *,
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> WebhookDelivery:
        """Post one delivery, by its full name, again."""
        request = RedeliverWebhookRequest(delivery=delivery, request_id=request_id, validate_only=validate_only)
        return await self._calls.unary(self._stub.RedeliverWebhook, request, timeout)

    async def create_redelivery(
        self,
        endpoint: str,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        only_failed: bool = False,
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> WebhookRedelivery:
        """Begin to post the events between two times again."""
        request = CreateWebhookRedeliveryRequest(
            endpoint=self._named(endpoint),
            start_time=start_time,
            end_time=end_time,
            only_failed=only_failed,
            request_id=request_id,
            validate_only=validate_only,
        )
        return await self._calls.unary(self._stub.CreateWebhookRedelivery, request, timeout)

    async def get_redelivery(
        self,
        name: str,
        *,
        timeout: float | None = None,
    ) -> WebhookRedelivery:
        """How far a redelivery, by its full name, has come."""
        request = GetWebhookRedeliveryRequest(name=name)
        return await self._calls.unary(self._stub.GetWebhookRedelivery, request, timeout)

    def redeliveries(
        self, name: str, *, page_size: int = 0, page_token: str = "", timeout: float | None = None
    ) -> AsyncPages[WebhookRedelivery, ListWebhookRedeliveriesResponse]:
        """The redeliveries of an endpoint."""

        async def fetch(token: str) -> ListWebhookRedeliveriesResponse:
            request = ListWebhookRedeliveriesRequest(parent=self._named(name), page_size=page_size, page_token=token)
            return await self._calls.unary(self._stub.ListWebhookRedeliveries, request, timeout)

        return AsyncPages(fetch, lambda page: page.webhook_redeliveries, page_token)

    async def cancel_redelivery(
        self,
        name: str,
        *,
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> WebhookRedelivery:
        """Stop a redelivery, by its full name."""
        request = CancelWebhookRedeliveryRequest(name=name, request_id=request_id, validate_only=validate_only)
        return await self._calls.unary(self._stub.CancelWebhookRedelivery, request, timeout)

    def _named(self, name: str) -> str:
        return self._calls.name("webhookEndpoints", name)


_TEST_SECONDS = 20.0


def _duration_of(given: timedelta | Duration | None) -> Duration | None:
    if isinstance(given, timedelta):
        duration = Duration()
        duration.FromTimedelta(given)
        return duration
    return given
