"""New rows against imbalanced-learn's own, and against what each strategy promises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import (
    ADASYN,
    SMOTE,
    SMOTEN,
    SMOTENC,
    SVMSMOTE,
    BorderlineSMOTE,
    RandomOverSampler,
)

from components.minority_augmenter.resample import as_measured, resample
from components.minority_augmenter.rows import Rows

LABELS = np.repeat([0, 1, 2], [120, 40, 25])
MAKE = {1: 60, 2: 75}
TOTALS = {1: 100, 2: 100}
SEED = 11
OWN = {
    "smote": SMOTE(sampling_strategy=TOTALS, random_state=SEED),
    "borderline_smote": BorderlineSMOTE(sampling_strategy=TOTALS, random_state=SEED),
    "svm_smote": SVMSMOTE(sampling_strategy=TOTALS, random_state=SEED),
    "adasyn": ADASYN(sampling_strategy=TOTALS, random_state=SEED),
    "smote_tomek": SMOTETomek(sampling_strategy=TOTALS, random_state=SEED),
    "smote_enn": SMOTEENN(sampling_strategy=TOTALS, random_state=SEED),
}


def numbers(values: np.ndarray) -> Rows:
    return Rows(
        values.astype(np.float32), np.zeros(values.shape, np.float32), np.empty((len(values), 0), np.int64)
    )


@pytest.fixture(scope="module")
def overlapping() -> Rows:
    random = np.random.default_rng(1)
    return numbers(random.normal(LABELS[:, np.newaxis] * 0.8, 1, (len(LABELS), 3)))


@pytest.fixture(scope="module")
def mixed() -> Rows:
    random = np.random.default_rng(2)
    numeric = random.normal(LABELS[:, np.newaxis] * 0.8, 1, (len(LABELS), 3)).astype(np.float32)
    flags = (random.random((len(LABELS), 3)) < [0.2, 0, 0.4]).astype(np.float32)
    return Rows(numeric, flags, random.integers(0, 4, (len(LABELS), 2)))


def in_order(rows: np.ndarray) -> np.ndarray:
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("strategy", sorted(OWN))
def test_numbers_are_those_of_imbalanced_learn(overlapping, strategy):
    done = resample(overlapping, LABELS, MAKE, strategy, 5, SEED)
    columns, labels = OWN[strategy].fit_resample(overlapping.numeric.astype(np.float64), LABELS)
    expected = np.column_stack([columns.astype(np.float32), labels])
    given_rows = np.column_stack([overlapping.numeric, LABELS])[done.kept]
    found = np.vstack([given_rows, np.column_stack([done.rows.numeric, done.labels])])
    if strategy == "smote_enn":  # It orders what it keeps by class.
        found, expected = in_order(found), in_order(expected)
    np.testing.assert_array_equal(found, expected)
    assert done.notes == ()


def test_copies_are_those_of_imbalanced_learn(mixed):
    done = resample(mixed, LABELS, MAKE, "oversample", 5, SEED)
    sampler = RandomOverSampler(sampling_strategy=TOTALS, random_state=SEED)
    columns, labels = sampler.fit_resample(np.hstack([mixed.numeric, mixed.discrete()]), LABELS)
    np.testing.assert_array_equal(
        np.hstack([done.rows.numeric, done.rows.discrete()]), columns[len(LABELS) :]
    )
    np.testing.assert_array_equal(done.labels, labels[len(LABELS) :])


def test_numbers_with_flags_and_categories_are_those_of_smote_nc(mixed):
    done = resample(mixed, LABELS, MAKE, "smote", 5, SEED)
    # The second flag never varies: it takes no part.
    columns = np.hstack([mixed.numeric, mixed.flags[:, [0, 2]], mixed.categories]).astype(np.float64)
    sampler = SMOTENC(categorical_features=[3, 4, 5, 6], sampling_strategy=TOTALS, random_state=SEED)
    expected, _ = sampler.fit_resample(columns, LABELS)
    found = np.hstack([done.rows.numeric, done.rows.flags[:, [0, 2]], done.rows.categories])
    np.testing.assert_allclose(found, expected[len(LABELS) :], rtol=1e-6)
    assert not done.rows.flags[:, 1].any()


def test_categories_alone_are_those_of_smote_n(mixed):
    rows = Rows(
        np.empty((len(LABELS), 0), np.float32), np.empty((len(LABELS), 0), np.float32), mixed.categories
    )
    done = resample(rows, LABELS, MAKE, "smote", 5, SEED)
    expected, _ = SMOTEN(sampling_strategy=TOTALS, random_state=SEED).fit_resample(mixed.categories, LABELS)
    np.testing.assert_array_equal(done.rows.categories, expected[len(LABELS) :])
    # A new row has the categories that most of its parents have.
    for row, parents in zip(done.rows.categories, done.parents, strict=True):
        for place in range(2):
            votes = np.bincount(mixed.categories[parents, place])
            assert votes[row[place]] == votes.max()


def test_a_class_alone_gets_the_rows_it_gets_among_others(mixed):
    own = np.flatnonzero(LABELS == 2)
    among = resample(mixed, LABELS, {2: 75}, "smote", 5, SEED)
    alone = resample(mixed.take(own), LABELS[own], {2: 75}, "smote", 5, SEED)
    np.testing.assert_allclose(alone.rows.numeric, among.rows.numeric, rtol=1e-6)
    np.testing.assert_array_equal(alone.rows.categories, among.rows.categories)
    np.testing.assert_array_equal(own[alone.parents], among.parents)


def steps(done, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """How far along its parents' segment each new row lies, and how far beside it."""
    first, second = (rows.numeric[done.parents[:, place]].astype(np.float64) for place in (0, 1))
    along, moved = second - first, done.rows.numeric - first
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    share = (moved * along).sum(axis=1) / length
    return share, np.linalg.norm(moved - share[:, np.newaxis] * along, axis=1)


