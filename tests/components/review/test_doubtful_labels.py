"""The list of doubtful labels: each record once, with the stronger reason, and none that was looked at before."""

import numpy as np

from components.review.doubtful_labels import doubtful_labels
from tests.components.review.planted import planted

CLASSES = ("a", "b", "c", "d", "rare")


def listed(most: int, seen=(), contents=None):
    one = planted(0, "confusion", 3.0)
    size = len(one.labels)
    contents = np.arange(size, dtype=np.uint64) if contents is None else contents
    keys = [f"row {row}" for row in range(size)]
    return one, doubtful_labels(
        keys,
        CLASSES,
        one.labels,
        ["train"] * size,
        one.probabilities,
        np.zeros(size, int),
        one.embeddings,
        contents,
        np.empty(0, np.uint64),
        most,
        seen,
    )


def test_most_of_the_first_are_wrong_and_say_what_they_should_be():
    one, items = listed(100)
    rows = [int(item.key.removeprefix("row ")) for item in items]
    assert one.wrong[rows].mean() > 0.8 and len(set(rows)) == 100
    right = [CLASSES[one.truth[row]] == item.suggested for row, item in zip(rows, items, strict=True)]
    assert np.mean(right) > 0.8
    assert all(item.label != item.suggested and item.suggested in item.reason for item in items)
    assert {item.kind for item in items} == {"label"}
    # A mistake that takes a rare record for a common one, or the other way round, comes up early.
    assert any("rare" in (item.label, item.suggested) for item in items[:10])


def test_what_was_looked_at_is_not_shown_again():
    _, items = listed(20)
    seen = {item.key for item in items[:5]}
    _, later = listed(20, seen)
    assert not seen & {item.key for item in later} and len(later) == 20


def test_a_record_that_another_contradicts_is_named_with_it():
    contents = np.arange(5000, dtype=np.uint64)
    contents[4999] = contents[0] = 9999  # The first common and the last rare record.
    one, items = listed(5000, contents=contents)
    [item] = [item for item in items if item.key == "row 4999"]
    assert "row 0" in item.reason
    if item.kind == "contradiction":
        assert item.suggested == CLASSES[one.labels[0]]
