"""An endpoint as a caller wants it, and how that becomes settings: masks, headers, the state callers may set."""

from __future__ import annotations

from dataclasses import field, replace

from returns_server.application.webhooks.endpoints import (
    Endpoint,
    EndpointId,
    EndpointState,
    Header,
    Ordering,
    PayloadFormat,
    Settings,
)
from returns_server.application.webhooks.sealing import Sealing
from returns_server.domain.errors import FieldInvalid
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.record import record

SETTINGS = (
    "url",
    "display_name",
    "event_types",
    "filter",
    "headers",
    "excluded_fields",
    "payload_format",
    "ordering",
)
FIELDS = (*SETTINGS, "state")
"""What callers may set."""
_OUTPUT_ONLY = frozenset({"name", "secret_exists", "lost_since", "statistics", "create_time", "update_time", "etag"})


@record
class Draft:
    """What a caller says of an endpoint; the values of headers are plain here, and empty where they stay."""

    url: str
    display_name: str = ""
    event_types: tuple[str, ...] = ()
    filter: str = ""
    headers: tuple[tuple[str, str], ...] = field(repr=False, default=())
    excluded_fields: tuple[str, ...] = ()
    payload_format: PayloadFormat = PayloadFormat.STANDARD_WEBHOOKS
    ordering: Ordering = Ordering.PER_RETURN
    state: EndpointState = EndpointState.ENABLED


def header_place(tenant: TenantId, endpoint_id: EndpointId, name: str) -> str:
    """Where the value of a header is sealed for."""
    return f"tenants/{tenant}/webhookEndpoints/{endpoint_id}/headers/{name.lower()}"


def new_settings(draft: Draft, tenant: TenantId, endpoint_id: EndpointId, sealing: Sealing) -> Settings:
    """The settings of a new endpoint; raises FieldInvalid."""
    check_settable(draft.state)
    return _with_headers(Settings(draft.url), draft, SETTINGS, tenant, endpoint_id, sealing)


def check_settable(state: EndpointState) -> None:
    """Raise FieldInvalid for the state that the service alone sets."""
    if state is EndpointState.DISABLED_BY_FAILURES:
        raise FieldInvalid.at("webhook_endpoint.state", "is ENABLED or DISABLED where a caller sets it")


def masked_paths(mask: tuple[str, ...], populated: tuple[str, ...]) -> tuple[str, ...]:
    """Which fields an update takes; raises FieldInvalid for one that there is not."""
    if mask == ("*",):
        return FIELDS
    if not mask:
        return populated
    paths = tuple(path for path in mask if path.partition(".")[0] not in _OUTPUT_ONLY)
    for path in paths:
        if path not in FIELDS:
            raise FieldInvalid.at("update_mask", f"{path!r} is no field that can be updated")
    return paths


def updated(
    endpoint: Endpoint, draft: Draft, paths: tuple[str, ...], tenant: TenantId, sealing: Sealing, now: Micros
) -> Endpoint:
    """The endpoint with these fields as drafted; the very same one where that changes nothing. Raises FieldInvalid."""
    if "url" in paths and not draft.url:
        raise FieldInvalid.at("webhook_endpoint.url", "is required and cannot be cleared")
    settings = _with_headers(endpoint.settings, draft, paths, tenant, endpoint.endpoint_id, sealing)
    if settings != endpoint.settings:
        endpoint = endpoint.with_settings(settings, now)
    return endpoint


def _with_headers(
    settings: Settings,
    draft: Draft,
    paths: tuple[str, ...],
    tenant: TenantId,
    endpoint_id: EndpointId,
    sealing: Sealing,
) -> Settings:
    plain = {path: getattr(draft, path) for path in paths if path in SETTINGS and path != "headers"}
    settings = replace(settings, **plain)
    if "headers" not in paths:
        return settings
    stored = {header.name.lower(): header for header in settings.headers}
    headers = []
    for name, value in sorted(draft.headers):
        place, known = header_place(tenant, endpoint_id, name), stored.get(name.lower())
        if not value and known is None:
            raise FieldInvalid.at(f'webhook_endpoint.headers["{name}"]', "needs a value: none is stored")
        mark = sealing.mark(value.encode(), place)
        if known is not None and (not value or known.mark == mark):
            headers.append(replace(known, name=name))
        else:
            headers.append(Header(name, sealing.seal(value.encode(), place), mark))
    return replace(settings, headers=tuple(headers))
