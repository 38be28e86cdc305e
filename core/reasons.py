"""Reasons for a decision: the columns that moved it most, written for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What the signature `explain` says of a cell in its output `cells`.
KNOWN, MISSING_CELL, UNSEEN_CELL = "known", "missing", "not seen in train"
# The outputs that reasons are made of.
REASON_OUTPUTS = ("contributions", "columns", "cells")


@dataclass(frozen=True)
class Reason:
    """A column's part in a decision.

    Attributes:
        column: Its name.
        value: Its value as text, "" where it is missing.
        cell: KNOWN, MISSING_CELL or UNSEEN_CELL.
        contribution: Its part in the log-odds of the class decided for; above 0 speaks for it.
    """

    column: str
    value: str
    cell: str
    contribution: float

    def __str__(self) -> str:
        """Writes `amount = 912.5 (+1.83)`, `amount missing (-0.20)` or `line = Q, not seen in train (+0.00)`."""
        if self.cell == MISSING_CELL or not self.value:
            said = f"{self.column} missing"
        elif self.cell == UNSEEN_CELL:
            said = f"{self.column} = {self.value}, {UNSEEN_CELL}"
        else:
            said = f"{self.column} = {self.value}"
        # A rounded 0 has no side, and -0.00 would claim one.
        return f"{said} ({round(self.contribution, 2) + 0.0:+.2f})"


def strongest_reasons(answer: Mapping[str, Any], values: Mapping[str, str], count: int) -> list[Reason]:
    """Chooses the columns with the largest contributions of either sign, largest first.

    Args:
        answer: What `explain` answers to one record: `contributions` float `(columns,)`, `columns` and `cells` bytes
            `(columns,)`.
        values: Column to its value as text, "" or none where it is missing.
        count: How many, at least 1; fewer where there are fewer columns.

    Returns:
        The reasons. Columns that contribute 0 are among them where there are no others: that one was not seen in train
        is worth knowing.
    """
    parts = [float(part) for part in answer["contributions"]]
    order = sorted(range(len(parts)), key=lambda place: -abs(parts[place]))[:count]
    names = [name.decode() for name in answer["columns"]]
    return [
        Reason(names[place], values.get(names[place], ""), answer["cells"][place].decode(), parts[place])
        for place in order
    ]
