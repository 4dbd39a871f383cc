"""SQL that reads better as text than as Core's expressions, usable wherever a condition is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class Sql(sa.ColumnElement[bool]):
    """A condition in plain SQL; `:names` in it are parameters. Nothing that a caller sent may be part of it."""

    inherit_cache = False

    def __init__(self, text: str) -> None:
        """Takes the text, which is put in parentheses."""
        self.type = sa.Boolean()
        self.text = f"({text})"


@compiles(Sql)
def _plain(element: Sql, compiler: SQLCompiler, **keywords: Any) -> str:
    return compiler.process(sa.text(element.text), **keywords)
