"""Writes and copies files atomically: whole or not at all."""

import contextlib
import os
import shutil
from collections.abc import Iterator

UNFINISHED = ".part"


def copy_atomically(source: str, place: str) -> None:
    """Copies a file over what is there, which stays until the copy is complete."""
    with _beside(place) as unfinished:
        shutil.copyfile(source, unfinished)


def write_atomically(content: bytes, place: str) -> None:
    """Writes a file over what is there, which stays until the new one is complete."""
    with _beside(place) as unfinished, open(unfinished, "wb") as handle:
        handle.write(content)


@contextlib.contextmanager
def _beside(place: str) -> Iterator[str]:
    folder, name = os.path.split(place)
    unfinished = os.path.join(folder, f".{name}{UNFINISHED}")
    try:
        yield unfinished
        os.replace(unfinished, place)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(unfinished)
