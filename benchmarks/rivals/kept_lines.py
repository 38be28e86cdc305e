"""Results as JSON lines, from which a benchmark that was stopped goes on."""

import datetime
import json
from pathlib import Path
from typing import Any

Line = dict[str, Any]


class KeptLines:
    """Keeps a line of JSON for each result.

    A line that the end of the process cut short is left out. Results of other code or another machine are not told
    apart: they are as good as the file.

    Args:
        path: The file; made where it does not exist.
    """

    def __init__(self, path: Path):
        self._path = path
        self.lines: list[Line] = []
        if path.exists():
            for text in path.read_text().splitlines():
                try:
                    self.lines.append(json.loads(text))
                except ValueError:
                    continue

    def find(self, **key: Any) -> Line | None:
        """Returns the last result of a key, or None."""
        return next((line for line in reversed(self.lines) if key.items() <= line.items()), None)

    def keep(self, **line: Any) -> Line:
        """Appends a result, with the day, and returns it."""
        line = {**line, "date": datetime.date.today().isoformat()}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        torn = (
            self._path.exists() and not self._path.read_bytes().endswith(b"\n") and self._path.stat().st_size
        )
        with self._path.open("a") as handle:
            handle.write(("\n" if torn else "") + json.dumps(line) + "\n")
        self.lines.append(line)
        return line
