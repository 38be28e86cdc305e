"""Reads TFRecord files of tf.Examples in pieces of bytes, without TensorFlow."""

import os
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from google.protobuf.message import DecodeError

from components.stratified_example_gen.parquet_table import as_cells, readable_texts
from components.stratified_example_gen.records import BadRecord, Chunk, Record
from components.stratified_example_gen.table import Table, matching_files, open_bytes
from components.stratified_example_gen.wire_example import Example
from core.errors import InputError

BYTES_PER_CHUNK = 64 * 2**20
MAX_RECORD_BYTES = 256 * 2**20
# A record is framed by its length, the length's checksum, and behind it its own checksum.
_HEAD, _FOOT = struct.Struct("<QI"), 4


def framed_records(path: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Reads the records of a TFRecord file.

    Args:
        path: The file; one that ends with .gz is unpacked.
        start: Offset of the first record, in unpacked bytes.
        end: Offset to stop before, or None for the file's end.

    Yields:
        The offset behind a record, and the record.

    Raises:
        InputError: Where the file is cut short or no TFRecord file.
    """
    with open_bytes(path) as handle:
        handle.seek(start)
        offset = start
        while end is None or offset < end:
            head = handle.read(_HEAD.size)
            if not head:
                return
            length = _length(head)
            content = handle.read(length) if length <= MAX_RECORD_BYTES else b""
            if len(content) != length or len(handle.read(_FOOT)) != _FOOT:
                raise InputError(f"{path}: not a TFRecord file, or cut short at byte {offset}.")
            offset += _HEAD.size + length + _FOOT
            yield offset, content


def _length(head: bytes) -> int:
    return int(_HEAD.unpack(head)[0]) if len(head) == _HEAD.size else MAX_RECORD_BYTES + 1


def record_ends(path: str) -> array:
    """Finds the offset behind every record without reading the records.

    Raises:
        InputError: Where the file is no TFRecord file.
    """
    ends = array("q")
    offset = 0
    with open_bytes(path) as handle:
        while head := handle.read(_HEAD.size):
            length = _length(head)
            if length > MAX_RECORD_BYTES:
                raise InputError(f"{path}: not a TFRecord file, or cut short at byte {offset}.")
            offset = handle.seek(length + _FOOT, os.SEEK_CUR)
            ends.append(offset)
    return ends


def tfrecord_columns(path: str) -> tuple[str, ...]:
    """Names the features that any record of a file has, sorted: a record leaves out what is missing.

    Raises:
        InputError: The file holds no tf.Examples.
    """
    state = os.stat(path) if os.path.isfile(path) else None
    return _columns_of(path, state and (state.st_size, state.st_mtime_ns))


@lru_cache
def _columns_of(path: str, _state: tuple[int, int] | None) -> tuple[str, ...]:
    names: set[str] = set()
    for number, (_, content) in enumerate(framed_records(path)):
        try:
            names.update(Example.FromString(content).features.feature)
        except DecodeError as err:
            # One among good ones is for the reading to name.
            if not names:
                raise InputError(f"{path}: record {number + 1} is no tf.Example.") from err
    if not names:
        raise InputError(f"{path}: the file holds no records.")
    return tuple(sorted(names))


def feature_values(content: bytes) -> dict[str, list[Any]]:
    """Reads the features of a serialised tf.Example: name to its values."""
    values = {}
    for name, feature in Example.FromString(content).features.feature.items():
        kind = feature.WhichOneof("kind")
        values[name] = list(getattr(feature, kind).value) if kind else []
    return values


@dataclass(frozen=True)
class TfRecordTable(Table):
    """TFRecord files of tf.Examples as a source of records; see Table. The image column holds encoded images."""

    bytes_per_chunk: int = BYTES_PER_CHUNK

    def chunks(self) -> list[Chunk]:
        chunks = []
        for split, pattern in self.files.items():
            for path in matching_files(pattern):
                start, first_row, offset, number = 0, 1, 0, 0
                for number, (offset, _) in enumerate(framed_records(path), start=1):
                    if offset - start >= self.bytes_per_chunk:
                        chunks.append(Chunk(split, (path,), start, offset, first_row))
                        start, first_row = offset, number + 1
                if offset > start:
                    chunks.append(Chunk(split, (path,), start, offset, first_row))
        return chunks

    def read(self, chunk: Chunk) -> Iterator[Record | BadRecord]:
        path, file = chunk.files[0], self.file_name(chunk)
        used = [*self.columns, *self.named]
        for number, (_, content) in enumerate(
            framed_records(path, chunk.start, chunk.end), start=chunk.first_row
        ):
            key = f"{file}, row {number}"
            try:
                values = feature_values(content)
                image = (values.pop(self.image, None) or [b""])[0] if self.image is not None else None
                cells = as_cells({name: _one_or_several(values.get(name, [])) for name in used})
            except (DecodeError, ValueError) as error:
                yield BadRecord(key, f"cannot be read ({error})")
                continue
            if self.image is not None:
                cells[self.image] = f"{len(image or b'')} bytes"
            yield self.record(key, cells, chunk.split, os.path.dirname(path), image)


def _one_or_several(values: list[Any]) -> Any:
    return values if len(values) > 1 else values[0] if values else None


def tfrecord_labels(path: str, label: str) -> Iterator[str]:
    """Yields the label of every record that has a readable one, as it is spelled."""
    for _, content in framed_records(path):
        try:
            values = feature_values(content).get(label, [])
        except DecodeError:
            continue
        if len(values) <= 1:
            yield from readable_texts(values or [None])


def first_tfrecord_rows(split: str | None, path: str, most_rows: int) -> tuple[Chunk, bool]:
    """Returns the chunk of a file's first records, and whether these are all."""
    end, is_all = 0, True
    for number, (offset, _) in enumerate(framed_records(path)):
        if number == most_rows:
            is_all = False
            break
        end = offset
    return Chunk(split, (path,), 0, end, 1), is_all
