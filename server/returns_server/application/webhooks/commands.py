"""The mutations of webhooks: each says what it needs and how it decides."""

from __future__ import annotations

from dataclasses import replace

from returns_server.application.request import Request
from returns_server.application.webhooks.books import (
    Counted,
    DeliveryShown,
    EndpointBook,
    Needs,
    Outcome,
    SecretShown,
    Shown,
    Tried,
)
from returns_server.application.webhooks.deliveries import Attempt, Happening
from returns_server.application.webhooks.drafts import Draft, check_settable, masked_paths, new_settings, updated
from returns_server.application.webhooks.endpoints import (
    Endpoint,
    EndpointId,
    EndpointState,
    Ordering,
    Secret,
    Standing,
)
from returns_server.application.webhooks.sealing import Sealing
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.errors import Cause, FieldInvalid, Overloaded, WebhookEndpointNotFound
from returns_server.domain.ids import DAY, Micros, TenantId
from returns_server.domain.record import record

GRACE = DAY
"""How long a replaced secret signs too, where nobody says otherwise."""


def endpoint_name(tenant: TenantId, endpoint_id: EndpointId) -> str:
    """The resource name of an endpoint."""
    return f"tenants/{tenant}/webhookEndpoints/{endpoint_id}"


def check_quota(book: EndpointBook, most: int, what: str, remedy: str) -> None:
    """Raise Overloaded where the tenant has as many as it may: nothing changes by trying again."""
    if book.count >= most:
        message = f"the tenant has {book.count:,} {what} and may have {most:,}; {remedy}"
        raise Overloaded(message, cause=Cause.QUOTA, retry_seconds=0)


@record
class CreateEndpoint:
    """Make an endpoint with a secret; it gets the events from now on."""

    tenant: TenantId
    request: Request
    endpoint_id: EndpointId
    draft: Draft
    secret: Secret
    sealing: Sealing
    most: int
    """Endpoints that the tenant may have."""

    @property
    def needs(self) -> Needs:
        """Where the log stands, and how many endpoints there are."""
        return Needs(counted=Counted.ENDPOINTS)

    def decide(self, book: EndpointBook, now: Micros) -> SecretShown:
        """The new endpoint; raises FieldInvalid, Overloaded where there are as many as there may be."""
        settings = new_settings(self.draft, self.tenant, self.endpoint_id, self.sealing)
        check_quota(book, self.most, "webhook endpoints", "delete one that is not needed")
        endpoint = Endpoint(
            endpoint_id=self.endpoint_id,
            settings=settings,
            standing=Standing(state=self.draft.state),
            cursor=book.head,
            cursor_time=now,
            create_time=now,
            update_time=now,
        )
        if self.request.validate_only:
            return SecretShown(replace(endpoint, endpoint_id=EndpointId("")), book.statistics, None, rotated=False)
        book.put, book.new_secret = endpoint, self.secret
        return SecretShown(endpoint, book.statistics, self.secret, rotated=False)


@record
class EndpointChange:
    """A mutation of an endpoint that exists."""

    tenant: TenantId
    request: Request
    endpoint_id: EndpointId

    @property
    def needs(self) -> Needs:
        """The endpoint."""
        return Needs(self.endpoint_id)

    @property
    def name(self) -> str:
        """Its resource name."""
        return endpoint_name(self.tenant, self.endpoint_id)

    def found(self, book: EndpointBook) -> Endpoint:
        """The endpoint at the etag that the caller knows; raises WebhookEndpointNotFound, EtagMismatch."""
        if book.endpoint is None:
            raise WebhookEndpointNotFound(self.name)
        self.request.check_etag(book.endpoint.etag, required=False)
        return book.endpoint

    def put(self, book: EndpointBook, endpoint: Endpoint) -> Shown:
        """Save the endpoint unless it is the same, or only tried; answers it."""
        if endpoint is not book.endpoint and not self.request.validate_only:
            book.put = endpoint
        return Shown(endpoint, book.statistics)


@record
class UpdateEndpoint(EndpointChange):
    """Set masked fields."""

    draft: Draft
    sealing: Sealing
    populated: tuple[str, ...]
    mask: tuple[str, ...] = ()

    def decide(self, book: EndpointBook, now: Micros) -> Shown:
        """The endpoint after it; raises FieldInvalid beside what finding it raises."""
        found = self.found(book)
        paths = masked_paths(self.mask, self.populated)
        endpoint = updated(found, self.draft, paths, self.tenant, self.sealing, now)
        if "state" in paths and self.draft.state is not found.standing.state:
            check_settable(self.draft.state)
            if found.standing.state is EndpointState.DISABLED_BY_FAILURES and self.draft.state is EndpointState.ENABLED:
                message = "was turned off after failures; EnableWebhookEndpoint turns it on again"
                raise FieldInvalid.at("webhook_endpoint.state", message)
            endpoint = endpoint.with_state(self.draft.state, now)
            if self.draft.state is EndpointState.ENABLED:
                endpoint = _turned_on(endpoint)
                book.resumed = not self.request.validate_only
        ordering = endpoint.settings.ordering
        if ordering is not found.settings.ordering and not self.request.validate_only:
            book.reordered = ordering
        return self.put(book, endpoint)


