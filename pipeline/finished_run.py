"""Finds what a finished run left in its output folder."""

from pathlib import Path

from core.documents.metrics import Metrics
from core.errors import InputError
from core.file_names import REPORT_PAGE


def find_finished_run(directory: str) -> tuple[Metrics, Path]:
    """Returns what a run measured, and the path of its report.

    Args:
        directory: Output folder of a run.

    Raises:
        InputError: It holds no finished run.
    """
    page = Path(directory, REPORT_PAGE)
    if not Path(Metrics.path(directory)).is_file() or not page.is_file():
        raise InputError(f"{directory} holds no finished run: name the output folder of `counterpoise run`.")
    return Metrics.read(directory), page
