"""Measures and prints drift, and returns the exit status of `counterpoise monitor`."""

import json
import logging

from rich.console import Console

from components.drift_watch.drift_report import NO_DRIFT, Limits
from pipeline.drift.drift_tables import print_drift
from pipeline.drift.measure_drift import measure_drift

NO_DRIFT_STATUS, DRIFT_STATUS = 0, 3


def show_drift(output: str, new_data: str, limits: Limits, json_file: str | None, console: Console) -> int:
    """Measures drift, prints a table and the verdict, and writes all numbers.

    Args:
        output: Output folder of the run that pushed the model.
        new_data: A table in any format, several by a pattern, or a folder of images; labelled or not.
        limits: What counts as drift.
        json_file: Where the numbers go, or None.
        console: Where the tables go.

    Returns:
        Exit status: 0 without a sign of drift, 3 with one.

    Raises:
        InputError: There is no pushed model, or the new data cannot be read.
    """
    for library in ("tensorflow", "apache_beam", "absl"):
        # Of what they say here, nothing is for who reads the verdict.
        logging.getLogger(library).setLevel(logging.ERROR)
    report = measure_drift(output, new_data, limits)
    if json_file is not None:
        document = json.dumps(report.as_json(), indent=1, ensure_ascii=False, allow_nan=False)
        with open(json_file, "w", encoding="utf-8", errors="backslashreplace") as handle:
            handle.write(document + "\n")
    print_drift(report, console)
    return NO_DRIFT_STATUS if report.verdict == NO_DRIFT else DRIFT_STATUS
