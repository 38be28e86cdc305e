"""Nearness to prototypes, against a nearest mean by hand, and where it degenerates."""

import numpy as np

from components.review.prototype_distance import prototype_evidence


def two_clouds(size: int = 200) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    labels = (np.arange(size) >= size // 2).astype(int)
    return random.normal(0, 1, (size, 3)) + 6 * labels[:, None], labels


def test_shares_sum_to_one_and_the_nearest_mean_has_the_largest():
    rows, labels = two_clouds()
    shares = np.exp(prototype_evidence(rows, labels, np.ones(len(rows))))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert (shares.argmax(axis=1) == labels).all()


def test_a_label_that_is_not_trusted_does_not_move_its_prototype():
    rows, labels = two_clouds()
    wrong = slice(130, 190)
    labels = labels.copy()
    labels[wrong], trust = 0, np.ones(len(labels))
    trusting = prototype_evidence(rows, labels, trust)[wrong, 0].mean()
    trust[wrong] = 0
    assert prototype_evidence(rows, labels, trust)[wrong, 0].mean() < trusting - 0.2


def test_no_record_vouches_for_itself():
    # Nothing tells the classes apart, of which the last two have three records and one.
    labels = np.repeat([0, 1, 2, 3], [150, 146, 3, 1])
    rows = np.random.default_rng(1).normal(0, 1, (300, 20))
    evidence = prototype_evidence(rows, labels, np.ones(300))
    assert np.isfinite(evidence).all()
    assert (evidence[296:299].argmax(axis=1) != 2).all()
    assert evidence[299, 3] < -0.1


def test_units_do_not_matter():
    rows, labels = two_clouds()
    scale = np.array([1, 1000, 0.001])
    first, second = (prototype_evidence(one, labels, np.ones(len(rows))) for one in (rows, rows * scale))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_of_equal_embeddings_every_class_has_the_same_share():
    evidence = prototype_evidence(np.ones((6, 4)), np.array([0, 0, 0, 0, 2, 2]), np.ones(6))
    np.testing.assert_allclose(np.exp(evidence), [[0.5, 0, 0.5]] * 6)
