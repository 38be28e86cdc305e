"""Counts how many records arrive in a day."""

import numpy as np

from core.time_splitting import Borders
from core.times.written import DAY


def records_per_day(times: np.ndarray, borders: Borders | None, is_of_days: bool) -> float | None:
    """Returns the mean number of records that arrive in a day, those that are left out among them.

    It is counted between the borders of eval where the splits are by time, since decisions are fitted on that time; else
    over all times. None where these are one, which tells nothing.

    Args:
        times: Of all records, int64 `(records,)`, microseconds since 1970.
        borders: Where splits by time begin; None of other splits.
        is_of_days: Whether the times are days, the last of which is a whole one as well.
    """
    if borders is not None:
        begin, end = borders.eval_from, borders.test_from - borders.gap
        return float(((times >= begin) & (times < end)).sum() * DAY / (end - begin))
    span = int(times.max() - times.min()) if len(times) else 0
    if is_of_days and len(times):
        return float(len(times) * DAY / (span + DAY))
    return float((len(times) - 1) * DAY / span) if span else None
