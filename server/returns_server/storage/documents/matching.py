"""Whether a filter holds of a return, as its document says it."""

from __future__ import annotations

import structlog

from commerce.returns.v1.return_pb2 import Return
from returns_server.domain.errors import ReturnsError
from returns_server.domain.ids import TenantId
from returns_server.filtering.language import parse_returns_filter
from returns_server.filtering.predicate import compiled

_log = structlog.get_logger(__name__)


def holds(tenant: TenantId, text: str, document: bytes) -> bool:
    """Whether the shop's own filter holds of an encoded `Return`.

    A stored filter was checked when it was set. One that this release cannot read (a newer one may have set it) holds
    of nothing: the return then waits for a decision, which loses nothing.
    """
    try:
        where = parse_returns_filter(text, tenant, sees_all=True)
    except ReturnsError as error:
        _log.error("a stored filter cannot be read", tenant=tenant, column=error.facts.get("column", ""))
        return False
    return compiled(where, Return.DESCRIPTOR)(Return.FromString(document))
