"""File access that documents are read and written through: of this machine, or of another file system."""

import os
from contextlib import AbstractContextManager
from typing import IO, Any, Protocol


class FileAccess(Protocol):
    """What a document needs of a file system; the module `tfx.dsl.io.fileio` is one."""

    def exists(self, path: str, /) -> bool:
        """Tells whether there is a file or folder of that path."""

    def makedirs(self, path: str, /) -> None:
        """Makes a folder and those above it; one that exists is left as it is."""

    def open(self, path: str, mode: str, /) -> AbstractContextManager[IO[Any]]:
        """Opens a file, as the built-in `open` does."""


class LocalFiles:
    """The files of this machine."""

    def exists(self, path: str, /) -> bool:
        return os.path.exists(path)

    def makedirs(self, path: str, /) -> None:
        os.makedirs(path, exist_ok=True)

    def open(self, path: str, mode: str, /) -> AbstractContextManager[IO[Any]]:
        return open(path, mode)


LOCAL = LocalFiles()
