"""Checks the times of the records before anything is read for good: that all are there, and that borders leave no split empty."""

from array import array
from collections import Counter

import numpy as np

from components.stratified_example_gen.arrivals import records_per_day
from components.stratified_example_gen.columns import shown
from components.stratified_example_gen.settings import SPLITS, DataSettings, SplitTime
from components.stratified_example_gen.time_borders import time_borders
from components.stratified_example_gen.time_column import time_cells, time_rule
from core.errors import InputError

_SHOWN = 3


def check_time(settings: DataSettings) -> float | None:
    """Checks the column of `data.time`, where there is one.

    Returns:
        How many records arrive in a day, see `records_per_day`; None where that is not known.

    Raises:
        InputError: No one rule reads its times, some cells hold none and are not to be skipped, or, by the times of all
            records, a split would be empty.
    """
    rule = time_rule(settings)
    if rule is None:
        return None
    times = array("q")
    odd: Counter[str] = Counter()
    missing = 0
    for cell in time_cells(settings):
        time = None if cell is None else rule.read(cell)
        if time is not None:
            times.append(time)
        elif cell is None:
            missing += 1
        else:
            odd[cell] += 1
    if (odd or missing) and settings.on_bad_record == "fail":
        cells = [f"{shown(cell)} in {count:,}" for cell, count in odd.most_common(_SHOWN)]
        cells += [f"nothing in {missing:,}"] if missing else []
        count = odd.total() + missing
        raise InputError(
            f"data.time: {count:,} of {count + len(times):,} rows {'has' if count == 1 else 'have'} no time that can be "
            f"read: column {settings.time!r} holds {', '.join(cells)}, expected {rule.words}. Mend the cells, or leave such "
            "rows out by data.on_bad_record: skip."
        )
    found = np.frombuffer(times, np.int64) if times else np.empty(0, np.int64)
    borders = time_borders(found, settings) if isinstance(settings.splits, SplitTime) else None
    if borders is not None:
        require_no_empty_split(np.bincount(borders.periods(found), minlength=4), settings)
    return records_per_day(found, borders, rule.is_of_days)


def require_no_empty_split(counts: np.ndarray, settings: DataSettings) -> None:
    """Refuses borders that leave a split without a record.

    Args:
        counts: Records in the periods of train, eval, test, and in the gaps, int `(4,)`.
        settings: Of the data.

    Raises:
        InputError: A split is empty.
    """
    held = ", ".join(f"{split} {count:,}" for split, count in zip(SPLITS, counts[:3], strict=True))
    for split, count in zip(SPLITS, counts[:3], strict=True):
        if count == 0:
            assert isinstance(settings.splits, SplitTime)
            raise InputError(
                f"data.splits.time: no record is left for {split} ({held}, {counts[3]:,} in the gap of "
                f"{settings.splits.time.gap}). Move the borders, or shorten the gap."
            )
