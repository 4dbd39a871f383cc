"""WebhooksService: endpoints, what is on its way to them, and jobs that post past events once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from commerce.returns.v1 import webhooks_service_pb2 as pb
from returns_server.application.listing import Viewer
from returns_server.application.paging import PageTokens, Place, Question, page_limit
from returns_server.application.webhooks.commands import (
    DeleteEndpoint,
    EnableEndpoint,
    Redeliver,
)
from returns_server.application.webhooks.jobs import CancelJob
from returns_server.application.webhooks.ports import Page
from returns_server.application.webhooks.service import Webhooks, WithSecret
from returns_server.domain.errors import FieldInvalid, NotImplementedYet, WebhookEndpointNotFound
from returns_server.filtering.language import parse_deliveries_filter
from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.decode import webhooks as decode
from returns_server.transport.decode.requests import Requests
from returns_server.transport.encode.wire import bytes_field, repeated_field
from returns_server.transport.layers import Handler

_ENDPOINTS = pb.ListWebhookEndpointsResponse.DESCRIPTOR.fields_by_name["webhook_endpoints"].number
_DELIVERIES = pb.ListWebhookDeliveriesResponse.DESCRIPTOR.fields_by_name["deliveries"].number
_JOBS = pb.ListWebhookRedeliveriesResponse.DESCRIPTOR.fields_by_name["webhook_redeliveries"].number
_CREATED_SECRET = pb.CreateWebhookEndpointResponse.DESCRIPTOR.fields_by_name["secret"].number
_ROTATED_SECRET = pb.RotateWebhookSecretResponse.DESCRIPTOR.fields_by_name["secret"].number


def not_set_up(method: Method) -> Handler:
    """A handler that says that this server has no key to seal secrets with, to callers who could use it if it had."""

    async def answer(request: Any, call: Call) -> NoReturn:  # noqa: ARG001
        raise NotImplementedYet(f"{method.short_name}: webhooks are not set up on this server (RETURNS_WEBHOOKS_KEYS)")

    return answer


@dataclass(frozen=True, slots=True)
class WebhooksServicer:
    """The methods of WebhooksService."""

    webhooks: Webhooks
    requests: Requests
    tokens: PageTokens

    async def create_webhook_endpoint(self, request: pb.CreateWebhookEndpointRequest, call: Call) -> bytes:
        """A new endpoint with its secret."""
        tenant = call.caller.tenant
        draft = decode.draft(request.webhook_endpoint, tenant)
        said = self.requests.of(request, "CreateWebhookEndpoint", call)
        return _with_secret(await self.webhooks.create(tenant, said, draft), _CREATED_SECRET)

    async def get_webhook_endpoint(self, request: pb.GetWebhookEndpointRequest, call: Call) -> bytes:
        """One endpoint."""
        found = await self.webhooks.store.find(call.caller.tenant, decode.endpoint_id_in(request.name))
        if found is None:
            raise WebhookEndpointNotFound(request.name)
        return found

    async def list_webhook_endpoints(self, request: pb.ListWebhookEndpointsRequest, call: Call) -> bytes:
        """A page of endpoints, the newest first."""
        question = Question("ListWebhookEndpoints", request.parent, call.caller, Viewer.of(call.actor))
        limit = page_limit(request.page_size)
        place = self.tokens.open(question, request.page_token)
        position = place.position if place else None
        page = await self.webhooks.store.list_endpoints(call.caller.tenant, position, limit)
        token = self._next(question, page)
        return (
            repeated_field(_ENDPOINTS, page.documents)
            + pb.ListWebhookEndpointsResponse(next_page_token=token).SerializeToString()
        )

    async def update_webhook_endpoint(self, request: pb.UpdateWebhookEndpointRequest, call: Call) -> bytes:
        """Set fields."""
        tenant, message = call.caller.tenant, request.webhook_endpoint
        if not message.name:
            raise FieldInvalid.at("webhook_endpoint.name", "says which endpoint, and is required")
        draft, populated = decode.draft(message, tenant), decode.populated(message)
        mask = tuple(request.update_mask.paths)
        endpoint_id = decode.endpoint_id_in(message.name)
        said = self.requests.of(request, "UpdateWebhookEndpoint", call)
        return await self.webhooks.update(tenant, said, endpoint_id, draft, populated, mask)

    async def delete_webhook_endpoint(self, request: pb.DeleteWebhookEndpointRequest, call: Call) -> bytes:
        """Delete an endpoint."""
        endpoint_id = decode.endpoint_id_in(request.name)
        said = self.requests.of(request, "DeleteWebhookEndpoint", call)
        return await self.webhooks.run(DeleteEndpoint(call.caller.tenant, said, endpoint_id))

    async def rotate_webhook_secret(self, request: pb.RotateWebhookSecretRequest, call: Call) -> bytes:
        """A new secret."""
        endpoint_id, grace = decode.endpoint_id_in(request.name), decode.grace(request)
        said = self.requests.of(request, "RotateWebhookSecret", call)
        return _with_secret(await self.webhooks.rotate(call.caller.tenant, said, endpoint_id, grace), _ROTATED_SECRET)

    async def test_webhook_endpoint(self, request: pb.TestWebhookEndpointRequest, call: Call) -> bytes:
        """Post a test message once."""
        endpoint_id = decode.endpoint_id_in(request.name)
        said = self.requests.of(request, "TestWebhookEndpoint", call)
        return await self.webhooks.try_out(call.caller.tenant, said, endpoint_id)

    async def enable_webhook_endpoint(self, request: pb.EnableWebhookEndpointRequest, call: Call) -> bytes:
        """Turn an endpoint on again."""
        endpoint_id, since = decode.endpoint_id_in(request.name), decode.optional_moment(request, "resume_from")
        said = self.requests.of(request, "EnableWebhookEndpoint", call)
        return await self.webhooks.run(EnableEndpoint(call.caller.tenant, said, endpoint_id, since))

    async def list_webhook_deliveries(self, request: pb.ListWebhookDeliveriesRequest, call: Call) -> bytes:
        """A page of deliveries, the latest event first."""
        tenant, endpoint_id = call.caller.tenant, decode.endpoint_id_in(request.parent)
        viewer = Viewer.of(call.actor)
        question = Question("ListWebhookDeliveries", request.parent, call.caller, viewer, request.filter)
        limit = page_limit(request.page_size)
        where = parse_deliveries_filter(request.filter, tenant)
        place = self.tokens.open(question, request.page_token)
        position = place.position if place else None
        page = await self.webhooks.store.list_deliveries(tenant, endpoint_id, where, position, limit)
        if page is None:
            raise WebhookEndpointNotFound(request.parent)
        token = self._next(question, page)
        return (
            repeated_field(_DELIVERIES, page.documents)
            + pb.ListWebhookDeliveriesResponse(next_page_token=token).SerializeToString()
        )

    async def redeliver_webhook(self, request: pb.RedeliverWebhookRequest, call: Call) -> bytes:
        """Put one delivery on its way once more."""
        endpoint_id, sequence = decode.endpoint_id_in(request.delivery), decode.sequence_in(request.delivery)
        said = self.requests.of(request, "RedeliverWebhook", call)
        return await self.webhooks.run(Redeliver(call.caller.tenant, said, endpoint_id, sequence))

    async def create_webhook_redelivery(self, request: pb.CreateWebhookRedeliveryRequest, call: Call) -> bytes:
        """Start a redelivery job."""
        start = decode.moment(request, "start_time")
        end = decode.optional_moment(request, "end_time")
        endpoint_id, only_failed = decode.endpoint_id_in(request.endpoint), request.only_failed
        said = self.requests.of(request, "CreateWebhookRedelivery", call)
        return await self.webhooks.start(call.caller.tenant, said, endpoint_id, start, end, only_failed=only_failed)

    async def get_webhook_redelivery(self, request: pb.GetWebhookRedeliveryRequest, call: Call) -> bytes:
        """One redelivery job."""
        endpoint_id, job_id = decode.endpoint_id_in(request.name), request.name.rpartition("/")[2]
        found = await self.webhooks.store.find_job(call.caller.tenant, endpoint_id, job_id)
        if found is None:
            raise WebhookEndpointNotFound(request.name)
        return found

    async def list_webhook_redeliveries(self, request: pb.ListWebhookRedeliveriesRequest, call: Call) -> bytes:
        """A page of redelivery jobs, the newest first."""
        tenant, endpoint_id = call.caller.tenant, decode.endpoint_id_in(request.parent)
        question = Question("ListWebhookRedeliveries", request.parent, call.caller, Viewer.of(call.actor))
        limit = page_limit(request.page_size)
        place = self.tokens.open(question, request.page_token)
        page = await self.webhooks.store.list_jobs(tenant, endpoint_id, place.position if place else None, limit)
        if page is None:
            raise WebhookEndpointNotFound(request.parent)
        token = self._next(question, page)
        return (
            repeated_field(_JOBS, page.documents)
            + pb.ListWebhookRedeliveriesResponse(next_page_token=token).SerializeToString()
        )

    async def cancel_webhook_redelivery(self, request: pb.CancelWebhookRedeliveryRequest, call: Call) -> bytes:
        """Stop a redelivery job."""
        endpoint_id, job_id = decode.endpoint_id_in(request.name), request.name.rpartition("/")[2]
        said = self.requests.of(request, "CancelWebhookRedelivery", call)
        return await self.webhooks.run(CancelJob(call.caller.tenant, said, endpoint_id, job_id))

    def _next(self, question: Question, page: Page) -> str:
        return self.tokens.seal(question, Place(page.next)) if page.next else ""


def _with_secret(answer: WithSecret, field: int) -> bytes:
    """The encoded answer with the secret in this field."""
    return answer.document + bytes_field(field, answer.secret.encode()) if answer.secret else answer.document
