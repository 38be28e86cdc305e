"""Test records with the models' answers, of which charts, comparisons and examples of mistakes are made."""

import io
from dataclasses import dataclass

import numpy as np

# Decisions for no class.
LEFT_TO_A_PERSON, CALLED_UNKNOWN = -1, -2


@dataclass(frozen=True)
class Answers:
    """A model's answers to the test records.

    Attributes:
        decisions: Class indices, int `(n,)`; -1 for a class that the other model does not know, and for an abstention; -2
            for a record that is called unknown.
        probabilities: Float `(n, classes)`.
    """

    decisions: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class AnsweredRecords:
    """Answers to the test records, one row each.

    Attributes:
        classes: Class names in index order.
        keys: Record keys, `(n,)`.
        labels: Class indices, int64 `(n,)`.
        decisions: Class indices, int64 `(n,)`.
        probabilities: Float32 `(n, classes)`.
        raw_probabilities: The network's before calibration, float32 `(n, classes)`.
        baseline_decisions: Of the last blessed model, int64 `(n,)`, -1 for a class of its own or where it does not decide; or
            None.
        baseline_probabilities: Float32 `(n, classes)`, or None.
        abstained: Whether the record is left to a person, bool `(n,)`, in which case the decision is what it would be
            otherwise; None where the model does not abstain.
        unlikeness: How unlike all that was trained on the record is, float32 `(n,)`; None where the model does not say.
        unknown: Whether the record is called unknown, bool `(n,)`, whatever is abstained on; None likewise.
        amounts: What the costs of each record are made of, float64 `(n, columns)`, the columns sorted by name; None where
            they depend on no column.
    """

    classes: tuple[str, ...]
    keys: np.ndarray
    labels: np.ndarray
    decisions: np.ndarray
    probabilities: np.ndarray
    raw_probabilities: np.ndarray
    baseline_decisions: np.ndarray | None = None
    baseline_probabilities: np.ndarray | None = None
    abstained: np.ndarray | None = None
    unlikeness: np.ndarray | None = None
    unknown: np.ndarray | None = None
    amounts: np.ndarray | None = None

    @property
    def candidate(self) -> Answers:
        """The answers of the model itself, below 0 where it does not decide: such a record is not found by the model."""
        decisions = self.decisions
        for withheld, word in ((self.abstained, LEFT_TO_A_PERSON), (self.unknown, CALLED_UNKNOWN)):
            if withheld is not None:
                decisions = np.where(withheld, word, decisions)
        return Answers(decisions, self.probabilities)

    @property
    def baseline(self) -> Answers | None:
        """The answers of the last blessed model, or None."""
        if self.baseline_decisions is None or self.baseline_probabilities is None:
            return None
        return Answers(self.baseline_decisions, self.baseline_probabilities)

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
    def from_bytes(cls, packed: bytes) -> "AnsweredRecords":
        """Unpacks what `to_bytes` made."""
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            content = {name: arrays[name] for name in arrays.files}
        content["classes"] = tuple(name.decode() for name in content["classes"].tolist())
        content["keys"] = np.array([key.decode() for key in content["keys"].tolist()], dtype=object)
        return cls(**content)
