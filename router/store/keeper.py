# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Keeps one PostgreSQL server alive for as long as anybody uses it; run as a program of its own.

Every process that uses the server holds a shared lock on the file ``users``; the kernel lets go of it however
the process ends. The keeper waits for the exclusive lock: when it gets it, nobody is left, and it stops the
server. So no process has to outlive the others, and none left behind by kill -9 keeps a server running.
It restarts a server that died, and the server is stopped by the kernel when the keeper itself is killed.

Only the standard library is imported: it starts in some twenty milliseconds.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

__all__ = ["end_leftovers", "main", "processes_in"]

_STOP_SECONDS = 60.0
_LEFTOVER_SECONDS = 20.0
_QUICK_DEATHS = 5
_LASTING_SECONDS = 10.0


def processes_in(folder: int) -> list[int]:
    """Return the processes of PostgreSQL whose current directory is the one open as `folder`."""
    wanted = os.fstat(folder)
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            there = (entry / "cwd").stat()
            program = (entry / "exe").readlink().name.split(" ")[0]
        except OSError:  # gone, or another user's
            continue
        if program == "postgres" and (there.st_dev, there.st_ino) == (wanted.st_dev, wanted.st_ino):
            found.append(int(entry.name))
    return sorted(found)


def _postmaster(folder: int) -> int | None:
    try:
        with open("postmaster.pid", opener=lambda name, flags: os.open(name, flags, dir_fd=folder)) as file:
            return int(file.readline())
    except (OSError, ValueError):
        return None


def end_leftovers(folder: int) -> None:
    """Stop what an earlier server left running in its folder, gently first, and a lock file that names a stranger.

    PostgreSQL refuses to start while its lock file names a living process. After a restart of the machine or
    container that number may belong to anybody.
    """
    deadline = time.monotonic() + _LEFTOVER_SECONDS
    sent = None
    while processes := processes_in(folder):
        left = deadline - time.monotonic()
        wanted = signal.SIGINT if left > 5 else signal.SIGQUIT if left > 0 else signal.SIGKILL
        if wanted is not sent:
            postmaster = _postmaster(folder)
            for pid in [postmaster] if postmaster in processes and wanted != signal.SIGKILL else processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, wanted)
            sent = wanted
        time.sleep(0.05)
    if _postmaster(folder) is not None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink("postmaster.pid", dir_fd=folder)


class _Keeper:
    def __init__(self, command: list[str], folder: int) -> None:
        self.command = command
        self.folder = folder
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.server: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        deaths = 0
        while True:
            end_leftovers(self.folder)
            with self.lock:
                if self.stopping.is_set():
                    return 0
                started = time.monotonic()
                self.server = subprocess.Popen(self.command, pass_fds=[self.folder], cwd="/", start_new_session=True)
            status = self.server.wait()
            if self.stopping.is_set():
                return 0
            deaths = deaths + 1 if time.monotonic() - started < _LASTING_SECONDS else 0
            sys.stderr.write(f"the server ended with status {status}\n")
            if deaths >= _QUICK_DEATHS:
                return 1
            time.sleep(0.1 * 2**deaths)

    def stop_when_unused(self, users: int) -> None:
        fcntl.flock(users, fcntl.LOCK_EX)
        with self.lock:
            self.stopping.set()
            server = self.server
        if server is None:
            return
        for wanted in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                server.send_signal(wanted)
            deadline = time.monotonic() + _STOP_SECONDS
            while time.monotonic() < deadline:
                if server.poll() is not None:
                    return
                time.sleep(0.02)


def main(arguments: list[str]) -> int:
    """Keep a server; returns 0 when it was stopped because nobody uses it, 3 when another keeper is at work.

    Parameters
    ----------
    arguments
        One JSON object: ``cluster`` and ``locks`` (folders) and ``command``, in which ``{folder}`` stands for
        the path under which the server reaches its open folder.
    """
    plan = json.loads(arguments[0])
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The ones who use the server stop it by letting go; a signal to the whole process group must not cut
        # them off in the middle of their last transaction.
        signal.signal(ignored, signal.SIG_IGN)
    locks = Path(plan["locks"])
    mine = os.open(locks / "keeper", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 3
    users = os.open(locks / "users", os.O_RDWR | os.O_CREAT, 0o600)
    folder = os.open(plan["cluster"], os.O_RDONLY | os.O_DIRECTORY)
    command = [part.replace("{folder}", f"/proc/self/fd/{folder}") for part in plan["command"]]
    keeper = _Keeper(command, folder)
    threading.Thread(target=keeper.stop_when_unused, args=(users,), daemon=True).start()
    return keeper.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
