"""Runs a built image as an engine would, without one: its own user, command and variables, on a read-only root.

Called by tools/image, as root: `image_try.py IMAGE.json ROOT`, with what `buildah inspect` says and the mounted image.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

START_SECONDS = 60.0
ROOT_README = Path(__file__).parent.parent / "README.md"
# A mount namespace of its own: nothing of this is left behind. Volumes are the only places to write to.
ENTER = """
set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount -o remount,bind,ro "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
mount --bind "$DATA" "$ROOT/var/lib/returns"
exec chroot --userspec="$WHO" "$ROOT" /usr/bin/env -i "$@"
"""


class Container:
    """The image, mounted, with a folder for its data."""

    def __init__(self, config: Mapping[str, Any], root: Path, data: Path) -> None:
        self.config = config
        self._environment = {
            "ROOT": str(root),
            "DATA": str(data),
            "WHO": config["User"],
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        }

    def start(self, command: Sequence[str], **variables: str) -> subprocess.Popen[str]:
        """A process in the image; its id is that of the command itself, signals reach it."""
        inside = [*self.config["Env"], *(f"{name}={value}" for name, value in variables.items()), *command]
        return subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", ENTER, "enter", *inside],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, command: Sequence[str], **variables: str) -> tuple[int, str]:
        """The status that a command ends with, and what it says."""
        process = self.start(command, **variables)
        out, err = process.communicate(timeout=60)
        return process.returncode, (out + err).strip()


def free_port() -> int:
    """A port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def expect(holds: bool, said: str) -> None:
    """Say what was seen; end where it is not so."""
    print(("ok    " if holds else "WRONG ") + said, flush=True)
    if not holds:
        sys.exit(1)


def tried(container: Container) -> None:
    """Start, ask, call, write, stop."""
    entry, config = container.config["Entrypoint"], container.config
    status, said = container.run([*entry, *config["Cmd"]])
    expect(status == 1 and "RETURNS_AUTH_FILE" in said, "its own command refuses to serve without issuers")

    port = free_port()
    server = container.start([*entry, "serve", "--dev", "--listen", f"127.0.0.1:{port}"])
    begun = time.monotonic()
    # What neither serves nor ends is ended, or this would wait for its line for ever.
    patience = threading.Timer(START_SECONDS, server.kill)
    patience.start()
    ready = server.stdout.readline() if server.stdout else ""
    patience.cancel()
    expect(
        ready.startswith("returns-server ready: "), f"serves after {time.monotonic() - begun:.1f} s: {ready.strip()}"
    )
    try:
        used_by(container, server.pid, port)
    finally:
        server.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        _, logged = server.communicate(timeout=60)
    took = time.monotonic() - begun
    expect(
        server.returncode == 0, f"SIGTERM ends it with {server.returncode} after {took:.1f} s; {len(logged)} B logged"
    )
    status, said = container.run(config["Healthcheck"]["Test"][1:], RETURNS_LISTEN=f"0.0.0.0:{port}")
    expect(status == 1, f"its health check then fails: {said}")


def used_by(container: Container, pid: int, port: int) -> None:
    """A server that runs: who it is, what its probes say, a call, and what cannot be written."""
    ids = re.search(r"^Uid:\s+(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    expect(ids is not None and set(ids[1].split()) == {container.config["User"].split(":")[0]}, "runs as its user")
    test = container.config["Healthcheck"]["Test"]
    expect(test[0] == "CMD", f"health check in exec form: {shlex.join(test[1:])}")
    for command in (test[1:], [*test[1:], "--readiness"]):
        begun = time.monotonic()
        status, said = container.run(command, RETURNS_LISTEN=f"0.0.0.0:{port}")
        expect(status == 0, f"{said} ({time.monotonic() - begun:.1f} s)")
    scopes = "returns.returns_manage returns.orders_manage"
    status, token = container.run(["returns-server", "token", "--tenant", "acme", "--subject", "me", "--scope", scopes])
    expect(status == 0, "makes a token")
    first_call = re.search(r"`first_call.py`:\n\n```python\n(.*?)```", ROOT_README.read_text(), re.DOTALL)
    if first_call is None:
        raise SystemExit("README.md has no first_call.py")
    status, said = container.run(["python3", "-c", first_call[1]], TOKEN=token, RETURNS_ADDRESS=f"127.0.0.1:{port}")
    expect(status == 0, f"the README's first call: {said}")
    status, said = container.run(["sh", "-c", "touch /opt/returns/x || touch /etc/x"])
    expect(status != 0 and "Read-only" in said, "its root is read-only")


def main(image: Path, root: Path) -> None:
    """Judge what the image says of itself, then run it."""
    described = json.loads(image.read_text())
    config = described["Docker"]["config"]
    labels = {name: value for name, value in config["Labels"].items() if name.startswith("org.opencontainers.")}
    expect(len(labels) >= 6, f"labels: {labels}")
    expect(re.fullmatch(r"[1-9]\d*:[1-9]\d*", config["User"]) is not None, f"user {config['User']}")
    expect(set(config["Volumes"]) == {"/var/lib/returns", "/tmp"}, "volumes /var/lib/returns and /tmp")  # noqa: S108
    with tempfile.TemporaryDirectory() as data:
        uid, gid = (int(part) for part in config["User"].split(":"))
        Path(data).chmod(0o700)
        os.chown(data, uid, gid)
        tried(Container(config, root, Path(data)))
    whole, ours = (size_of(path) for path in (root, root / "opt/returns"))
    print(f"size: {whole / 1e6:.0f} MB, of which the server and its libraries {ours / 1e6:.0f} MB, the base the rest")


def size_of(folder: Path) -> int:
    """The bytes of all files below."""
    told = subprocess.run(["du", "-sxb", folder], check=True, capture_output=True, text=True)
    return int(told.stdout.split()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
