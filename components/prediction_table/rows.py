"""Table of a model's answers, one row a record."""

from collections.abc import Iterable, Sequence
from typing import Any


def header(classes: Sequence[str]) -> list[str]:
    """Names the columns: `key`, `decision`, `score`, and `p_<class>` in the order of the probabilities."""
    return ["key", "decision", "score", *(f"p_{name}" for name in classes)]


def answer_row(key: str, decision: bytes, score: Any, probabilities: Iterable[Any]) -> list[str]:
    """Makes a row, figures to six digits.

    Args:
        key: Names the record.
        decision: The class's name in UTF-8.
        score: Its probability.
        probabilities: Of every class.
    """
    return [key, decision.decode(), _figure(score), *map(_figure, probabilities)]


def _figure(value: Any) -> str:
    return f"{value:.6g}"
