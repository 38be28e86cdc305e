import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from components.html_report.charts.curves import CLASSES_DRAWN, class_curves, precision_recall_line, roc_line
from components.html_report.charts.thinning import thin
from components.html_report.charts.working_points import working_points

POSITIVE = np.array([True, False, True, False, False, True])
SCORES = np.array([0.9, 0.8, 0.8, 0.4, 0.2, 0.2])
scored = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=2, max_size=60).map(
    lambda rows: (np.array([row[0] for row in rows]), np.array([row[1] / 12 for row in rows]))
)


def test_working_points_count_what_lies_at_or_above_each_distinct_score():
    points = working_points(POSITIVE, SCORES)
    assert points.thresholds.tolist() == [0.9, 0.8, 0.4, 0.2]
    assert points.hits.tolist() == [1, 2, 2, 3]
    assert points.false_alarms.tolist() == [0, 1, 2, 3]
    assert points.nearest(4) == 2


@pytest.mark.parametrize("positive", [np.zeros(3, bool), np.ones(3, bool)])
def test_one_class_alone_has_no_working_points(positive):
    assert working_points(positive, np.array([0.1, 0.2, 0.3])) is None


@given(scored)
def test_working_points_are_those_of_scikit_learn(rows):
    positive, scores = rows
    points = working_points(positive, scores)
    if points is None:
        return
    precision, recall, thresholds = precision_recall_curve(positive, scores)
    np.testing.assert_allclose(points.thresholds, thresholds[::-1])
    np.testing.assert_allclose(points.precision, precision[:-1][::-1])
    np.testing.assert_allclose(points.recall, recall[:-1][::-1])
    alarms, hits, _ = roc_curve(positive, scores, drop_intermediate=False)
    np.testing.assert_allclose(np.column_stack(roc_line(points)), np.column_stack([alarms, hits]))


@given(scored)
def test_the_areas_under_the_lines_are_average_precision_and_roc_auc(rows):
    positive, scores = rows
    points = working_points(positive, scores)
    if points is None:
        return
    recall, precision = precision_recall_line(points)
    assert np.trapz(precision, recall) == pytest.approx(average_precision_score(positive, scores))
    alarms, hits = roc_line(points)
    assert np.trapz(hits, alarms) == pytest.approx(roc_auc_score(positive, scores))


def test_thinning_drops_what_lies_on_a_straight_line_and_keeps_corners():
    x = np.array([0, 0.1, 0.2, 0.3, 0.3, 0.3, 1.0])
    y = np.array([0, 0.0, 0.0, 0.0, 0.4, 0.5, 0.5])
    assert thin(x, y).tolist() == [0, 3, 5, 6]


def test_a_large_curve_keeps_its_course_within_a_pixel_or_so():
    random = np.random.default_rng(3)
    positive = random.random(50_000) < 0.02
    scores = random.normal(positive * 1.5, 1)
    points = working_points(positive, scores)
    for x, y in (precision_recall_line(points), roc_line(points)):
        kept = thin(x, y)
        assert len(kept) <= 200 and kept[0] == 0 and kept[-1] == len(x) - 1
        # Distance of every vertex from the nearest of many points along the thinned line.
        along = np.linspace(0, len(kept) - 1, 20_000)
        line = np.column_stack([np.interp(along, np.arange(len(kept)), axis[kept]) for axis in (x, y)])
        some = random.choice(len(x), 400)
        gaps = np.hypot(x[some, None] - line[:, 0], y[some, None] - line[:, 1]).min(axis=1)
        assert gaps.max() * 256 < 1.5
    assert np.trapz(y[kept], x[kept]) == pytest.approx(roc_auc_score(positive, scores), abs=1e-3)


def test_the_dot_stands_where_the_rule_decides(six, answered):
    run = answered(six)
    [curves] = class_curves(run.records, ["trash"])
    trash = run.metrics["per_class"]["trash"]
    dot = curves.charts[0].dots[0]
    assert (dot.x - 34) / 256 == pytest.approx(trash["recall"], abs=1e-3)
    assert (222 - dot.y) / 212 == pytest.approx(trash["precision"], abs=1e-3)
    assert f"recall {trash['recall']:.3f}" in curves.charts[1].description


def test_the_last_blessed_model_is_drawn_where_there_is_one(six, answered):
    names = [
        [
            trace.name
            for trace in class_curves(answered(six, with_baseline=there).records, ["glass"])[0]
            .charts[0]
            .traces
        ]
        for there in (False, True)
    ]
    assert names == [["This model"], ["Last blessed", "This model"]]


def test_of_very_many_classes_some_are_drawn(sixty, answered):
    run = answered(sixty)
    names = run.training["classes"][::-1]
    assert [one.name for one in class_curves(run.records, names)] == names[:CLASSES_DRAWN]