@record
class DeleteEndpoint(EndpointChange):
    """Delete; what is on its way is cancelled."""

    def decide(self, book: EndpointBook, now: Micros) -> None:  # noqa: ARG002
        """Nothing is left; raises what finding it raises."""
        self.found(book)
        if not self.request.validate_only:
            book.deleted = True


@record
class RotateSecret(EndpointChange):
    """A new secret; the old ones sign for a while too."""

    secret: Secret
    grace: Micros = GRACE

    def decide(self, book: EndpointBook, now: Micros) -> SecretShown:
        """The endpoint with its new secret; raises what finding it raises."""
        endpoint = self.found(book)
        end = Micros(now + self.grace)
        if self.request.validate_only:
            return SecretShown(endpoint, book.statistics, None, rotated=True, previous_expire_time=end)
        book.new_secret = self.secret
        book.replaced = tuple(replace(secret, sign_until=end) for secret in book.secrets if secret.sign_until is None)
        return SecretShown(endpoint, book.statistics, self.secret, rotated=True, previous_expire_time=end)


@record
class EnableEndpoint(EndpointChange):
    """Turn on; go on from where it stopped, or from a given time."""

    resume_from: Micros | None = None

    @property
    def needs(self) -> Needs:
        """The endpoint, and where in the log the given time begins."""
        return Needs(self.endpoint_id, since=self.resume_from)

    def decide(self, book: EndpointBook, now: Micros) -> Shown:
        """The endpoint, on; raises FieldInvalid for a time to come."""
        endpoint = found = self.found(book)
        if self.resume_from is not None and self.resume_from > now:
            raise FieldInvalid.at("resume_from", "must not lie in the future")
        if found.standing.state is not EndpointState.ENABLED:
            endpoint = endpoint.with_state(EndpointState.ENABLED, now)
        endpoint = _turned_on(endpoint)
        if self.resume_from is not None:
            endpoint = replace(
                endpoint,
                cursor=book.begin,
                cursor_time=self.resume_from,
                lost_since=None,
                revision=endpoint.revision + 1,
            )
        if not self.request.validate_only:
            book.resumed, book.dropped_before = True, self.resume_from
        return self.put(book, endpoint)


def _turned_on(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, standing=replace(endpoint.standing, failures=0, pause_until=Micros(0)))


@record
class RecordTrial(EndpointChange):
    """Remember what came of trying an endpoint, for who asks again with the same request id."""

    attempt: Attempt | None = None

    def decide(self, book: EndpointBook, now: Micros) -> Tried:  # noqa: ARG002
        """The attempt; raises what finding the endpoint raises."""
        self.found(book)
        return Tried(self.attempt)


@record
class Redeliver(EndpointChange):
    """Put one delivery on its way once more; one that is on its way already is due at once."""

    sequence: int

    @property
    def needs(self) -> Needs:
        """The endpoint and the delivery."""
        return Needs(self.endpoint_id, sequence=self.sequence)

    def decide(self, book: EndpointBook, now: Micros) -> Outcome:
        """The delivery after it; raises WebhookEndpointNotFound where there is none."""
        endpoint, delivery = self.found(book), book.delivery
        if delivery is None:
            raise WebhookEndpointNotFound(f"{self.name}/deliveries/{self.sequence}")
        if delivery.state in (DeliveryState.LEASED, DeliveryState.HELD):
            return DeliveryShown(delivery, book.attempts)
        again = delivery.afresh(Happening.REPEATED, now)
        if book.crowded and endpoint.settings.ordering is Ordering.PER_RETURN and not delivery.is_open:
            again = again.after(Happening.HELD_BACK, now)
        if not self.request.validate_only:
            book.put_delivery = again
        return DeliveryShown(again, book.attempts)


def secret_place(tenant: TenantId, endpoint_id: EndpointId, secret_id: str) -> str:
    """Where a signing secret is sealed for."""
    return f"{endpoint_name(tenant, endpoint_id)}/secrets/{secret_id}"
