"""Borders of splits by time, from the settings and the records' times."""

import numpy as np

from components.stratified_example_gen.settings import SPLITS, DataSettings, SplitTime, SplitTimeBorders
from core.errors import InputError
from core.time_splitting import Borders, NoBorder, borders_of_shares
from core.times.moment import parse_moment
from core.times.written import written_time


def time_borders(times: np.ndarray, settings: DataSettings) -> Borders:
    """Finds where eval and test begin.

    Args:
        times: int64 `(records,)`, microseconds since 1970.
        settings: Of the data, which are split by time.

    Raises:
        InputError: The records have too few different times, or a date lies outside of them.
    """
    assert isinstance(settings.splits, SplitTime)
    asked, gap = settings.splits.time, settings.splits.gap
    if not isinstance(asked, SplitTimeBorders):
        try:
            return borders_of_shares(times, np.array([asked.as_dict()[split] for split in SPLITS]), gap)
        except NoBorder as err:
            raise InputError(
                f"data.splits.time: column {settings.time!r} {err}. Name another column in data.time, or split by shares."
            ) from err
    first, last = (int(times.min()), int(times.max())) if len(times) else (0, -1)
    for key in ("eval_from", "test_from"):
        date = getattr(asked, key)
        if not first < parse_moment(date) <= last:
            raise InputError(
                f"data.splits.time.{key}: the records' times reach from {written_time(first)} to {written_time(last)}, and a "
                f"border must lie between them. Received: {date}."
            )
    return Borders(parse_moment(asked.eval_from), parse_moment(asked.test_from), gap)
