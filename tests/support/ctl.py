"""`returnsctl` as a user runs it: in this process for speed, or as the installed program."""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from returnsctl.cli import cli
from tests.support.process import ServerProcess
from tests.support.service import ALL, CUSTOMER

PROGRAM = str(Path(sys.executable).with_name("returnsctl"))
_tenants = itertools.count(1)

ORDERS = """order_id,customer_id,guest_email,ordered_at,line_id,product_id,product_name,quantity,line_total,currency
1001,c-17,,2026-11-01T10:00:00Z,1,teapot,Teapot,3,10.00,EUR
1001,c-17,,2026-11-01T10:00:00Z,2,cup,Cup,6,18.00,EUR
1002,,robin@example.com,2026-11-02T10:00:00Z,1,plate,Plate,2,8.00,EUR
"""


@dataclass
class Desk:
    """Somebody's shell: a server, a tenant of the test's own, a token, and an empty folder for profiles."""

    server: ServerProcess
    folder: Path
    tenant: str = field(default_factory=lambda: f"shop{os.getpid()}x{next(_tenants)}")
    scopes: Sequence[str] = ALL
    claims: dict[str, Any] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        token = self.server.service().token(*self.scopes, tenant=self.tenant, **self.claims)
        return {**self.bare, "RETURNSCTL_TENANT": self.tenant, "RETURNSCTL_TOKEN": token}

    @property
    def bare(self) -> dict[str, str]:
        """No tenant and no token, nothing of the user who runs the tests."""
        known = {name: value for name, value in os.environ.items() if not name.startswith("RETURNS")}
        return {**known, "XDG_CONFIG_HOME": str(self.folder), "RETURNSCTL_ADDRESS": self.server.address}

    def customer(self, customer_id: str) -> Desk:
        """The shell of a customer of the same shop."""
        claims = {"subject": f"sub-{customer_id}", "customer_id": customer_id}
        return Desk(self.server, self.folder, self.tenant, CUSTOMER, claims)

    def run(self, *arguments: str, says: str | None = None, **environment: str | None) -> Result:
        """Run it in this process; `says` is typed in, `environment` is set, or with None not set, beside what is."""
        given = {**self.environment, **environment}
        unset = {name: None for name in os.environ if name.startswith("RETURNS")}
        result = CliRunner().invoke(cli, arguments, input=says, env={**unset, **given}, prog_name="returnsctl")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def ok(self, *arguments: str, **more: Any) -> str:
        """What it prints; it must end well."""
        result = self.run(*arguments, **more)
        assert result.exit_code == 0, result.output
        return result.stdout

    def document(self, *arguments: str) -> Any:
        """The document that it prints for programs."""
        return json.loads(self.ok(*arguments, "--json"))

    def lines(self, *arguments: str) -> list[Any]:
        """The lines that it prints for programs."""
        return [json.loads(line) for line in self.ok(*arguments, "--json").splitlines()]

    def refused(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """The exit code and what is said to programs."""
        result = self.run("--json", *arguments)
        assert (result.exit_code == 0, result.stdout) == (False, ""), result.output
        said: dict[str, Any] = json.loads(result.stderr)
        return result.exit_code, said

    def with_orders(self) -> Desk:
        """The same, with the orders 1001 of c-17 and 1002 of a guest."""
        (file := self.folder / "orders.csv").write_text(ORDERS)
        self.ok("orders", "import", str(file))
        return self

    def filed(self, *items: str) -> str:
        """The id of a new return; of one teapot unless said otherwise."""
        wanted = [word for item in items or ("1001/1=1",) for word in ("--item", item)]
        name: str = self.document("returns", "create", *wanted, "--reason", "DAMAGED")["name"]
        return name.rpartition("/")[2]


@contextmanager
def desk_of(folder: Path) -> Iterator[Desk]:
    """A desk with a server of its own."""
    with ServerProcess(folder / "data") as server:
        yield Desk(server, folder)
