"""From a claimed delivery, or a trial, to the message that is posted."""

from __future__ import annotations

from collections.abc import Callable

from returns_server.application.webhooks.commands import endpoint_name
from returns_server.application.webhooks.deliveries import Attempt
from returns_server.application.webhooks.endpoints import Endpoint, Secret
from returns_server.application.webhooks.ports import Claimed, Message, Post
from returns_server.application.webhooks.sealing import Sealing
from returns_server.application.webhooks.service import opened_headers, opened_secrets
from returns_server.domain.ids import Micros, TenantId
from returns_server.events.bodies import CONTENT_TYPES, Body, LoggedEvent, event_body, trial_body

TRIAL_SECONDS = 8.0
"""Less than a call may take that says no deadline."""


class CannotBeOpened(Exception):
    """A secret or a header was sealed with a key that the settings do not have any more."""


class Messages:
    """Writes messages: body, signatures, headers."""

    def __init__(self, sealing: Sealing, clock: Callable[[], Micros], epoch: bytes) -> None:
        """Takes what opens secrets, the clock, and the epoch of the log, which is in every event's cursor."""
        self._sealing = sealing
        self._clock = clock
        self._epoch = epoch

    def of(self, claimed: Claimed) -> Message:
        """The message of a delivery: the same body in every attempt. Raises CannotBeOpened."""
        key, settings = claimed.delivery.key, claimed.endpoint.settings
        event = LoggedEvent(claimed.tenant, self._epoch, key.sequence, claimed.event_id, claimed.document)
        body = event_body(event, settings.payload_format, settings.excluded_fields)
        return self._message(claimed.tenant, claimed.endpoint, claimed.secrets, claimed.delivery.event_id, body)

    def trial(self, tenant: TenantId, endpoint: Endpoint, secrets: tuple[Secret, ...], message_id: str) -> Message:
        """A message that only tries an endpoint. Raises CannotBeOpened."""
        name = endpoint_name(tenant, endpoint.endpoint_id)
        body = Body(trial_body(tenant, name, message_id, self._clock(), endpoint.settings.payload_format))
        return self._message(tenant, endpoint, secrets, message_id, body)

    def _message(
        self,
        tenant: TenantId,
        endpoint: Endpoint,
        secrets: tuple[Secret, ...],
        message_id: str,
        body: Body,
    ) -> Message:
        opened = opened_secrets(self._sealing, tenant, endpoint.endpoint_id, secrets, self._clock())
        headers = opened_headers(self._sealing, tenant, endpoint)
        if not opened or headers is None:
            raise CannotBeOpened
        return Message(
            url=endpoint.settings.url,
            message_id=message_id,
            content_type=CONTENT_TYPES[endpoint.settings.payload_format],
            body=body.content,
            secrets=opened,
            headers=headers,
            trace_parent=body.trace_parent,
        )


class Trial:
    """Posts test messages; see the port `Trials`."""

    def __init__(self, messages: Messages, post: Post, clock: Callable[[], Micros]) -> None:
        """Takes who writes messages and who carries them."""
        self._messages = messages
        self._post = post
        self._clock = clock

    async def try_out(
        self, tenant: TenantId, endpoint: Endpoint, secrets: tuple[Secret, ...], message_id: str
    ) -> Attempt:
        """What came of posting a test message once, in less time than a call may take."""
        try:
            message = self._messages.trial(tenant, endpoint, secrets, message_id)
        except CannotBeOpened:
            return Attempt(self._clock(), Micros(0), error="secret cannot be opened")
        return await self._post.post(message, total_seconds=TRIAL_SECONDS)
