"""How PostgreSQL is connected to: how long that may take, and when a line counts as dead."""

from __future__ import annotations

from psycopg.conninfo import conninfo_to_dict, make_conninfo

# A peer that vanished without a word is noticed: idle, within half a minute; with something on its way, in 15 s, where
# the system itself would go on trying for a quarter of an hour.
_LINE = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


def line_to(url: str) -> str:
    """What libpq is told to connect with; what the URL itself says of these counts for more."""
    return make_conninfo("", **{**_LINE, **conninfo_to_dict(url)})
