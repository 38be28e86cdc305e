"""Starts the process that does the work of a run, reads its events, and ends it with all that it started."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import IO

from pipeline.events import Event
from pipeline.reaper import MARK, new_mark, start_reaper

_SECONDS_TO_STOP = 10


class RunProcess:
    """The process that does the work of a run, from its start to its end.

    Args:
        job: The experiment, the output folder and Beam's arguments as JSON; see `local_runner`.
        log: Where it writes what it says, as do all that it starts.
        lock: The run's lock, which it holds too.
        scratch: Folder of its temporary files; goes with it.
    """

    def __init__(self, job: str, log: IO[bytes], lock: IO[str], scratch: str):
        mark = new_mark()
        reading, writing = os.pipe()
        environment = {"TF_CPP_MIN_LOG_LEVEL": "1", "PYTHONWARNINGS": "ignore", **os.environ}
        environment |= {"TMPDIR": scratch, MARK: mark}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.local_runner", str(writing), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            # The child holds the lock too: should the parent be killed, the folder is free once both are gone.
            pass_fds=[writing, lock.fileno()],
            env=environment,
            # Ctrl-C reaches the parent alone, which then stops the child in order.
            start_new_session=True,
        )
        self._reaper = start_reaper(self._process.pid, mark, scratch, lock)
        os.close(writing)
        self._pipe = os.fdopen(reading)
        assert self._process.stdin is not None
        self._process.stdin.write(job.encode())
        self._process.stdin.close()

    def events(self) -> Iterator[Event]:
        """Yields what the process reports, until it ends."""
        for line in self._pipe:
            # Of a process that was killed in mid-sentence the last line has no end.
            if line.endswith("\n"):
                yield json.loads(line)

    def wait(self) -> int:
        """Waits until the process and all that it started have ended, and returns its exit status."""
        status = self._process.wait()
        self._reaper.wait()
        return status

    def kill(self) -> None:
        """Ends the process at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def interrupt(self) -> None:
        """Has the process stop in order, and ends it where it takes too long."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_STOP)
            os.killpg(self._process.pid, signal.SIGKILL)
        self.wait()
