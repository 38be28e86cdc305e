"""Watches whether the output folder is taken away under a run."""

import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import IO

from pipeline.output.store_check import STORE_FILE

_SECONDS_BETWEEN_LOOKS = 1.0


class FolderWatch:
    """Looks again and again whether what a run works with is still the same file or folder.

    A run that went on would make the folder anew, with what is missing in it taken for never made.

    Attributes:
        lost: What was removed, moved away or replaced, or None.
    """

    def __init__(
        self, output: str, lock: IO[str], on_loss: Callable[[], None], seconds: float = _SECONDS_BETWEEN_LOOKS
    ):
        """Initialises the watch.

        Args:
            output: The run's output folder.
            lock: The file in it that the run holds, open.
            on_loss: Called once, in a thread of its own.
            seconds: Between looks.
        """
        self.lost: str | None = None
        self._paths = [output, lock.name, *(os.path.join(output, name) for name in (STORE_FILE, "artifacts"))]
        # Should the folder be gone already, the file that is held is another than the one that is there.
        status = os.fstat(lock.fileno())
        self._seen = {lock.name: (status.st_dev, status.st_ino)}
        self._on_loss, self._seconds = on_loss, seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="folder_watch", daemon=True)

    def __enter__(self) -> "FolderWatch":
        self.check()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def check(self) -> bool:
        """Tells whether all is there; what was not there before is watched from now on."""
        for path in self._paths:
            try:
                status = os.stat(path)
            except FileNotFoundError:
                found = None
            except OSError:
                # A file system that does not answer at the moment has lost nothing yet.
                continue
            else:
                found = (status.st_dev, status.st_ino)
            if self._seen.get(path, found) != found:
                self.lost = self.lost or path
                return False
            if found is not None:
                self._seen[path] = found
        return True

    def _watch(self) -> None:
        while not self._ended.wait(self._seconds):
            if not self.check():
                self._on_loss()
                return


def explain_loss(path: str) -> str:
    """Says what a run that lost its folder ended for."""
    return (
        f"{path} was removed, moved away or replaced while the run was writing; the run was stopped. Nothing else may "
        "touch the output folder of a run. The same command begins anew, or goes on if it is put back."
    )
