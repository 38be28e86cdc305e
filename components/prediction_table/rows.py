"""Table of a model's answers, one row a record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.documents.decision import Decision


@dataclass(frozen=True)
class AnswerTable:
    """Columns of the table, which depend on what the model answers.

    They are `key`, `decision`, `score`, and `p_<class>` in the order of the probabilities; then `expected_cost` of a model whose
    costs depend on the record, `doubt` of one that leaves records to a person, `prediction_set`, the names of its classes as a
    JSON list, of one that answers sets, and `unlikeness` of one that calls records unknown.

    Attributes:
        classes: Names in the order of the probabilities.
        has_doubt: Whether the model answers `doubt`.
        has_sets: Whether the model answers `prediction_set`.
        has_unlikeness: Whether the model answers `unlikeness`.
        has_costs: Whether the model answers `expected_cost`.
    """

    classes: tuple[str, ...]
    has_doubt: bool = False
    has_sets: bool = False
    has_unlikeness: bool = False
    has_costs: bool = False

    @classmethod
    def of(cls, decision: Decision) -> "AnswerTable":
        """Returns the columns of a model that decides as it is described."""
        asked = (decision.abstention, decision.coverage, decision.unknown, decision.rule.costs)
        return cls(decision.classes, *(one is not None for one in asked))

    @property
    def outputs(self) -> list[str]:
        """The outputs that a row is made of."""
        return [
            *("decision", "score", "probabilities"),
            *(["expected_cost"] if self.has_costs else []),
            *(["doubt"] if self.has_doubt else []),
            *(["prediction_set"] if self.has_sets else []),
            *(["unlikeness"] if self.has_unlikeness else []),
        ]

    def header(self) -> list[str]:
        """Names the columns."""
        first = ["key", "decision", "score", *(f"p_{name}" for name in self.classes)]
        return [*first, *self.outputs[3:]]

    def row(self, key: str, answer: Mapping[str, Any]) -> list[str]:
        """Makes a row, figures to six digits.

        Args:
            key: Names the record.
            answer: What the model answers to it, by output.
        """
        cells = [key, answer["decision"].decode(), _figure(answer["score"])]
        cells += map(_figure, answer["probabilities"])
        if self.has_costs:
            cells.append(_figure(answer["expected_cost"]))
        if self.has_doubt:
            cells.append(_figure(answer["doubt"]))
        if self.has_sets:
            held = [name for name, is_in in zip(self.classes, answer["prediction_set"], strict=True) if is_in]
            cells.append(json.dumps(held, ensure_ascii=False))
        if self.has_unlikeness:
            cells.append(_figure(answer["unlikeness"]))
        return cells


def _figure(value: Any) -> str:
    return f"{value:.6g}"
