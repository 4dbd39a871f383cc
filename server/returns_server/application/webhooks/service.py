"""Webhooks for callers: checks what must be checked outside a transaction, then has the store decide and save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from returns_server.application.request import Request
from returns_server.application.webhooks.books import EndpointCommand
from returns_server.application.webhooks.commands import (
    CreateEndpoint,
    EndpointChange,
    RecordTrial,
    RotateSecret,
    UpdateEndpoint,
    secret_place,
)
from returns_server.application.webhooks.deliveries import Attempt
from returns_server.application.webhooks.drafts import Draft, header_place, masked_paths
from returns_server.application.webhooks.endpoints import Endpoint, EndpointId, Secret
from returns_server.application.webhooks.jobs import CreateJob
from returns_server.application.webhooks.ports import Answered, EndpointStore, Targets, Trials
from returns_server.application.webhooks.sealing import Sealing
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.record import record


@record
class WithSecret:
    """An encoded answer, and the secret that belongs into it; empty where it is not there any more."""

    document: bytes
    secret: str = ""


@record
class Quotas:
    """How much of what a tenant may have: endpoints, and redelivery jobs at work."""

    endpoints: int
    jobs: int


@record
class Webhooks:
    """The use cases; `new_secret` makes a signing secret as it is shown, `changed` tells the bridge of this process."""

    store: EndpointStore
    targets: Targets
    trials: Trials
    sealing: Sealing
    quotas: Quotas
    clock: Callable[[], Micros]
    new_id: Callable[[], UUID]
    new_secret: Callable[[], str]
    changed: Callable[[TenantId], None]

    async def create(self, tenant: TenantId, request: Request, draft: Draft) -> WithSecret:
        """A new endpoint with its secret; raises FieldInvalid, TargetRefused and what the store raises."""
        said = await self._said(tenant, request)
        if said is not None:
            return said
        await self.targets.check(draft.url)
        endpoint_id = EndpointId(str(self.new_id()))
        secret = self._secret(tenant, endpoint_id)
        command = CreateEndpoint(tenant, request, endpoint_id, draft, secret, self.sealing, self.quotas.endpoints)
        return self._opened(tenant, await self._run(command))

    async def rotate(self, tenant: TenantId, request: Request, endpoint_id: EndpointId, grace: Micros) -> WithSecret:
        """The endpoint with a new secret; raises what the store raises."""
        secret = self._secret(tenant, endpoint_id)
        return self._opened(tenant, await self._run(RotateSecret(tenant, request, endpoint_id, secret, grace)))

    async def update(
        self,
        tenant: TenantId,
        request: Request,
        endpoint_id: EndpointId,
        draft: Draft,
        populated: tuple[str, ...],
        mask: tuple[str, ...],
    ) -> bytes:
        """The endpoint after it; raises FieldInvalid, TargetRefused and what the store raises."""
        said = await self.store.said(request, tenant)
        if said is not None:
            return said.document
        if draft.url and "url" in masked_paths(mask, populated):
            await self.targets.check(draft.url)
        return await self.run(UpdateEndpoint(tenant, request, endpoint_id, draft, self.sealing, populated, mask))

    async def start(
        self,
        tenant: TenantId,
        request: Request,
        endpoint_id: EndpointId,
        start_time: Micros,
        end_time: Micros | None,
        *,
        only_failed: bool,
    ) -> bytes:
        """A redelivery job over a time range; raises FieldInvalid and what the store raises."""
        job_id = str(self.new_id())
        most = self.quotas.jobs
        return await self.run(CreateJob(tenant, request, endpoint_id, job_id, start_time, end_time, only_failed, most))

    async def try_out(self, tenant: TenantId, request: Request, endpoint_id: EndpointId) -> bytes:
        """What came of one post of a test message; raises TargetRefused and what the store raises."""
        said = await self.store.said(request, tenant)
        if said is not None:
            return said.document
        change = EndpointChange(tenant, request, endpoint_id)
        book = await self.store.look(tenant, change.needs)
        endpoint = change.found(book)
        await self.targets.check(endpoint.settings.url)
        if request.validate_only:
            return await self.run(RecordTrial(tenant, request, endpoint_id))
        attempt = await self._posted(tenant, endpoint, book.secrets)
        # Whatever became of the endpoint meanwhile, the message is out.
        return await self.run(RecordTrial(tenant, replace(request, etag=""), endpoint_id, attempt))

    async def run(self, command: EndpointCommand) -> bytes:
        """What a command without a secret in its answer leaves; raises what the store raises."""
        return (await self._run(command)).document

    async def _run(self, command: EndpointCommand) -> Answered:
        answered = await self.store.run(command)
        self.changed(command.tenant)
        return answered

    async def _posted(self, tenant: TenantId, endpoint: Endpoint, secrets: tuple[Secret, ...]) -> Attempt:
        return await self.trials.try_out(tenant, endpoint, secrets, str(self.new_id()))

    async def _said(self, tenant: TenantId, request: Request) -> WithSecret | None:
        said = await self.store.said(request, tenant)
        return None if said is None else self._opened(tenant, said)

    def _opened(self, tenant: TenantId, answered: Answered) -> WithSecret:
        secret, endpoint_id = answered.secret, answered.endpoint_id
        if secret is None or endpoint_id is None:
            return WithSecret(answered.document)
        opened = self.sealing.open(secret.sealed, secret_place(tenant, endpoint_id, secret.secret_id))
        return WithSecret(answered.document, opened.decode() if opened else "")

    def _secret(self, tenant: TenantId, endpoint_id: EndpointId) -> Secret:
        secret_id = str(self.new_id())
        sealed = self.sealing.seal(self.new_secret().encode(), secret_place(tenant, endpoint_id, secret_id))
        return Secret(secret_id, sealed, self.clock())


def opened_secrets(
    sealing: Sealing, tenant: TenantId, endpoint_id: EndpointId, secrets: tuple[Secret, ...], now: Micros
) -> tuple[str, ...]:
    """The secrets that sign now, the newest first; none where their key is not there any more."""
    signing = sorted((one for one in secrets if one.signs(now)), key=lambda one: one.secret_id, reverse=True)
    places = ((one, secret_place(tenant, endpoint_id, one.secret_id)) for one in signing)
    opened = (sealing.open(one.sealed, place) for one, place in places)
    return tuple(secret.decode() for secret in opened if secret is not None)


def opened_headers(sealing: Sealing, tenant: TenantId, endpoint: Endpoint) -> tuple[tuple[str, str], ...] | None:
    """The headers that are sent along; None where a value's key is not there any more."""
    headers = []
    for header in endpoint.settings.headers:
        value = sealing.open(header.sealed, header_place(tenant, endpoint.endpoint_id, header.name))
        if value is None:
            return None
        headers.append((header.name, value.decode()))
    return tuple(headers)
