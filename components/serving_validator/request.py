"""A request to a served model, and whether it should have an answer."""

from dataclasses import dataclass
from typing import Literal

Expectation = Literal["answer", "refuse"]


@dataclass(frozen=True)
class Request:
    """Records of one kind, asked as one batch, and one by one where the batch fails.

    Attributes:
        kind: What is special about the records, for people.
        expected: `answer`: every record gets finite numbers, those of the Python model. `refuse`: no record
            gets an answer, and the process lives on.
        examples: Serialised tf.Examples; there may be none.
        subjects: What each of them is, for people.
    """

    kind: str
    expected: Expectation
    examples: tuple[bytes, ...]
    subjects: tuple[str, ...]
