"""Distances against SciPy's, and covariances against scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import mahalanobis
from scipy.stats import ortho_group
from sklearn.covariance import OAS, shrunk_covariance

from components.decision_calibrator import class_distance
from components.decision_calibrator.class_distance import LEAST_SHRINKAGE, fit_class_distance


def normal_classes(sizes, units, seed, spread=2.0):
    """Returns vectors and labels of normal classes that share a covariance."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    mixing = random.normal(size=(units, units)) + np.eye(units)
    means = random.normal(scale=spread, size=(len(sizes), units))
    return means[labels] + random.normal(size=(len(labels), units)) @ mixing, labels


def coordinates(vectors):
    lengths = np.sqrt((vectors**2).sum(axis=1))
    return np.column_stack([vectors / lengths[:, np.newaxis], np.log(lengths)])


def by_scipy(vectors, labels, asked):
    """Computes the distances one by one, from class means, scikit-learn's shrunk covariance and SciPy's distance."""
    vectors, asked = map(coordinates, (vectors, asked))
    present = np.unique(labels)
    means = {index: vectors[labels == index].mean(axis=0) for index in present}
    about = vectors - np.stack([means[index] for index in labels])
    shrinkage = max(OAS(assume_centered=True).fit(about).shrinkage_, LEAST_SHRINKAGE)
    covariance = shrunk_covariance(about.T @ about / (len(vectors) - len(present)), shrinkage)
    inverse = np.linalg.inv(covariance)
    return [
        min(
            mahalanobis(one, means[index], inverse) / np.sqrt(1 + 1 / (labels == index).sum())
            for index in present
        )
        for one in asked
    ]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**31),
    st.integers(1, 8),
    st.lists(st.integers(1, 15), min_size=2, max_size=6),
)
def test_distances_are_those_of_scipy_and_scikit_learn(seed, units, sizes):
    vectors, labels = normal_classes([*sizes, 20], units, seed)
    asked = np.random.default_rng(seed + 1).normal(scale=4, size=(10, units))
    fitted = fit_class_distance(vectors, labels, 0)
    np.testing.assert_allclose(fitted.of(asked), by_scipy(vectors, labels, asked), rtol=1e-9)


def test_a_rotated_embedding_has_the_same_distances():
    vectors, labels = normal_classes([30, 20, 4], 5, 0)
    turn = ortho_group.rvs(5, random_state=0)
    plain, turned = (fit_class_distance(one, labels, 0).of(one) for one in (vectors, vectors @ turn))
    np.testing.assert_allclose(plain, turned, rtol=1e-8)


def test_a_class_without_records_is_no_neighbour():
    vectors, labels = normal_classes([10, 10, 10], 3, 0)
    kept = labels != 1
    fitted = fit_class_distance(vectors[kept], labels[kept], 0)
    assert fitted.counts.tolist() == [10, 10]
    np.testing.assert_allclose(
        fitted.of(vectors), fit_class_distance(vectors[kept], labels[kept] // 2, 0).of(vectors)
    )


def test_new_records_of_a_rare_class_are_no_more_unlike_than_those_of_a_common_one():
    rates = []
    for seed in range(40):
        random = np.random.default_rng(seed)
        labels = np.repeat([0, 1], [400, 4])
        places = np.array([[40, 5, *[0] * 8], [40, -5, *[0] * 8]])
        fitted = fit_class_distance(random.normal(size=(404, 10)) + places[labels], labels, 0)
        common, rare = (fitted.of(random.normal(size=(500, 10)) + place) for place in places)
        rates.append((rare > np.quantile(common, 0.95)).mean())
    # Without the stretch by 1 + 1/4 it is about 0.19.
    assert np.mean(rates) == pytest.approx(0.05, abs=0.02)


def test_a_unit_that_is_never_active_leaves_distances_finite():
    vectors, labels = normal_classes([50, 50], 4, 0)
    silent = np.hstack([vectors, np.zeros((100, 1))])
    fitted = fit_class_distance(silent, labels, 0)
    woken = np.hstack([vectors, 9 * np.ones((100, 1))])
    assert np.isfinite(fitted.of(silent)).all()
    assert (fitted.of(woken) > fitted.of(silent)).all() and fitted.of(woken).max() < 100
    alike = fit_class_distance(np.ones((10, 3)), np.repeat([0, 1], 5), 0)
    assert alike.of(np.ones((2, 3))) == pytest.approx([0, 0], abs=1e-6)
    assert np.isfinite(alike.of(np.zeros((2, 3)))).all()


def test_of_a_wide_embedding_the_leading_directions_are_measured_in(monkeypatch):
    monkeypatch.setattr(class_distance, "MOST_DIRECTIONS", 5)
    random = np.random.default_rng(0)
    narrow, labels = normal_classes([60, 40, 20], 4, 1, spread=5)
    basis = ortho_group.rvs(30, random_state=0)[:4]
    wide = narrow @ basis + 1e-9 * random.normal(size=(120, 30))
    fitted = fit_class_distance(wide, labels, 0)
    assert fitted.whitening.shape == (31, 5)
    np.testing.assert_allclose(fitted.of(wide), fit_class_distance(narrow, labels, 0).of(narrow), rtol=1e-6)
