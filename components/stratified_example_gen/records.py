"""Record as it is read, before anything is decided about it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from core.canonical_text import spelled


@dataclass(frozen=True)
class Record:
    """One labelled record.

    Attributes:
        key: Names the record for people: an image's path, or a table's name and row.
        label: The class, as spelled in the data.
        cells: Raw text of each column that is used, in the table's order; None where it is missing.
        image: The encoded image, or None.
        split: The split the data ask for, or None where it is ours to decide.
        group: What its records must stay in one split with, or None.
        time: Microseconds since 1970, or None.
        label_in_data: The class in the data where a person said which one it is, the same or another; else None.
    """

    key: str
    label: str
    cells: dict[str, str | None] = field(default_factory=dict)
    image: bytes | None = None
    split: str | None = None
    group: str | None = None
    time: int | None = None
    label_in_data: str | None = None

    def digest(self) -> bytes:
        """Returns 16 bytes that are equal exactly for records of equal content, whatever their class.

        Content is equal that the model takes for equal: `3` and `3.0` are one number and one category.
        """
        hasher = hashlib.blake2b(digest_size=16)
        for part in (part for name, cell in self.cells.items() for part in (name, cell and spelled(cell))):
            encoded = b"\x00" if part is None else b"\x01" + part.encode()
            hasher.update(len(encoded).to_bytes(8, "little") + encoded)
        hasher.update(self.image or b"")
        return hasher.digest()


@dataclass(frozen=True)
class BadRecord:
    """A record that cannot be used.

    Attributes:
        key: As in Record.
        why: What is wrong with it, as a sentence without its subject.
        label: The class that it would have had, or None where that is not known.
        is_removed: Whether nothing is wrong with it but that a person had it left out.
    """

    key: str
    why: str
    label: str | None = None
    is_removed: bool = False


@dataclass(frozen=True)
class LeftOut:
    """Something in the data that is no record at all, such as a file that no class's folder is to hold.

    Attributes:
        key: Names it for people, as a record of it would be named.
        why: Why it is left out, as a sentence without its subject.
    """

    key: str
    why: str


@dataclass(frozen=True)
class Chunk:
    """A piece of the data that one worker reads at a time; what it holds depends on the data alone.

    Attributes:
        split: The split its records are given by the data, or None.
        files: Paths relative to the source's root. One for a table, many for a folder of images.
        start: First byte of a table's piece.
        end: Byte after its last.
        first_row: Row number (1 is the first row under the header) of its first record.
    """

    split: str | None
    files: tuple[str, ...]
    start: int = 0
    end: int = 0
    first_row: int = 0


class Source(Protocol):
    """A format of data: how it falls into chunks, and how a chunk is read.

    What it holds is in exactly one of `read`'s records, `read`'s bad records, and `left_out`.
    """

    def chunks(self) -> list[Chunk]: ...

    def read(self, chunk: Chunk) -> Iterator[Record | BadRecord]: ...

    def left_out(self) -> list[LeftOut]:
        """Lists what it holds beside records, sorted by key."""

    def notes(self) -> list[str]:
        """Says, in sentences for people, what was decided about how to read it."""
