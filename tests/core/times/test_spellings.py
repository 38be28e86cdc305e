"""Each spelling reads what it says, and refuses what is no time, against the calendar of the standard library."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.times.spellings import SPELLINGS
from core.times.written import written_time

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
moments = st.datetimes(datetime(1800, 1, 1), datetime(2200, 12, 31))


def read(spelling, cell):
    reading = SPELLINGS[spelling].read(cell)
    return None if reading is None else reading[0]


def exact(moment):
    return (moment.replace(tzinfo=timezone.utc) - EPOCH) // timedelta(microseconds=1)


@given(moments)
def test_iso_times_are_read_to_the_microsecond(moment):
    assert (
        read("year_first", moment.isoformat()) == read("year_first", moment.isoformat(" ")) == exact(moment)
    )


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_a_zone_is_taken_off(moment, minutes):
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read("year_first", zoned.isoformat()) == (zoned - EPOCH) // timedelta(microseconds=1)


@given(moments.map(lambda moment: moment.replace(microsecond=0)))
def test_every_spelling_of_a_second_comes_to_the_same(moment):
    spelled = {
        "day_first": "%d/%m/%Y %H:%M:%S",
        "month_first": "%m/%d/%Y %I:%M:%S %p",
        "dotted": "%d.%m.%Y %H:%M:%S",
        "day_name": "%a, %d %b %Y %H:%M:%S GMT",
        "name_day": "%B %d, %Y %H:%M:%S",
        "compact": "%Y%m%dT%H%M%S",
    }
    assert {name: read(name, moment.strftime(form)) for name, form in spelled.items()} == dict.fromkeys(
        spelled, exact(moment)
    )


@given(st.integers(10**8, 9 * 10**9))
def test_epochs_are_exact_in_each_unit(second):
    assert read("epoch_s", str(second)) == second * 10**6
    assert read("epoch_s", f"{second}.25") == second * 10**6 + 250_000
    # float32 would be off by minutes.
    assert read("epoch_ms", f"{second * 10**3 + 123}") == second * 10**6 + 123_000
    assert read("epoch_us", f"{second * 10**6 + 1}") == second * 10**6 + 1
    assert read("epoch_ns", f"{second * 10**9 + 1_999}") == second * 10**6 + 1


@pytest.mark.parametrize(
    ("spelling", "cell"),
    [
        ("year_first", "2024-02-30"),
        ("year_first", "2023-02-29"),
        ("year_first", "2024-01-31 24:00"),
        ("year_first", "2024-01-31 13:05 PM"),
        ("year_first", "2024-01/31"),
        ("year_first", "2024-01-31 tomorrow"),
        ("year_first", "٢٠٢٤-01-31"),
        ("day_first", "31/01/24"),
        ("day_first", "12/31/2024"),
        ("month_first", "31/12/2024"),
        ("day_name", "31 Junk 2024"),
        ("day_name", "31 Febuary 2024"),
        ("compact", "20241301"),
        ("year", "1491"),
        ("epoch_s", "1.7e9"),
        ("epoch_s", "100000000000"),
        ("epoch_s", "9" * 5000),
    ],
)
def test_what_is_no_time_is_not_read(spelling, cell):
    assert read(spelling, cell) is None


def test_times_are_written_as_they_are_read():
    assert written_time(0) == "1970-01-01"
    assert written_time(1_500_000) == "1970-01-01 00:00:01.500000"
    assert read("year_first", written_time(-1)) == -1
