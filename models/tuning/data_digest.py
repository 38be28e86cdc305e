"""Names data by what is in them, so that a search is taken up on the same data alone."""

import hashlib
import os
from collections.abc import Iterable, Iterator

from tfx.dsl.io import fileio

_BLOCK = 2**20


def data_digest(patterns: Iterable[str], folder: str) -> str:
    """Returns the SHA-256 of the content of files and of all that lies below a folder.

    Not of their paths: these are numbered by the metadata store, and with a store that was lost the numbers
    come again, for other data.

    Args:
        patterns: Of the files, in this order.
        folder: The folder.
    """
    digest = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(fileio.glob(pattern)):
            _add(digest, os.path.basename(path), path)
    for name, path in sorted(_files(folder)):
        _add(digest, name, path)
    return digest.hexdigest()


def _files(folder: str) -> Iterator[tuple[str, str]]:
    for parent, _, names in fileio.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            yield os.path.relpath(path, folder), path


def _add(digest: "hashlib._Hash", name: str, path: str) -> None:
    of_file = hashlib.sha256()
    with fileio.open(path, "rb") as handle:
        while block := handle.read(_BLOCK):
            of_file.update(block)
    # Of the name and of a digest of fixed length: where one file ends decides, too.
    digest.update(f"{name}\0{of_file.hexdigest()}\n".encode())