@given(
    sizes=st.tuples(st.integers(12, 40), st.integers(2, 12), st.integers(2, 12)),
    make=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    strategy=st.sampled_from(["smote", "borderline_smote", "adasyn", "smote_tomek", "smote_enn"]),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40)
def test_every_smote_point_lies_between_its_two_parents(sizes, make, strategy, seed):
    labels = np.repeat([0, 1, 2], sizes)
    random = np.random.default_rng(seed)
    rows = numbers(random.normal(labels[:, np.newaxis] * 0.7, 1, (len(labels), 2)))
    done = resample(rows, labels, {1: make[0], 2: make[1]}, strategy, 5, seed)
    share, beside = steps(done, rows)
    assert (share >= -1e-4).all() and (share <= 1 + 1e-4).all() and (beside < 1e-5).all()
    assert (labels[done.parents] == done.labels[:, np.newaxis]).all()
    if strategy in ("smote", "borderline_smote"):
        assert np.bincount(done.labels, minlength=3).tolist() == [0, *make]
    if strategy in ("smote_tomek", "smote_enn"):
        assert set(labels) <= {*labels[done.kept], *done.labels}


def test_svm_points_lie_on_the_line_through_their_parents_at_most_half_a_step_beyond(overlapping):
    share, beside = steps(resample(overlapping, LABELS, MAKE, "svm_smote", 5, SEED), overlapping)
    assert (beside < 1e-5).all() and (share >= -0.5 - 1e-4).all() and (share <= 1 + 1e-4).all()
    assert (share < -1e-3).any() and (share > 1e-3).any()


@given(
    seed=st.integers(0, 2**32 - 1),
    strategy=st.sampled_from(["smote", "borderline_smote", "svm_smote", "adasyn"]),
)
@settings(max_examples=20)
def test_flags_and_categories_are_some_seen_in_the_class(seed, strategy):
    random = np.random.default_rng(seed)
    labels = np.repeat([0, 1], [60, 20])
    # Each class has categories of its own.
    categories = (random.integers(0, 3, (80, 2)) + 10 * labels[:, np.newaxis]).astype(np.int64)
    flags = (random.random((80, 2)) < 0.3).astype(np.float32)
    rows = Rows(random.normal(labels[:, np.newaxis], 1, (80, 2)).astype(np.float32), flags, categories)
    done = resample(rows, labels, {1: 25}, strategy, 5, seed)
    for place in range(2):
        assert set(done.rows.categories[:, place]) <= set(categories[labels == 1, place])
        assert set(done.rows.flags[:, place]) <= {0.0, 1.0}


def test_copying_uses_every_row_equally_often():
    rows, labels = numbers(np.arange(14.0)[:, np.newaxis]), np.repeat([0, 1], [7, 7])
    done = resample(rows, labels, {1: 17}, "copy", 5, SEED)
    assert sorted(np.bincount(done.parents[:, 0], minlength=14)) == [0] * 7 + [2, 2, 2, 2, 3, 3, 3]
    np.testing.assert_array_equal(done.rows.numeric, rows.numeric[done.parents[:, 0]])


def test_small_classes_get_fewer_neighbours_and_single_rows_are_copied(overlapping):
    labels = np.repeat([0, 1, 2], [181, 3, 1])
    done = resample(overlapping, labels, {1: 10, 2: 4}, "smote", 5, SEED)
    assert done.notes == (
        (1, "3 examples, neighbours lowered to 2"),
        (2, "one example has no neighbours, so it is copied"),
    )
    assert np.bincount(done.labels).tolist() == [0, 10, 4]
    assert done.methods.tolist() == ["smote"] * 10 + ["oversample"] * 4
    np.testing.assert_array_equal(done.rows.numeric[10:], np.repeat(overlapping.numeric[-1:], 4, axis=0))


@pytest.mark.parametrize("strategy", ["borderline_smote", "svm_smote", "adasyn"])
def test_smote_makes_the_rows_of_a_class_without_a_border(strategy):
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], [40, 20])
    far = numbers(random.normal(labels[:, np.newaxis] * 1000, 1, (60, 2)))
    done = resample(far, labels, {1: 30}, strategy, 5, SEED)
    assert len(done.labels) == 30
    if strategy != "svm_smote":
        assert set(done.methods) == {"smote"} and "smote" in done.notes[0][1]


def test_a_flag_weighs_in_distances_as_in_smote_nc():
    rows = Rows(
        np.array([[0.0, 0.0], [2.0, 4.0]], np.float32),
        np.array([[0, 0], [1, 0]], np.float32),
        np.zeros((2, 1), int),
    )
    # Deviations 1 and 2, median 1.5; the rows differ in one flag.
    first, second = as_measured(rows)
    assert np.sum((first - second) ** 2) == pytest.approx(2**2 + 4**2 + 1.5**2)


def test_cleaning_works_without_new_rows(overlapping):
    done = resample(overlapping, LABELS, {}, "smote_tomek", 5, SEED)
    assert len(done.labels) == 0 and 0 < np.sum(~done.kept) < 100
