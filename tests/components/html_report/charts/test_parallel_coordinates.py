import math

import pytest

from components.html_report.charts.parallel_coordinates import (
    LEFT,
    RIGHT,
    RIGHT_BESIDE_UNUSED,
    UNUSED,
    UNUSED_PLACE,
    as_text,
    parallel_chart,
)
from tests.components.html_report.made_up import trial


def trials_of(*pairs):
    """Trials numbered from 1, of their settings and scores."""
    return [trial(number, score, **values) for number, (values, score) in enumerate(pairs, start=1)]


def chart_of(*pairs, best=1, direction="max", space=()):
    return parallel_chart(trials_of(*pairs), "val_macro_f1", direction, best, dict(space))


def crossings(chart, axis):
    return {line.name: line.points[axis][0] for line in chart.lines}


def texts_below(chart, axis):
    return [label.text for label in chart.axes[axis].labels]


def test_log_axis_puts_equal_ratios_at_equal_distances():
    space = {"rate": {"choice": None, "float": [1e-4, 1e-2], "int": None, "log": True}}
    chart = chart_of(*(({"rate": rate}, rate) for rate in (1e-4, 1e-3, 1e-2)), space=space)
    assert crossings(chart, 0) == {"trial 1": LEFT, "trial 2": (LEFT + RIGHT) / 2, "trial 3": RIGHT}
    assert chart.axes[0].note == "log scale"
    assert texts_below(chart, 0) == ["0.0001", "0.001", "0.01"]


def test_linear_axis_reaches_over_the_whole_space_and_not_just_what_was_tried():
    space = {"dropout": {"float": [0.0, 0.5], "log": False}}
    chart = chart_of(({"dropout": 0.1}, 0.2), ({"dropout": 0.25}, 0.3), space=space)
    assert crossings(chart, 0)["trial 1"] == pytest.approx(LEFT + 0.2 * (RIGHT - LEFT))
    assert crossings(chart, 0)["trial 2"] == (LEFT + RIGHT) / 2
    assert chart.axes[0].note == ""


@pytest.mark.parametrize(("largest", "note"), [(1.0, ""), (20.0, "log scale"), (-20.0, "")])
def test_axis_of_a_setting_that_the_experiment_does_not_name_is_log_where_it_spans_much(largest, note):
    assert chart_of(({"x": 1.0}, 0.1), ({"x": largest}, 0.2)).axes[0].note == note


def test_listed_values_are_levels_at_equal_distances_in_the_order_of_the_list():
    space = {"units": {"choice": [8, 32, 1024]}}
    chart = chart_of(({"units": 32}, 0.1), ({"units": 1024}, 0.2), space=space)
    assert texts_below(chart, 0) == ["8", "32", "1,024"]
    assert crossings(chart, 0) == {"trial 1": (LEFT + RIGHT) / 2, "trial 2": RIGHT}


def test_lists_flags_and_text_are_levels_without_a_space_too():
    values = [[64], [128, 64], True]
    chart = chart_of(*(({"x": value}, 0.1 * place) for place, value in enumerate(values)))
    assert texts_below(chart, 0) == ["[128, 64]", "[64]", "true"]


def test_setting_without_effect_in_a_trial_is_beside_its_axis():
    chart = chart_of(({"gamma": 1.0}, 0.1), ({}, 0.2), ({"gamma": 3.0}, 0.3))
    assert crossings(chart, 0) == {
        "trial 1": LEFT,
        "trial 2": UNUSED_PLACE,
        "trial 3": RIGHT_BESIDE_UNUSED,
    }
    assert texts_below(chart, 0)[-1] == UNUSED


def test_best_trial_is_drawn_last_and_better_ones_stronger():
    chart = chart_of(*(({"x": score}, score) for score in (0.3, 0.9, 0.5, 0.1)), best=2)
    assert [line.name for line in chart.lines] == ["trial 4", "trial 3", "trial 1", "trial 2"]
    assert [line.style for line in chart.lines] == ["other", "other", "own", "best"]
    by_name = {line.name: line.opacity for line in chart.lines}
    assert by_name["trial 4"] < by_name["trial 1"] < by_name["trial 3"] < by_name["trial 2"]


def test_a_lower_loss_is_stronger():
    chart = chart_of(({"x": 1}, 0.3), ({"x": 2}, 0.9), ({"x": 3}, 0.5), direction="min")
    assert [line.name for line in chart.lines] == ["trial 2", "trial 3", "trial 1"]
    assert chart.axes[-1].note == "lower is better"


def test_last_axis_is_the_score():
    chart = chart_of(({"x": 1}, 0.5), ({"x": 2}, 0.75), ({"x": 3}, 1.0), best=3)
    assert chart.axes[-1].name == "val_macro_f1"
    assert crossings(chart, -1) == {"trial 1": LEFT, "trial 2": (LEFT + RIGHT) / 2, "trial 3": RIGHT}


def test_equal_values_stand_in_the_middle():
    chart = chart_of(({"x": 3}, 0.5), ({"x": 3}, 0.5))
    assert set(crossings(chart, 0).values()) == set(crossings(chart, 1).values()) == {(LEFT + RIGHT) / 2}


def test_failed_trials_are_left_out_and_one_trial_alone_is_not_drawn():
    assert chart_of(({"x": 1}, 0.5), ({"x": 2}, None)) is None
    chart = chart_of(({"x": 1}, 0.5), ({"x": 2}, None), ({"x": 3}, 0.6), best=3)
    assert [line.name for line in chart.lines] == ["trial 1", "trial 3"]


def test_a_long_level_is_cut_to_its_room_and_whole_in_the_description():
    names = [f"a_long_name_of_a_loss_{letter}" for letter in "abcd"]
    chart = chart_of(*(({"loss.name": name}, 0.1) for name in names))
    texts = texts_below(chart, 0)
    assert all(text.endswith("…") and len(text) < 20 for text in texts)
    assert all(name in chart.description for name in names)


@pytest.mark.parametrize("num_levels", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("with_unused", [False, True])
def test_labels_of_levels_do_not_overlap(num_levels, with_unused):
    levels = [f"a_rather_long_level_{letter}" for letter in "abcdefg"[:num_levels]]
    trials = [({"x": level}, 0.1) for level in levels * 2] + [({}, 0.2)] * with_unused
    edges = []
    for label in chart_of(*trials).axes[0].labels:
        width = 6.2 * len(label.text)
        left = label.position - {"start": 0, "middle": width / 2, "end": width}[label.anchor]
        edges += [left, left + width]
    assert edges == sorted(edges) and edges[0] >= 0 and edges[-1] <= RIGHT


def test_description_says_what_a_reader_would_see():
    chart = chart_of(({"rate": 0.001, "loss": "focal"}, 0.5), ({"rate": 0.1, "loss": "ldam"}, 0.75), best=2)
    assert chart.description == (
        "Parallel coordinates of 2 trials over rate (0.001 to 0.1, logarithmic), loss (focal, ldam), "
        "val_macro_f1 (0.5 to 0.75). The best one, trial 2, has rate 0.1, loss ldam and reached 0.75."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), ("focal", "focal"), (True, "true"), ([1, 2], "[1, 2]"), (1 / 3, "0.3333"), (1200, "1,200")],
)
def test_values_are_written_for_people(value, text):
    assert as_text(value) == text


def test_points_lie_within_the_picture():
    rates = [10.0**power for power in range(-8, 3)]
    chart = chart_of(*(({"rate": rate, "x": -rate}, math.sin(rate)) for rate in rates))
    for line in chart.lines:
        assert all(LEFT <= x <= RIGHT and 0 < y < chart.height for x, y in line.points)
