import numpy as np
import pytest

from components.decision_calibrator.ensemble_distances import held_out_distances
from components.decision_calibrator.fit_unknown import TRAINED_ON


def test_known_records_take_the_quantiles_of_those_held_out_by_hand():
    folds = np.array([0, 0, 0, 1, 1, 1])
    distances = np.array([[2.0, 4, 6, 1, 2, 3], [10, 30, 20, 5, 7, 9]])
    # In the first network 1, 2 and 3 are known, and stand for 2, 4 and 6; in the second 10, 30 and 20 for 5, 9 and 7.
    assert held_out_distances(distances, folds).tolist() == [3.5, 6.5, 6.5, 3.5, 5.5, 7.5]


def test_of_one_network_the_held_out_records_are_as_they_are():
    held_out_of = np.array([TRAINED_ON, 0, TRAINED_ON, 0])
    assert held_out_distances(np.array([[1.0, 2, 3, 4]]), held_out_of).tolist() == [2, 4]


def test_a_threshold_of_means_is_found_however_much_the_networks_have_learnt():
    random, networks = np.random.default_rng(0), 5
    folds = np.arange(3000) % networks
    own, shared = random.normal(size=(networks, 3000)), random.normal(size=3000)
    as_new = np.exp(0.3 * (own + shared))
    seen = np.where(folds == np.arange(networks)[:, np.newaxis], as_new, 0.7 * as_new**0.9)
    new = np.exp(0.3 * (random.normal(size=(networks, 20_000)) + random.normal(size=20_000))).mean(axis=0)
    for share in (0.01, 0.1):
        threshold = np.quantile(held_out_distances(seen, folds), 1 - share)
        assert (new > threshold).mean() == pytest.approx(share, abs=3 * np.sqrt(share / 3000))
    # By the distance in the network that does not know it alone, a third as many would be called unknown.
    alone = np.quantile(seen[folds, np.arange(3000)], 0.99)
    assert (new > alone).mean() < 0.005
