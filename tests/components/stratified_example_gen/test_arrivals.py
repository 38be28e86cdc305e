"""Records a day, by hand."""

import numpy as np
import pytest

from components.stratified_example_gen.arrivals import records_per_day
from core.time_splitting import Borders
from core.times.written import DAY


def test_days_count_whole():
    # Ten records on each of 56 days.
    assert records_per_day(np.repeat(np.arange(56), 10) * DAY, None, is_of_days=True) == 10


def test_times_are_counted_from_the_first_to_the_last():
    # One every two hours: the first begins the first of as many stretches as there are others.
    assert records_per_day(np.arange(121) * DAY // 12, None, is_of_days=False) == pytest.approx(12)


def test_splits_by_time_are_counted_between_the_borders_of_eval():
    times = np.concatenate([np.arange(100) * DAY // 10, 10 * DAY + np.arange(200) * DAY // 40])
    assert records_per_day(times, Borders(10 * DAY, 13 * DAY, DAY // 2), is_of_days=False) == pytest.approx(
        40
    )


def test_a_single_time_tells_nothing():
    assert records_per_day(np.full(5, 7), None, is_of_days=False) is None
