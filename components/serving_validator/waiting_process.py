"""Process that has imported TensorFlow and waits for what to ask: importing takes longer than asking."""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
from multiprocessing.connection import Connection

from components.serving_validator import replay

_PR_SET_PDEATHSIG = 1
# It must take over what its parent has imported.
_forking = multiprocessing.get_context("fork")


class WaitingProcess:
    """A fork of the present process, which must have imported TensorFlow and neither used it nor the network's code.

    It lives no longer than its parent, does one piece of work, and ends.
    """

    def __init__(self) -> None:
        work, self._orders = _forking.Pipe(duplex=False)
        self._process = _forking.Process(target=_wait, args=(work, os.getpid()), daemon=True)
        self._process.start()
        work.close()

    def replay(self, model_folder: str, folder: str, stdout: str, stderr: str, time_limit: float) -> int:
        """Asks the model; see replay.main.

        Args:
            model_folder: Of the SavedModel.
            folder: Holds the requests; gets the answers.
            stdout: File for what is printed.
            stderr: File for errors and for what TensorFlow logs.
            time_limit: Seconds the process has.

        Returns:
            Exit status, negative where a signal ended it.

        Raises:
            subprocess.TimeoutExpired: It did not end in time; it is killed.
        """
        self._orders.send((model_folder, folder, stdout, stderr))
        self._process.join(time_limit)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
            raise subprocess.TimeoutExpired(replay.__name__, time_limit)
        return self._process.exitcode

    @property
    def is_alive(self) -> bool:
        """Whether it waits still."""
        return self._process.is_alive()


def _wait(work: Connection, parent: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # With whoever asks gone nobody gives work or reads answers.
    if os.getppid() != parent:
        return
    # A run that is interrupted says so once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    model_folder, folder, *paths = work.recv()
    for number, path in zip((1, 2), paths, strict=True):
        # TensorFlow writes to the numbers, Python to its own objects.
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, closefd=False) for number in (1, 2))
    replay.main(model_folder, folder)
