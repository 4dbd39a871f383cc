"""The client as it is shipped: a wheel that a fresh environment can import, with its types."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

CLIENT = Path(__file__).resolve().parents[2] / "clients" / "python"
PROGRAM = """
import pathlib, sys
import returns_client
from commerce.returns.v1 import returns_service_pb2_grpc
from returns_client import AsyncReturnsClient, ReturnsClient
from returns_client.exceptions import BY_REASON
assert pathlib.Path(returns_client.__file__).is_relative_to(sys.prefix), returns_client.__file__
with ReturnsClient("127.0.0.1:1", tenant="acme", token="t") as client:
    print(client, len(BY_REASON) > 30)
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_wheel_is_built_and_a_fresh_environment_imports_it(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", CLIENT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    [wheel] = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    top = {name.partition("/")[0] for name in names}
    assert {"returns_client/py.typed", "commerce/returns/v1/py.typed", "buf/validate/py.typed"} <= set(names)
    assert "commerce/returns/v1/return_pb2.pyi" in names
    assert {"buf", "commerce", "returns_client"} <= top
    assert not {"scenario", "tests"} & top
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    installed = subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel],
        capture_output=True,
        text=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stderr
    # What it depends on is this environment's: no package is fetched. Its own code is not: path files in a folder
    # that a path file adds are not followed.
    packages = tmp_path / "venv" / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    ran = subprocess.run([python, "-I", "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "ReturnsClient('127.0.0.1:1', tenant='acme') True\n"), ran.stderr
