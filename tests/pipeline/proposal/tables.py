"""Tables made for a test, and the experiment that is proposed for them."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.proposal.data_facts import DataFacts, gather_facts


def write_table(path: Path, columns: Mapping[str, Sequence[Any]]) -> str:
    """Writes columns as a CSV file; returns its path."""
    with open(path, "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return str(path)


def facts_of(tmp_path: Path, columns: Mapping[str, Sequence[Any]], label: str | None = None) -> DataFacts:
    return gather_facts(write_table(tmp_path / "table.csv", columns), label)


def of_two(num_rows: int, rare: int, names: tuple[str, str] = ("common", "rare")) -> list[str]:
    """A column of two classes, `rare` rows of the second spread over `num_rows`."""
    return [names[row * rare // num_rows != (row + 1) * rare // num_rows] for row in range(num_rows)]


def measured(num_rows: int) -> list[str]:
    """A column of numbers, all different, in no order."""
    return [f"{(row * 7919 % num_rows) / 10 + 0.05:.2f}" for row in range(num_rows)]
