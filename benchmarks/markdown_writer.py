"""Tables that go to the terminal and, if asked, to a file that says where and when they were made."""

import datetime
import os
import platform
import shlex
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

_LIBRARIES = ("tensorflow", "keras", "scikit-learn", "imbalanced-learn")


class Written:
    """Prints lines and keeps them in a Markdown file, each as soon as it is known.

    Args:
        path: The file, which is written anew; None prints alone.
        title: First line of the file.
        libraries: Further libraries whose versions count.
    """

    def __init__(self, path: Path | None, title: str, libraries: Sequence[str] = ()):
        self._path = path
        self._head = f"# {title}\n\n{made_where((*_LIBRARIES, *libraries))}\n\n"
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._head)

    def line(self, text: str = "") -> None:
        print(text, flush=True)
        if self._path is not None:
            with self._path.open("a") as handle:
                handle.write(f"{text}\n")

    def keep(self, lines: Sequence[str]) -> None:
        """Keeps lines in the file, without printing, in place of all it held but the head."""
        if self._path is not None:
            self._path.write_text(self._head + "".join(f"{line}\n" for line in lines))


def made_where(libraries: Sequence[str]) -> str:
    """Says by which command, on which machine, with which versions and on which day."""
    module = Path(sys.argv[0]).stem
    # Where data lie differs from machine to machine.
    words = [Path(word).name if os.sep in word else word for word in sys.argv[1:]]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in libraries)
    return (
        f"`python -m benchmarks.{module} {shlex.join(words)}`, {datetime.date.today():%d %B %Y}: "
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {versions}."
    )
