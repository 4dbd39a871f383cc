"""What the documentation shows works as it says."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

from commerce.returns.v1 import returns_service_pb2
from tests.support.messages import create, feed, order
from tests.support.process import ServerProcess
from tests.support.service import ALL

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_tables_that_follow_from_the_code_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.docs", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_first_call_of_the_readme_works(tmp_path: Path) -> None:
    [program] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    with ServerProcess(tmp_path / "data") as server:
        token = server.service().token(*ALL)
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "TOKEN": token, "RETURNS_ADDRESS": server.address},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "R-000001 6 670000000\n"), done.stderr
        [commands] = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
        shown = subprocess.run(
            ["bash", "-euc", commands.replace(".venv/bin", str(Path(sys.executable).parent))],
            env={**os.environ, "TOKEN": token, "RETURNSCTL_ADDRESS": server.address, "XDG_CONFIG_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert shown.returncode == 0, shown.stderr
    assert "1001   1     teapot" in shown.stdout
    assert "Return R-000001 APPROVED" in shown.stdout
    assert "return.approved" in shown.stdout


def test_the_readme_names_every_command_and_no_other() -> None:
    shown = set(re.findall(r"^\| `returns-server ([a-z-]+)", README, re.MULTILINE))
    done = subprocess.run(
        [sys.executable, "-m", "returns_server", "--help"], capture_output=True, text=True, check=True
    )
    commands = set(re.findall(r"^  ([a-z-]+)  ", done.stdout.partition("Commands:")[2], re.MULTILINE))
    assert shown == commands


async def test_the_program_that_follows_events_does(tmp_path: Path) -> None:
    [program] = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "streams.md").read_text(), re.DOTALL)
    with ServerProcess(tmp_path / "data") as server:
        service = server.service()
        client = service.client(*ALL)
        await feed(client, order("o1"))
        page = await client.returns.ListReturns(returns_service_pb2.ListReturnsRequest(parent="tenants/acme"))
        call = f"asyncio.run(main({server.address!r}, {service.token(*ALL)!r}, {page.event_cursor!r}))"
        following = await asyncio.create_subprocess_exec(
            sys.executable, "-u", "-c", program + call, stdout=asyncio.subprocess.PIPE
        )
        try:
            filed = await client.returns.CreateReturn(create(("o1", "1", 1)))
            assert following.stdout is not None
            async with asyncio.timeout(60):
                assert (await following.stdout.readline()).decode() == f"1 return.created {filed.name}\n"
        finally:
            following.kill()
            await following.communicate()
            await service.close()
