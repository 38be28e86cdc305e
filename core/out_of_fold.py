"""Answers out of fold: what each network says of the records that it was not trained on, as a Parquet file."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.documents.file_access import LOCAL, FileAccess
from core.file_names import OUT_OF_FOLD_ANSWERS

_CLASSES, _MEMBERS = b"classes", b"members"


@dataclass(frozen=True)
class OutOfFold:
    """Answers to the records of train and eval, sorted by key.

    Attributes:
        keys: Keys of the records.
        classes: Names of the classes, in the order of the answers.
        labels: Class indices, int64 `(records,)`.
        folds: int64 `(records,)`, which of the members was not trained on the record.
        log_probabilities: Of all members, float32 `(members, records, classes)`, under one class prior.
    """

    keys: Sequence[str]
    classes: Sequence[str]
    labels: np.ndarray
    folds: np.ndarray
    log_probabilities: np.ndarray

    @property
    def answers(self) -> np.ndarray:
        """What the member that was not trained on the record says, float32 `(records, classes)`."""
        held_out: np.ndarray = self.log_probabilities[self.folds, np.arange(len(self.folds))]
        return held_out

    def write(self, folder: str, files: FileAccess = LOCAL) -> None:
        """Writes the file; equal answers give equal bytes.

        Its columns are `key`, `class`, `fold`, `probabilities`, a list in the order of the classes, and
        `log_probabilities`, all members' one after the other. The names of the classes stand in the schema's metadata.
        """
        members, records, classes = self.log_probabilities.shape
        by_record = np.ascontiguousarray(self.log_probabilities.transpose(1, 0, 2), np.float32)
        table = pa.table(
            {
                "key": pa.array(self.keys, pa.string()),
                "class": pa.array([self.classes[label] for label in self.labels], pa.string()),
                "fold": pa.array(self.folds, pa.int64()),
                "probabilities": _lists(np.exp(self.answers), classes),
                "log_probabilities": _lists(by_record.reshape(records, -1), members * classes),
            }
        )
        names = "\n".join(self.classes).encode()
        table = table.replace_schema_metadata({_CLASSES: names, _MEMBERS: str(members).encode()})
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        files.makedirs(folder)
        with files.open(os.path.join(folder, OUT_OF_FOLD_ANSWERS), "wb") as handle:
            handle.write(sink.getvalue().to_pybytes())

    @classmethod
    def read_if_there(cls, folder: str, files: FileAccess = LOCAL) -> "OutOfFold | None":
        """Reads the file of a folder; None where it holds none."""
        path = os.path.join(folder, OUT_OF_FOLD_ANSWERS)
        if not files.exists(path):
            return None
        with files.open(path, "rb") as handle:
            table = pq.read_table(pa.BufferReader(handle.read()))
        metadata = table.schema.metadata
        classes, members = metadata[_CLASSES].decode().split("\n"), int(metadata[_MEMBERS])
        place = {name: number for number, name in enumerate(classes)}
        values = table["log_probabilities"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        by_record = values.reshape(table.num_rows, members, len(classes))
        return cls(
            table["key"].to_pylist(),
            classes,
            np.array([place[name] for name in table["class"].to_pylist()], np.int64),
            table["fold"].to_numpy().astype(np.int64),
            by_record.transpose(1, 0, 2),
        )


def _lists(values: np.ndarray, width: int) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1), pa.float32()), width)
