"""One rule for a column, decided by all its cells."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.times.time_rule import NoTimeRule, decide_time_rule

DAYS = [datetime(2024, 1, 1) + timedelta(days=3 * number) for number in range(100)]


def written(form, moments=DAYS):
    return [moment.strftime(form) for moment in moments]


@pytest.mark.parametrize(
    ("cells", "spelling"),
    [
        (written("%Y-%m-%d"), "year_first"),
        (written("%d/%m/%Y"), "day_first"),
        (written("%m/%d/%Y %H:%M"), "month_first"),
        (written("%d.%m.%Y"), "dotted"),
        (written("%d %b %Y"), "day_name"),
        (written("%B %d, %Y"), "name_day"),
        (written("%Y-%m"), "month"),
        (written("%Y%m%d"), "compact"),
        (written("%Y%m"), "compact"),
        (written("%Y"), "year"),
        ([str(1_704_067_200 + 60 * number) for number in range(50)], "epoch_s"),
        ([str(1_704_067_200_000 + number) for number in range(50)], "epoch_ms"),
        ([str(1_704_067_200_000_000 + number) for number in range(50)], "epoch_us"),
        # A clock that starts at 0, as in many tables of payments.
        ([str(number) for number in range(172_000)], "epoch_s"),
        ([f"{number}.0" for number in range(0, 172_000, 7)], "epoch_s"),
    ],
)
def test_the_rule_is_found(cells, spelling):
    rule = decide_time_rule(cells)
    assert rule.spelling == spelling
    times = [rule.read(cell) for cell in cells]
    assert None not in times and times == sorted(times)


@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)), min_size=1, max_size=60))
def test_a_day_above_twelve_settles_the_order_and_nothing_else_does(moments):
    cells = written("%d/%m/%Y", moments)
    if any(moment.day > 12 for moment in moments):
        assert decide_time_rule(cells).spelling == "day_first"
    else:
        with pytest.raises(NoTimeRule, match=r"none is above 12. Set data.day_first"):
            decide_time_rule(cells)
    assert decide_time_rule(cells, day_first=True).spelling == "day_first"


def test_days_first_among_months_first_are_refused():
    with pytest.raises(NoTimeRule, match="'13/01/2024', where the day stands first, and '01/14/2024'"):
        decide_time_rule(["13/01/2024", "01/14/2024", "02/03/2024"])


def test_a_few_slips_leave_the_rule_as_it_is():
    rule = decide_time_rule([*written("%d/%m/%Y"), "01/31/2024", "soon"])
    assert rule.spelling == "day_first" and rule.read("01/31/2024") is None and rule.read("soon") is None


def test_zones_of_some_cells_alone_are_refused():
    with pytest.raises(NoTimeRule, match="names a zone in 1 cells and none in 1"):
        decide_time_rule(["2024-01-31T13:05:00Z", "2024-01-31T13:05:00"])


def test_days_among_times_are_midnights():
    rule = decide_time_rule(["2024-01-31", "2024-01-31 00:00:01"])
    assert rule.read("2024-01-31") + 10**6 == rule.read("2024-01-31 00:00:01") and not rule.is_of_days


def test_words_are_no_times():
    with pytest.raises(
        NoTimeRule, match="holds times in 1 of 4 cells by the rule that reads most; others are 'red'"
    ):
        decide_time_rule(["red", "green", "blue", "2024-01-31"])


def test_numbers_count_what_is_said():
    cells = [str(number) for number in range(1990, 2050)]
    rule = decide_time_rule(cells, unit=86_400)
    assert rule.read("1990") == 1990 * 86_400 * 10**6 and rule.is_of_days and rule.words == "days since 1970"
    assert rule.read("99999999999") is None
    with pytest.raises(NoTimeRule, match="holds times in 0 of 1 cells"):
        decide_time_rule(["2024-01-31"], unit=86_400)
