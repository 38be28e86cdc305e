"""Index of the data: what planning the splits needs of every record, chunk by chunk."""

import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from components.stratified_example_gen.columns import Tally
from components.stratified_example_gen.images.near_duplicates import difference_hash
from components.stratified_example_gen.plan import UNGIVEN
from components.stratified_example_gen.records import BadRecord, Record
from components.stratified_example_gen.settings import SPLITS


@dataclass
class Index:
    """What one chunk holds.

    Attributes:
        keys: Key of every good record, in reading order.
        classes: Names of the classes seen, in order of appearance.
        labels: int32 `(records,)`, index into `classes`.
        digests: uint64 `(records, 2)`.
        given: int8 `(records,)`, index into SPLITS or UNGIVEN.
        tallies: Column to what it holds.
        bad: The records that cannot be used.
        groups: Group of every good record; empty where there are no groups.
        hashes: uint64 `(records,)`, what the images look like; empty where there are no images.
        times: int64 `(records,)`, microseconds since 1970; empty where there are no times.
        corrected: Key, class in the data and class of each record of which a person said what it is.
    """

    keys: list[str]
    classes: list[str]
    labels: np.ndarray
    digests: np.ndarray
    given: np.ndarray
    tallies: dict[str, Tally] = field(default_factory=dict)
    bad: list[BadRecord] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    hashes: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint64))
    times: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    corrected: list[tuple[str, str, str]] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        words = {
            "classes": self.classes,
            "tallies": {column: asdict(tally) for column, tally in self.tallies.items()},
            "bad": [asdict(record) for record in self.bad],
            "groups": self.groups,
            "corrected": self.corrected,
        }
        arrays = {name: getattr(self, name) for name in ("labels", "digests", "given", "hashes", "times")}
        buffer = io.BytesIO()
        np.savez(buffer, **arrays, words=_as_array(words), keys=_as_array(self.keys))
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes, with_keys: bool = True) -> "Index":
        """Reads an index; without the keys it takes a few bytes a record, whatever the keys are."""
        arrays = np.load(io.BytesIO(content), allow_pickle=False)
        words = json.loads(arrays["words"].tobytes())
        return cls(
            json.loads(arrays["keys"].tobytes()) if with_keys else [],
            words["classes"],
            arrays["labels"],
            arrays["digests"],
            arrays["given"],
            {column: Tally.from_words(tally) for column, tally in words["tallies"].items()},
            [BadRecord(**record) for record in words["bad"]],
            words["groups"],
            arrays["hashes"],
            arrays["times"],
            corrected=[(key, was, label) for key, was, label in words["corrected"]],
        )


def _as_array(content: Any) -> np.ndarray:
    return np.frombuffer(json.dumps(content).encode(), np.uint8)


def index_records(records: Iterator[Record | BadRecord], max_pixels: int) -> Index:
    """Reads a chunk's records and keeps only what the plan needs of them.

    Args:
        records: The chunk's records.
        max_pixels: See `image_defect`.
    """
    keys, labels, given, bad = [], [], [], []
    groups: list[str] = []
    hashes: list[int] = []
    times: list[int] = []
    corrected: list[tuple[str, str, str]] = []
    digests = bytearray()
    classes: dict[str, int] = {}
    tallies: dict[str, Tally] = {}
    for record in records:
        if isinstance(record, BadRecord):
            bad.append(record)
            continue
        keys.append(record.key)
        labels.append(classes.setdefault(record.label, len(classes)))
        given.append(UNGIVEN if record.split is None else SPLITS.index(record.split))
        digests += record.digest()
        if record.image is not None:
            hashes.append(difference_hash(record.image, max_pixels))
        if record.group is not None:
            groups.append(record.group)
        if record.time is not None:
            times.append(record.time)
        if record.label_in_data is not None:
            corrected.append((record.key, record.label_in_data, record.label))
        for column, cell in record.cells.items():
            tallies.setdefault(column, Tally()).add(record.key, cell)
    return Index(
        keys,
        list(classes),
        np.array(labels, np.int32),
        np.frombuffer(bytes(digests), "<u8").reshape(-1, 2),
        np.array(given, np.int8),
        tallies,
        bad,
        groups,
        np.array(hashes, np.uint64),
        np.array(times, np.int64),
        corrected=corrected,
    )
