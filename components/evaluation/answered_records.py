"""The test records as models answered them: what charts, comparisons and examples of mistakes are made of."""

import io
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TestRecords:
    """Answers to the test records, one row each.

    Attributes:
        classes: Class names in index order.
        keys: Record keys, `(n,)`.
        labels: Class indices, int64 `(n,)`.
        decisions: Class indices, int64 `(n,)`.
        probabilities: Float32 `(n, classes)`.
        raw_probabilities: The network's before calibration, float32 `(n, classes)`.
        baseline_decisions: Of the last blessed model, int64 `(n,)`, -1 for a class of its own; or None.
        baseline_probabilities: Float32 `(n, classes)`, or None.
    """

    # pytest takes what is named Test for a test.
    __test__ = False

    classes: tuple[str, ...]
    keys: np.ndarray
    labels: np.ndarray
    decisions: np.ndarray
    probabilities: np.ndarray
    raw_probabilities: np.ndarray
    baseline_decisions: np.ndarray | None = None
    baseline_probabilities: np.ndarray | None = None

    def to_bytes(self) -> bytes:
        """Packs the records; equal records give equal bytes."""
        arrays = {
            name: np.asarray([text.encode() for text in value] if name in ("classes", "keys") else value)
            for name, value in vars(self).items()
            if value is not None
        }
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, packed: bytes) -> "TestRecords":
        """Unpacks what `to_bytes` made."""
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            content = {name: arrays[name] for name in arrays.files}
        content["classes"] = tuple(name.decode() for name in content["classes"].tolist())
        content["keys"] = np.array([key.decode() for key in content["keys"].tolist()], dtype=object)
        return cls(**content)
