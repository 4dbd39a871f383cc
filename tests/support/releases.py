"""Releases after this one: its code with further migrations, as programs that can be run beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import returns_server
from returns_server.storage.schema import metadata

_MIGRATION = '''"""Of a later release, for a test."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What this release needs."""
    {step}
'''
_LATER = "sa.Column('later', sa.BigInteger(), nullable=False, server_default=sa.text('0'))"
EXPANDED = "expanded"
CONTRACTED = "contracted"
# One table a revision, as docs/decisions/0076 asks of every migration.
_STEPS: Mapping[str, list[str]] = {
    EXPANDED: [
        *(f"op.add_column({table!r}, {_LATER})" for table in metadata.tables),
        "op.create_index('returns_by_later', 'returns', ['tenant', 'later'])",
        "op.create_table('laters', sa.Column('tenant', sa.Text(), primary_key=True))",
    ],
    CONTRACTED: [
        "op.drop_index('returns_by_later', 'returns')",
        *(f"op.drop_column({table!r}, 'later')" for table in metadata.tables),
        "op.drop_table('laters')",
    ],
}


def later_release(folder: Path, upto: str, this: str) -> Path:
    """A folder with the program of a release whose schema is EXPANDED, or CONTRACTED after that.

    The first adds a column to every table, a table and an index; the second takes all that away again.
    """
    program = folder / f"release-{upto}"
    source = Path(returns_server.__file__).parent
    shutil.copytree(source, program / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    versions, before = program / source.name / "storage" / "migrations" / "versions", this
    for release, steps in _STEPS.items():
        for number, step in enumerate(steps, 1):
            # The last step has the name of the release.
            revision = release if number == len(steps) else f"{release}{number}"
            (versions / f"{revision}.py").write_text(
                _MIGRATION.format(revision=revision, before=before, step=step)
            )
            before = revision
        if release == upto:
            break
    return program


def migrated_by(program: Path, database_url: str) -> str:
    """Run a release's `returns-server migrate`, and return what it says; fails where it does."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RETURNS_")}
    done = subprocess.run(
        [sys.executable, "-m", "returns_server", "migrate"],
        env={**inherited, "PYTHONPATH": str(program), "RETURNS_DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
