import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from components.html_report.charts.line_chart import BOTTOM, LEFT, RIGHT, TOP, line_chart, ticks


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.5, 1]),
        (0, 1.9, [0, 0.5, 1, 1.5, 2]),
        (0, 0.2, [0, 0.05, 0.1, 0.15, 0.2]),
        (-3, 5, [-4, -2, 0, 2, 4, 6]),
        (0, 0, [0, 0.5]),
    ],
)
def test_ticks_are_round_numbers_around_the_values(low, high, expected):
    assert ticks(low, high) == expected


@given(st.floats(0, 1e9), st.floats(1e-6, 1e9))
def test_ticks_are_few_and_reach_around_the_values(low, span):
    # Values that agree to nine digits are drawn as one.
    assume(span > 1e-9 * low)
    placed = ticks(low, low + span)
    step = placed[1] - placed[0]
    assert placed[0] <= low + 1e-6 * step and placed[-1] >= low + span - 1e-6 * step
    assert 2 <= len(placed) <= 7
    assert placed == sorted(set(placed))


def test_values_become_points_between_the_axes():
    chart = line_chart("Loss", [1, 2, 3], {"Train": [2.0, 1.0, 0.0]}, best_epoch=2)
    middle_x, middle_y = (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2
    assert chart.lines[0].runs == [[(LEFT, TOP), (middle_x, middle_y), (RIGHT, BOTTOM)]]
    assert chart.best_x == middle_x


@pytest.mark.parametrize("missing", [None, math.nan, math.inf])
def test_a_missing_value_leaves_a_gap(missing):
    chart = line_chart("Loss", [1, 2, 3, 4], {"Train": [2.0, missing, 1.0, 0.5]}, best_epoch=1)
    assert [len(run) for run in chart.lines[0].runs] == [1, 2]


def test_nothing_to_draw_is_no_chart():
    assert line_chart("Loss", [], {"Train": [], "Eval": []}, best_epoch=1) is None
    assert line_chart("Loss", [1], {"Train": [math.nan], "Eval": [None]}, best_epoch=1) is None


def test_a_single_epoch_stands_in_the_middle():
    chart = line_chart("Loss", [1], {"Train": [0.5]}, best_epoch=1)
    assert chart.lines[0].runs[0][0][0] == (LEFT + RIGHT) / 2
    assert [tick.text for tick in chart.x_ticks] == ["1"]


def test_epochs_are_marked_by_whole_numbers_inside_the_axis():
    chart = line_chart("Loss", list(range(1, 21)), {"Train": [1.0] * 20}, best_epoch=30)
    assert [tick.text for tick in chart.x_ticks] == ["1", "5", "10", "15", "20"]
    assert all(LEFT <= tick.position <= RIGHT for tick in chart.x_ticks)
    assert chart.best_x is None


def test_the_description_says_where_each_line_starts_and_ends():
    chart = line_chart("Loss", [1, 2], {"Train": [2.0, 0.25], "Eval": [2.5, None]}, best_epoch=2)
    assert chart.description == (
        "Line chart of Loss by epoch. Train: 2 at epoch 1, 0.25 at epoch 2. "
        "Eval: 2.5 at epoch 1, – at epoch 2. The best epoch is 2."
    )
