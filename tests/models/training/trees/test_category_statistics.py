import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.training.trees.category_statistics import category_statistics, ordered_statistics

ALIKE = np.ones(6)
CATEGORIES = np.array([0, 1, 0, 0, 2, 1])
TARGETS = np.array([[1.0], [0], [0], [0], [0], [0]])


def test_a_category_has_its_share_of_records_and_a_mean_drawn_to_the_prior():
    found = category_statistics(CATEGORIES, 4, TARGETS, ALIKE)
    expected = [[3 / 6, (1 + 1 / 6) / 4], [2 / 6, (1 / 6) / 3], [1 / 6, (1 / 6) / 2], [0, 1 / 6]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_training_record_has_the_mean_of_those_before_it():
    order = np.array([5, 3, 2, 1, 0, 4])
    found = ordered_statistics(CATEGORIES, 4, TARGETS, ALIKE, order)
    prior = 1 / 6
    expected = [prior / 3, prior / 2, prior / 2, prior, prior, prior]
    np.testing.assert_allclose(found[:, 1], expected, rtol=1e-6)
    np.testing.assert_allclose(found[:, 0], category_statistics(CATEGORIES, 4, TARGETS, ALIKE)[CATEGORIES, 0])


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_a_weight_counts_like_as_many_records(weight):
    weights = np.array([weight, 1, 1, 1, 1, 1])
    mean = category_statistics(CATEGORIES, 3, TARGETS, weights)[0, 1]
    assert mean == pytest.approx((weight + weight / weights.sum()) / (weight + 2 + 1))


@given(data=st.data(), num_records=st.integers(2, 40), num_targets=st.integers(1, 3))
@settings(max_examples=30)
def test_the_mean_of_a_record_is_that_of_new_records_had_training_ended_before_it(
    data, num_records, num_targets
):
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    categories, order = random.integers(0, 5, num_records), random.permutation(num_records)
    targets = random.integers(0, 2, (num_records, num_targets)).astype(float)
    weights = random.uniform(0.1, 2, num_records)
    found = ordered_statistics(categories, 5, targets, weights, order)
    prior = weights @ targets / weights.sum()
    place = data.draw(st.integers(0, num_records - 1))
    before = [row for row in order[:place] if categories[row] == categories[order[place]]]
    total = weights[before] @ targets[before]
    np.testing.assert_allclose(
        found[order[place], 1:], (total + prior) / (weights[before].sum() + 1), rtol=1e-5, atol=1e-6
    )


def test_categories_of_one_record_tell_nothing_of_its_class():
    # By the means of all records, each would tell it all.
    targets = np.random.default_rng(0).integers(0, 2, (50, 1)).astype(float)
    found = ordered_statistics(np.arange(50), 50, targets, np.ones(50), np.arange(50))
    assert len(np.unique(found, axis=0)) == 1
