"""What the client's README shows works as it says: its blocks are run, one after the other."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from returns_server.webhooks.signing import new_secret, signed
from tests.support.certificates import Authority
from tests.support.faces import asynchronous
from tests.support.messages import line, order
from tests.support.service import ALL, serving

README = Path(__file__).resolve().parents[2] / "clients" / "python" / "README.md"
BLOCK = re.compile(r"^```python(?P<kind> no-server)?\n(?P<code>.*?)^```", re.DOTALL | re.MULTILINE)
ORDERS = "order_id,customer_id,ordered_at,line_id,product_id\n7,c1,2026-01-02T03:04:05Z,1,p1\n"


def blocks(kind: str | None) -> list[str]:
    return [found["code"] for found in BLOCK.finditer(README.read_text()) if found["kind"] == kind]


def test_no_block_is_left_out() -> None:
    assert README.read_text().count("```python") == len(blocks(None)) + len(blocks(" no-server"))


async def test_the_blocks_run_from_top_to_bottom(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS)
    async with serving(tmp_path / "data") as service:
        async with asynchronous(service) as client:
            await client.orders.upsert(order("1001", line(quantity=3)))
        program = "\n".join(blocks(None)).replace("127.0.0.1:50051", service.address)
        scope: dict[str, Any] = {"token": service.token(*ALL)}

        def run() -> None:
            with chdir(tmp_path):
                exec(compile(program, str(README), "exec"), scope)
            scope["client"].close()

        await asyncio.to_thread(run)
    said = capsys.readouterr().out.splitlines()
    name = scope["filed"].name
    assert said == [
        *("1 3", "R-000001 STATE_CLOSED", "4", name, "1 in all"),
        "is CLOSED and allows ('UPDATE', 'REOPEN')",
        *(f"{n} return.{kind} {name}" for n, kind in enumerate(("created", "approved", "received", "closed"), 1)),
        "1 0 0 " + str(scope["file"].notes.sentences()),
    ]


def test_the_blocks_that_need_no_server_do_what_they_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    connecting, receiving = blocks(" no-server")
    authority = Authority(tmp_path)
    authority.server("warehouse")
    authority.file.rename(tmp_path / "ca.pem")
    scope: dict[str, Any] = {}
    with chdir(tmp_path):
        exec(connecting, scope)
    assert repr(scope["client"]) == "ReturnsClient('returns.shop.example:443', tenant='acme')"
    scope["client"].close()
    new, old = (new_secret(secrets.token_bytes) for _ in range(2))
    scope = {"new_secret": new, "old_secret": old}
    exec(receiving, scope)
    data = {"id": "e", "type": "return.created", "return": {"number": "R-000007"}}
    body = json.dumps({"type": "return.created", "data": data}).encode()
    for secret in (new, old):
        assert scope["receive"](signed("e", int(time.time()), body, [secret]), body) == 204
    assert scope["receive"](signed("e", int(time.time()), body, [new]), body + b" ") == 401
    assert capsys.readouterr().out == "return.created R-000007\n" * 2
