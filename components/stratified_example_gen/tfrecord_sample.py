"""Samples the records of TFRecord files."""

import dataclasses
from typing import Any

from google.protobuf.message import DecodeError

from components.stratified_example_gen.table_sample import WHOLE_BYTES, TableSample
from components.stratified_example_gen.tfrecord_table import (
    feature_values,
    framed_records,
    record_ends,
    tfrecord_columns,
)
from components.stratified_example_gen.typed_sample import Rows, sample_rows
from core.errors import InputError


def sample_tfrecord(files: list[str], whole_bytes: int = WHOLE_BYTES) -> TableSample:
    """Reads a sample of TFRecord files of tf.Examples; see `sample_parquet`.

    Of a packed file only the start is read.

    Raises:
        InputError: A file is no TFRecord file of tf.Examples, or there are none in it.
    """
    names = list(tfrecord_columns(files[0]))
    ends = {file: record_ends(file) for file in files}

    def rows_of(file: str, ranges: list[range]) -> Rows:
        if file.endswith(".gz"):
            ranges = [range(sum(map(len, ranges)))]
        for piece in ranges:
            start = ends[file][piece.start - 1] if piece.start else 0
            for _, content in framed_records(file, start, ends[file][piece.stop - 1]):
                yield _features(file, content)

    sample = sample_rows(files, [len(ends[file]) for file in files], names, rows_of, whole_bytes, {})
    return dataclasses.replace(sample, may_name_images=False)


def _features(file: str, content: bytes) -> dict[str, Any]:
    try:
        values = feature_values(content)
    except DecodeError as err:
        raise InputError(f"{file}: a record is no tf.Example.") from err
    return {name: cell[0] if len(cell) == 1 else cell or None for name, cell in values.items()}
