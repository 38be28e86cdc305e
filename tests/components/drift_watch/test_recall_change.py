import numpy as np

from components.drift_watch.recall_change import recall_changes


def test_recall_falls_where_intervals_part():
    test = np.array([[95, 5], [10, 90]])
    new = np.array([[50, 50], [12, 88]])
    first, second = recall_changes(new, test)
    assert (first.new, first.test, first.support, first.fell) == (0.5, 0.95, 100, True)
    assert second.new_interval[0] < 0.88 < second.new_interval[1]
    assert not second.fell


def test_a_class_without_records_has_no_recall_and_has_not_fallen():
    first, _ = recall_changes(np.array([[0, 0], [1, 9]]), np.array([[9, 1], [1, 9]]))
    assert first.new is None and first.new_interval is None and not first.fell


def test_a_recall_that_rose_has_not_fallen():
    assert not any(one.fell for one in recall_changes(np.array([[99, 1], [1, 99]]), np.full((2, 2), 50)))
