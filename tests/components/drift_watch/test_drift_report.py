import json
from dataclasses import replace

import numpy as np
import pytest

from components.drift_watch.confidence import Confidence
from components.drift_watch.drift_report import Column, DriftReport, Limits
from components.drift_watch.feature_distance import INFINITY_NORM, JENSEN_SHANNON, FeatureDistance
from components.drift_watch.prior_estimate import PriorEstimate
from components.drift_watch.recall_change import recall_changes
from components.drift_watch.work_change import WorkChange


def estimate(rare):
    shares = np.array([1 - rare, rare])
    return PriorEstimate(shares, shares - 0.01, shares + 0.01)


WIDTH = Column(FeatureDistance("width", JENSEN_SHANNON, 0.02, 0.1), (0.0, 0.05))
CALM = DriftReport(
    version=3,
    classes=("good", "crack"),
    num_records=100,
    unreadable=(),
    columns=(WIDTH,),
    assumed=np.array([0.9, 0.1]),
    em=estimate(0.1),
    black_box=estimate(0.11),
    labelled=None,
    confidence=Confidence(0.9, 0.88, -0.04, 0.0),
    recalls=None,
    new_classes={},
    limits=Limits(),
)


def test_files_left_out_are_told_and_are_no_drift():
    report = replace(CALM, files_left_out=("a.txt is a text file",))
    assert report.reasons() == [] and report.as_json()["files_left_out"] == ["a.txt is a text file"]


def test_nothing_that_moved_is_no_sign_of_drift():
    assert CALM.verdict == "no sign of drift" and CALM.reasons() == []
    assert CALM.as_json()["prior"]["to_set"] is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"columns": (replace(WIDTH, distance=replace(WIDTH.distance, distance=0.3)),)}, "'width' lies 0.300"),
        ({"columns": (replace(WIDTH, missing=(0.1, 0.4)),)}, "40.0% missing values; in test it had 10.0%"),
        (
            {"columns": (Column(FeatureDistance("line", INFINITY_NORM, None, 0.1), (0, 0), (None, 0.5)),)},
            "'line' has 50.0% categories unknown",
        ),
        ({"em": estimate(0.3), "black_box": estimate(0.25)}, "'crack' makes up about 30.00%"),
        ({"em": estimate(0.3), "black_box": None}, "'crack' makes up about 30.00%"),
        ({"labelled": estimate(0.2)}, "'crack' makes up about 20.00%"),
        ({"confidence": Confidence(0.9, 0.7, -0.3, -0.1)}, "mean score is 0.700"),
        (
            {"work": (WorkChange("The queue of 'crack'", 0.02, 0.05, 0.01, 0.05),)},
            "The queue of 'crack' makes up 5.00% of the records; on test it was 2.00%",
        ),
        ({"recalls": tuple(recall_changes(np.array([[9, 0], [40, 0]]), np.diag([90, 10])))}, "'crack' fell"),
        ({"new_classes": {"dent": 7}}, "'dent', with 7 records"),
        ({"unreadable": tuple(f"row {row} is odd" for row in range(20))}, "16.7% of the records cannot be read"),
    ],
)  # fmt: skip
def test_what_moved_is_a_reason_to_retrain(change, words):
    report = replace(CALM, **change)
    assert report.verdict == "retrain"
    assert any(words in sentence for sentence in report.reasons()), report.reasons()
    assert json.loads(json.dumps(report.as_json(), allow_nan=False))["reasons"] == report.reasons()


def test_labels_outdo_estimates():
    moved = replace(CALM, em=estimate(0.3), black_box=estimate(0.3))
    assert moved.moved.any() and not replace(moved, labelled=estimate(0.1)).moved.any()


def test_an_estimate_alone_does_not_move_the_prior():
    assert not replace(CALM, em=estimate(0.3)).moved.any()


def test_the_prior_to_set_is_that_of_the_new_data():
    report = replace(CALM, em=estimate(0.3), black_box=estimate(0.3))
    assert report.as_json()["prior"]["to_set"] == pytest.approx({"good": 0.7, "crack": 0.3})
