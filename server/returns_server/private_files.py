"""Files that only their owner can read, whole or not there."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def private_folder(path: Path) -> None:
    """Make a folder that nobody else can enter; one that is there stays as it is, whoever made it had reasons."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def private_file(path: Path) -> None:
    """Make an empty file that nobody else can read, where there is none, and its folder.

    Where that cannot be, whoever opens it says why.
    """
    private_folder(path.parent)
    with suppress(OSError):
        write_new(path, b"", 0o600)


def create_private_file(path: Path, content: bytes) -> None:
    """Write a file that nobody else can read, whole or not at all. If another process is first, its file stays."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    write_new(unfinished, content, 0o600)
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is not there yet; raises FileExistsError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
