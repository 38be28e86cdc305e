"""Finds and opens the files of a table; waits for no pipe, and reports damaged archives as such."""

import glob
import gzip
import io
import os
import stat
import zlib
from typing import Any, BinaryIO, cast

from components.stratified_example_gen.records import LeftOut
from core.errors import InputError

_KINDS = {
    stat.S_IFDIR: "is a folder",
    stat.S_IFIFO: "is a named pipe",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}
_GZIP_START = b"\x1f\x8b"


def why_no_file(path: str) -> str | None:
    """Says what a path leads to that is no file to read, as a sentence without its subject; None for a file.

    Nothing is opened: a named pipe would be waited for, and a device may never end.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return "is a link to nothing" if _is_link(path) else "does not exist"
    return None if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "is no file")


def _is_link(path: str) -> bool:
    try:
        return os.path.islink(path)
    except ValueError:  # A zero byte.
        return False


def matching_files(path: str) -> list[str]:
    """Returns the files that a path names: itself, or, with `*`, `?` or `[`, all that match, sorted.

    Raises:
        InputError: Where there are none, or the path is a folder, a pipe, a socket or a device.
    """
    if why_no_file(path) is None:
        return [path]
    matches = _matches(path)
    found = [match for match in matches if why_no_file(match) is None]
    if not found:
        state = why_no_file(path) or ""
        if matches and path not in matches:
            state = f"matches no file: {matches[0]} {why_no_file(matches[0])}"
        raise InputError(
            f"data.path: the table {path!r} {state}. Name a file, or several by a pattern as in part-*.csv."
        )
    return found


def files_passed_over(path: str) -> list[LeftOut]:
    """Lists what a pattern matches beside files, under the paths they have."""
    if why_no_file(path) is None:
        return []
    return [
        LeftOut(match, f"matches {path}, but {why}")
        for match in _matches(path)
        if (why := why_no_file(match))
    ]


def has_matches(pattern: str) -> bool:
    """Tells whether a path or a pattern leads to anything at all, be it no file."""
    return bool(_matches(pattern))


def _matches(pattern: str) -> list[str]:
    return [] if "\0" in pattern else sorted(glob.glob(pattern))


def open_bytes(path: str) -> BinaryIO:
    """Opens a file for reading, unpacking it where its name ends with .gz.

    Raises:
        InputError: It is no file, or may not be read. Reading raises it too, where what is packed is damaged or
            cut short.
    """
    why = why_no_file(path)
    if why is not None:
        raise InputError(f"{path} {why}. Name a file.")
    try:
        handle = open(path, "rb")  # noqa: SIM115 (the caller closes it)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    if not path.endswith(".gz"):
        return handle
    start = handle.read(len(_GZIP_START))
    if start and start != _GZIP_START:
        handle.close()
        raise InputError(f"{path} is no gzip file, though its name ends with .gz. Rename it, or pack it.")
    handle.seek(0)
    return cast(BinaryIO, io.BufferedReader(_Unpacked(path, handle)))


class _Unpacked(io.RawIOBase):
    """What a gzip file holds; damage is an InputError, wherever it is met."""

    def __init__(self, path: str, handle: BinaryIO):
        self._path, self._handle = path, handle
        self._file = gzip.GzipFile(fileobj=handle, mode="rb")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            content = self._file.read(len(buffer))
        except (EOFError, OSError, zlib.error) as error:
            raise self._damage(error) from error
        buffer[: len(content)] = content
        return len(content)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        try:
            return self._file.seek(offset, whence)
        except (EOFError, OSError, zlib.error) as error:
            raise self._damage(error) from error

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()
        self._handle.close()
        super().close()

    def _damage(self, error: Exception) -> InputError:
        state = "is cut short" if isinstance(error, EOFError) else f"is damaged ({error})"
        return InputError(f"{self._path}: the gzip file {state}. Fetch or pack it again.")
