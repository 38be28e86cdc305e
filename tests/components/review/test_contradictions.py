"""Contradictions, against a loop over pairs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from components.review.contradictions import find_contradictions
from components.stratified_example_gen.images.near_duplicates import MAX_DIFFERENT_BITS

NO_IMAGES = np.empty(0, np.uint64)


def test_of_three_equal_rows_the_odd_one_is_named_and_of_two_both():
    labels = np.array([0, 0, 1, 0, 1, 1])
    contents = np.array([7, 7, 7, 8, 8, 9], np.uint64)
    found = find_contradictions(labels, contents, NO_IMAGES)
    np.testing.assert_allclose(found.score, [0, 0, 2 / 3, 1 / 2, 1 / 2, 0])
    assert found.suggested.tolist() == [0, 0, 0, 1, 0, 1]
    assert found.partner.tolist() == [-1, -1, 0, 4, 3, -1]


def test_images_that_look_alike_contradict_each_other_unless_their_columns_differ():
    look = 0x00FF00FF00FF00FF
    hashes = np.array([look, look ^ 1, look, 0xF0F0F0F00F0F0F0F], np.uint64)
    labels = np.array([0, 1, 1, 1])
    alike = find_contradictions(labels, np.zeros(4, np.uint64), hashes)
    assert (alike.score > 0).tolist() == [True, False, False, False] and alike.partner[0] == 1
    apart = find_contradictions(labels, np.array([1, 2, 3, 4], np.uint64), hashes)
    assert not apart.score.any()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=30), st.booleans())
def test_scores_are_those_of_a_loop(items, with_images):
    labels = np.array([label for _, label in items])
    values = np.array([value for value, _ in items], np.uint64)
    # Far apart from each other: no two of them share enough bits.
    looks = np.array(
        [0x0F0F0F0F0F0F0F0F, 0x33333333CCCCCCCC, 0x5555AAAA5555AAAA, 0x00FF00FFFF00FF00], np.uint64
    )
    hashes = looks[values.astype(int)] if with_images else NO_IMAGES
    contents = np.zeros(len(items), np.uint64) if with_images else values
    assert MAX_DIFFERENT_BITS < 10
    found = find_contradictions(labels, contents, hashes)
    for row, (value, label) in enumerate(items):
        like = [other for content, other in items if content == value]
        counts = {name: like.count(name) for name in set(like) - {label}}
        most = max(counts.values(), default=0)
        expected = 1 - like.count(label) / len(like) if most >= like.count(label) else 0
        assert np.isclose(found.score[row], expected)
        if expected:
            assert counts[found.suggested[row]] == most and labels[found.partner[row]] == found.suggested[row]
            assert items[found.partner[row]][0] == value
