"""Ends the child processes of a process and removes its temporary files, however it ends.

`python -I -S reaper.py PID MARK FOLDER`. A process that is killed can clean up nothing, and what it had started
goes on: Beam's workers, a model that is asked in a process of its own. So this program, which needs neither this
project nor any library, waits for the process to end; it then kills all that carry the process's mark in their
environment, which every process hands on to those it starts, and removes the folder.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import time
import uuid
from typing import IO

MARK = "COUNTERPOISE_PROCESS"
_SECONDS_BETWEEN_LOOKS = 0.05
_SECONDS_TO_DIE = 20


def new_mark() -> str:
    """Returns what the environment variable MARK of a process and of all that it starts is to be."""
    return uuid.uuid4().hex


def start_reaper(pid: int, mark: str, folder: str, lock: IO[str] | None = None) -> "subprocess.Popen[bytes]":
    """Starts the program.

    Args:
        pid: The process to wait for.
        mark: Its MARK.
        folder: Removed at the end.
        lock: Held until all is gone, so that nobody takes the place of what is still being ended.
    """
    return subprocess.Popen(
        [sys.executable, "-I", "-S", os.path.abspath(__file__), str(pid), mark, folder],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Without the mark it does not end itself, nor does that of an outer process end it.
        env={},
        # Whoever ends a group of processes does not end this one.
        start_new_session=True,
        pass_fds=[lock.fileno()] if lock is not None else [],
    )


def main() -> None:
    """Waits for the process named on the command line and ends what it leaves."""
    pid, mark, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    _wait_for(pid)
    end_marked(mark)
    shutil.rmtree(folder, ignore_errors=True)


def _wait_for(pid: int) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    except OSError:
        # A kernel without such descriptors.
        while os.path.exists(f"/proc/{pid}"):
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        return
    select.select([descriptor], [], [])


def end_marked(mark: str) -> None:
    """Kills every process that carries a mark, the caller's own apart where it got the mark after its start."""
    deadline = time.monotonic() + _SECONDS_TO_DIE
    # One that is just being started shows no environment yet, and is found by the next look.
    was_empty = False
    while time.monotonic() < deadline:
        found = _marked(mark)
        if was_empty and not found:
            return
        was_empty = not found
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _marked(mark: str) -> list[int]:
    wanted = f"{MARK}={mark}".encode()
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        # Most processes are not this user's, and any may end meanwhile.
        with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as handle:
            if wanted in handle.read().split(b"\0"):
                found.append(int(name))
    return found


if __name__ == "__main__":
    main()
