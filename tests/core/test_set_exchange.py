"""Moves and swaps lessen what the splits lack, as far as one or two sets can."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core import set_exchange
from core.set_exchange import exchange_sets


def squared_deviations(content, places, counts):
    """The sum that the exchanges lessen, term by term."""
    total = 0.0
    for label, wanted in enumerate(counts):
        size = wanted.sum()
        unit = max(2 if size >= 12 else size / 6, 0.5, size / 1000)
        for split, count in enumerate(wanted):
            total += ((content[places == split, label].sum() - count) / unit) ** 2
    return total


def test_two_sets_are_swapped_where_no_single_one_may_move():
    # Six and five records where five and six are wanted: a set moved alone would make that 3 and 8, or 8 and 3.
    content, counts = np.array([[3], [3], [2], [3]]), np.array([[5, 6]])
    start = np.array([0, 0, 1, 1], np.uint8)
    places = exchange_sets(content, start, np.arange(4, dtype=np.uint64), counts)
    assert content[places == 0].sum() == 5 and places[2] == 0


def test_a_set_is_moved_where_that_helps():
    content, counts = np.array([[4], [4], [4]]), np.array([[8, 4]])
    places = exchange_sets(content, np.zeros(3, np.uint8), np.arange(3, dtype=np.uint64), counts)
    assert sorted(places) == [0, 0, 1]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31))
def test_in_the_end_no_move_and_no_swap_helps(seed):
    random = np.random.default_rng(seed)
    content = random.integers(0, 6, (12, 3))
    counts = np.stack([random.multinomial(size, [0.7, 0.15, 0.15]) for size in content.sum(0)])
    start = random.integers(0, 3, 12).astype(np.uint8)
    places = exchange_sets(content, start, random.permutation(12).astype(np.uint64), counts)
    least = squared_deviations(content, places, counts)
    assert least <= squared_deviations(content, start, counts) + 1e-6
    for one, split in itertools.product(range(12), range(3)):
        moved = places.copy()
        moved[one] = split
        assert squared_deviations(content, moved, counts) >= least - 1e-6
    for one, other in itertools.combinations(range(12), 2):
        swapped = places.copy()
        swapped[[one, other]] = places[[other, one]]
        assert squared_deviations(content, swapped, counts) >= least - 1e-6


def test_sets_beyond_the_candidates_stay_where_they_are(monkeypatch):
    monkeypatch.setattr(set_exchange, "_CANDIDATES_PER_SPLIT", 5)
    order = np.random.default_rng(0).permutation(30).astype(np.uint64)
    places = exchange_sets(np.ones((30, 1), int), np.zeros(30, np.uint8), order, np.array([[10, 10, 10]]))
    assert set(np.flatnonzero(places)) == set(np.argsort(order)[:5])
