"""Folds: sets whole, classes alike, decided by the records alone."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.training.members.assign_folds import assign_folds


def keys_of(size):
    return [f"row {row}".encode() for row in range(size)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12)), min_size=1, max_size=80),
    st.integers(2, 7),
    st.integers(0, 3),
)
def test_sets_are_whole_and_every_fold_can_be_left_out(records, asked, seed):
    labels, sets = (np.array(column) for column in zip(*records, strict=True))
    labels = np.unique(labels, return_inverse=True)[1]
    folds = assign_folds(labels, sets, keys_of(len(labels)), asked, seed)
    for one in np.unique(sets[sets > 0]):
        assert len(np.unique(folds[sets == one])) == 1
    count = folds.max() + 1
    assert count <= asked and (np.bincount(folds) > 0).all()
    for fold in range(count) if count > 1 else ():
        assert set(labels[folds != fold]) == set(labels)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(5, 60), min_size=2, max_size=4), st.integers(2, 5), st.integers(0, 3))
def test_records_on_their_own_are_shared_out_evenly(sizes, asked, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    folds = assign_folds(labels, np.zeros_like(labels), keys_of(len(labels)), asked, seed)
    for label, size in enumerate(sizes):
        counts = np.bincount(folds[labels == label], minlength=asked)
        assert len(counts) == asked and counts.min() >= size // asked and counts.max() <= -(-size // asked)


def test_order_of_the_records_does_not_matter_and_the_seed_does():
    random = np.random.default_rng(0)
    labels, sets, keys = random.integers(0, 3, 300), random.integers(0, 40, 300), keys_of(300)
    shuffled = random.permutation(300)
    folds = assign_folds(labels, sets, keys, 5, 1)
    again = assign_folds(labels[shuffled], sets[shuffled], [keys[row] for row in shuffled], 5, 1)
    assert (folds[shuffled] == again).all()
    assert (folds != assign_folds(labels, sets, keys, 5, 2)).any()


def test_there_are_no_more_folds_than_the_rarest_class_has_sets():
    labels, sets = np.repeat([0, 1], [40, 6]), np.zeros(46, np.int64)
    assert assign_folds(labels, sets, keys_of(46), 10, 0).max() == 5
    sets[40:] = [1, 1, 1, 2, 2, 3]
    assert assign_folds(labels, sets, keys_of(46), 10, 0).max() == 2
    sets[40:] = 1
    assert (assign_folds(labels, sets, keys_of(46), 10, 0) == 0).all()
