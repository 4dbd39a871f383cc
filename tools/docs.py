"""Writes the parts of the documentation that follow from the code: settings, scopes, and the API reference.

`python -m tools.docs` writes them, `--check` only says what is out of date (exit 1).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from returns_server.application.authorisation import METHODS
from returns_server.application.caller import Scope
from returns_server.settings_table import settings_markdown
from tools.api_reference import api_markdown

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = re.compile(r"(<!-- settings: [^>]*-->\n).*?(?=\n## )", re.DOTALL)
WIDE, OWN = "tenant", "own"


def scopes_markdown() -> str:
    """The page that says which scope opens which method."""
    lines = [
        "# Scopes",
        "",
        "<!-- made by tools/docs.py from returns_server.application.authorisation -->",
        "",
        f"`{WIDE}`: the method sees the whole tenant. `{OWN}`: it sees what is the caller's own. A scope for the whole",
        "tenant wins over one for the caller's own. Health and reflection need no token.",
        "",
        "| method | " + " | ".join(f"`{scope.value.removeprefix('returns.')}`" for scope in Scope) + " |",
        "| --- |" + " --- |" * len(Scope),
    ]
    for method, access in METHODS.items():
        cells = [WIDE if scope in access.wide else OWN if scope in access.own else "" for scope in Scope]
        lines.append(f"| {method.replace('/', '.')} | " + " | ".join(cells) + " |")
    implied = "`returns_manage` and `returns_manage_own` bring `returns_read` and `returns_read_own` with them."
    return "\n".join([*lines, "", f"Every scope's full name begins with `returns.`. {implied}", ""])


def pages() -> dict[Path, str]:
    """Every page with what it should say."""
    readme = ROOT / "README.md"
    handbook = ROOT / "docs" / "operating.md"
    return {
        readme: _with_settings(readme),
        handbook: _with_settings(handbook),
        ROOT / "docs" / "scopes.md": scopes_markdown(),
        ROOT / "docs" / "api.md": api_markdown(ROOT, Path(sys.executable).parent),
    }


def _with_settings(page: Path) -> str:
    """The page with the table of settings as it should be."""
    return SETTINGS.sub(lambda found: found[1] + "\n" + settings_markdown(), page.read_text())


def main() -> int:
    """Write or check."""
    check = "--check" in sys.argv[1:]
    stale = [page for page, text in pages().items() if not page.exists() or page.read_text() != text]
    for page in stale:
        print(f"{page.relative_to(ROOT)} {'is out of date: run `make docs`' if check else 'written'}")
        if not check:
            page.write_text(pages()[page])
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
