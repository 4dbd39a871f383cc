"""Checks the books: the log is dense and in order, and the ledger is the sum of the items. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from returns_server.storage.session import Session


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the books do not balance: which promise is broken, and where."""

    promise: str
    where: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, and everything found (at most a hundred places a promise)."""

    tenants: int
    events: int
    returns: int
    lines: int
    findings: tuple[Finding, ...]


# Each query answers the places that break its promise.
_PROMISES: dict[str, str] = {
    "events of a tenant are numbered without a gap from where the log begins to its head": """
        SELECT h.tenant, h.floor_sequence, h.last_sequence, COALESCE(e.events, 0), e.first, e.last
        FROM event_heads h
        LEFT JOIN (
            SELECT kept.tenant, count(*) AS events, min(kept.sequence) AS first, max(kept.sequence) AS last
            FROM events kept JOIN event_heads heads ON heads.tenant = kept.tenant
            WHERE kept.sequence > heads.floor_sequence GROUP BY kept.tenant
        ) e ON e.tenant = h.tenant
        WHERE COALESCE(e.events, 0) <> h.last_sequence - h.floor_sequence
            OR COALESCE(e.first, h.floor_sequence + 1) <> h.floor_sequence + 1
            OR COALESCE(e.last, h.last_sequence) <> h.last_sequence
        LIMIT 100""",
    "every event belongs to a log": """
        SELECT DISTINCT e.tenant FROM events e LEFT JOIN event_heads h ON h.tenant = e.tenant
        WHERE h.tenant IS NULL
        LIMIT 100""",
    "the events of a return carry the versions 1, 2, 3 ... in log order": """
        SELECT tenant, return_id, sequence, return_version, nth FROM (
            SELECT tenant, return_id, sequence, return_version,
                row_number() OVER (PARTITION BY tenant, return_id ORDER BY sequence) AS nth
            FROM events
        ) numbered
        WHERE return_version <> nth
        LIMIT 100""",
    "a return is at the version of its last event": """
        SELECT r.tenant, r.return_id, r.version, e.last FROM returns r
        LEFT JOIN (
            SELECT tenant, return_id, max(return_version) AS last FROM events GROUP BY tenant, return_id
        ) e ON e.tenant = r.tenant AND e.return_id = r.return_id
        WHERE e.last IS NULL OR e.last <> r.version
        LIMIT 100""",
    "an event id comes once": """
        SELECT tenant, event_id, count(*) FROM events GROUP BY tenant, event_id HAVING count(*) > 1
        LIMIT 100""",
    "a line's claims are the sum of the items that claim it": """
        SELECT l.tenant, l.order_id, l.line_id, l.claimed_units, i.units, l.claimed_gross, i.gross FROM order_lines l
        LEFT JOIN (
            SELECT tenant, order_id, line_id, sum(claimed_units) AS units, sum(claimed_net) AS net,
                sum(claimed_tax) AS tax, sum(claimed_gross) AS gross
            FROM return_items GROUP BY tenant, order_id, line_id
        ) i ON i.tenant = l.tenant AND i.order_id = l.order_id AND i.line_id = l.line_id
        WHERE l.claimed_units <> COALESCE(i.units, 0) OR l.claimed_gross <> COALESCE(i.gross, 0)
            OR l.claimed_net <> COALESCE(i.net, 0) OR l.claimed_tax <> COALESCE(i.tax, 0)
        LIMIT 100""",
    "every item is of a line that was sold": """
        SELECT i.tenant, i.return_id, i.order_id, i.line_id FROM return_items i
        LEFT JOIN order_lines l ON l.tenant = i.tenant AND l.order_id = i.order_id AND l.line_id = i.line_id
        WHERE l.tenant IS NULL
        LIMIT 100""",
    "no line is claimed beyond what was bought and paid, and in full for exactly what was paid": """
        SELECT tenant, order_id, line_id, claimed_units, quantity, claimed_gross, gross FROM order_lines
        WHERE claimed_units < 0 OR claimed_units > quantity OR claimed_gross < 0 OR claimed_gross > gross
            OR claimed_net > COALESCE(net, 0) OR claimed_tax > COALESCE(tax, 0)
            OR (claimed_units = quantity AND claimed_gross <> gross) OR (claimed_units = 0 AND claimed_gross <> 0)
        LIMIT 100""",
    "a return number comes once": """
        SELECT tenant, number, count(*) FROM (
            SELECT tenant, number FROM returns UNION ALL SELECT tenant, number FROM deleted_returns
        ) numbers
        GROUP BY tenant, number HAVING count(*) > 1
        LIMIT 100""",
}

_COUNTS = """
    SELECT (SELECT count(*) FROM event_heads), (SELECT count(*) FROM events), (SELECT count(*) FROM returns),
        (SELECT count(*) FROM order_lines)"""


async def audit(session: Session) -> Report:
    """The state of the books in this session's snapshot."""
    findings = [
        Finding(promise, ", ".join(str(value) for value in row))
        for promise, statement in _PROMISES.items()
        for row in await session.fetch(statement)
    ]
    [(tenants, events, returns, lines)] = await session.fetch(_COUNTS)
    return Report(tenants, events, returns, lines, tuple(findings))
