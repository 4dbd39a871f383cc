"""Where each log begins: retention moves it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the floor to the heads: every log is whole so far."""
    op.add_column(
        "event_heads", sa.Column("floor_sequence", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column("event_heads", sa.Column("floor_event_id", sa.LargeBinary(), nullable=True))
