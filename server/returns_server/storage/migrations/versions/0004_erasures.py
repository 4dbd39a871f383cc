"""Counts how often past events were rewritten: whoever keeps some in memory looks at it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the count to the heads; servers of the release before can go on beside it."""
    op.add_column("event_heads", sa.Column("erasures", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
