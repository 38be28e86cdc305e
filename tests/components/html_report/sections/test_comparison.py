import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.html_report.sections.comparison import class_changes


def records(baseline=None):
    labels = np.array([0, 0, 0, 0, 1, 1])
    probabilities = np.full((6, 3), 1 / 3, np.float32)
    keys = np.array(list("abcdef"), dtype=object)
    decisions = np.array([0, 0, 1, 0, 1, 0])
    return AnsweredRecords(("x", "y", "z"), keys, labels, decisions, probabilities, probabilities, baseline)


def test_without_a_last_blessed_model_nothing_changed():
    assert class_changes(records(), ["x", "y"]) == []


def test_lost_and_gained_records_are_counted_beside_the_recalls():
    found = class_changes(records(np.array([0, -1, 0, 1, 0, 0])), ["y", "x", "z"])
    assert [(one.name, one.before, one.now, one.lost, one.gained) for one in found] == [
        ("y", 0.0, 0.5, 0, 1),
        ("x", 0.5, 0.75, 1, 2),
        ("z", None, None, 0, 0),
    ]
