"""Runs a server for as long as its owner lives, then stops it and clears up after it.

    python leash.py OWNER_LOCK DIRECTORY REMOVE USER COMMAND...

The owner holds an exclusive lock on the file OWNER_LOCK. However the owner ends (normally, by Ctrl-C, by kill -9), the
kernel frees that lock; then the server gets SIGINT, and the folder REMOVE is removed. COMMAND runs as USER (`-` = as we
are) in DIRECTORY, with DIRECTORY/log as its output. If the server ends by itself, so does the leash, and all stays.

A program of its own, without imports from the tests: it has to outlive the process that starts it.
"""

import fcntl
import pwd
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

STOP_TIMEOUT_SECONDS = 20


def main(owner_lock: Path, directory: Path, remove: Path, user: str, command: list[str]) -> int:
    account = None if user == "-" else pwd.getpwnam(user)
    with (directory / "log").open("ab") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=directory,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
        )
    owner_gone = threading.Event()

    def follow_owner() -> None:
        with owner_lock.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            owner_gone.set()
            server.send_signal(signal.SIGINT)
            try:
                server.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()

    follower = threading.Thread(target=follow_owner, daemon=True)
    follower.start()
    code = server.wait()
    if owner_gone.is_set():
        follower.join()
        shutil.rmtree(remove, ignore_errors=True)
    return code


if __name__ == "__main__":
    # The terminal's Ctrl-C is the owner's business; how the owner ends is what counts here.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lock, directory, remove, user, *command = sys.argv[1:]
    sys.exit(main(Path(lock), Path(directory), Path(remove), user, command))
