"""Figures of finished trainings in a CSV file, from which a benchmark that was stopped goes on."""

import csv
import datetime
from collections.abc import Callable, Mapping
from pathlib import Path


class KeptRuns:
    """Keeps the figures of every run, and runs nothing twice.

    Figures of other code or another machine are not told apart: they are as good as the file.

    Args:
        path: The file, one row a run; None keeps nothing beyond the process.
        same: What all runs of this benchmark share, such as the number of epochs. Rows that differ in it stand
            in the file untouched, and are not taken.
    """

    def __init__(self, path: Path | None, same: Mapping[str, object]):
        self._path = path
        self._same = {name: str(value) for name, value in same.items()}
        self._rows: list[dict[str, str]] = []
        if path is not None and path.exists():
            with path.open(newline="") as handle:
                self._rows = list(csv.DictReader(handle))

    def run(self, name: str, seed: int, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
        """Returns the figures of a run: those in the file, or else what `measure` returns, which is kept."""
        key = {"run": name, "seed": str(seed), **self._same}
        for row in self._rows:
            if key.items() <= row.items():
                return {
                    field: float(value)
                    for field, value in row.items()
                    if field not in (*key, "date") and value != ""
                }
        figures = measure()
        today = datetime.date.today().isoformat()
        self._rows.append({**key, "date": today, **{field: str(value) for field, value in figures.items()}})
        self._write()
        return figures

    def _write(self) -> None:
        if self._path is None:
            return
        fields = dict.fromkeys(field for row in self._rows for field in row)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("w", newline="") as handle:
            writer = csv.DictWriter(handle, list(fields), lineterminator="\n")
            writer.writeheader()
            writer.writerows(self._rows)
