import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.input.sampling import Draws, class_probabilities, drawn_positions, draws_per_class

COUNTS = (600, 90, 10)


def test_probabilities_of_two_classes_by_hand():
    counts = np.array([90, 10])
    expected = {
        "natural": [0.9, 0.1],
        "class_balanced": [0.5, 0.5],
        "sqrt": [0.75, 0.25],
        "reversed": [0.1, 0.9],
        "progressive": [0.8, 0.2],
    }
    for sampling, probabilities in expected.items():
        np.testing.assert_allclose(class_probabilities(sampling, counts, 0.25), probabilities)


def test_progressive_goes_linearly_from_natural_to_balanced():
    draws = Draws(COUNTS, "progressive", epochs=5, seed=0)
    natural, balanced = np.array(COUNTS) / 700, np.full(3, 1 / 3)
    for epoch in range(5):
        expected = natural + (balanced - natural) * epoch / 4
        np.testing.assert_allclose(draws.probabilities(epoch), expected)
    np.testing.assert_allclose(draws.probabilities(9), balanced)


def test_progressive_over_one_epoch_is_natural():
    assert Draws(COUNTS, "progressive", epochs=1, seed=0).per_class(0).tolist() == list(COUNTS)


def test_whole_numbers_of_draws_by_hand():
    probabilities = np.array([0.5, 0.25, 0.25])
    assert draws_per_class(probabilities, 10, 0.0).tolist() == [5, 2, 3]
    assert draws_per_class(probabilities, 10, 0.5).tolist() == [5, 3, 2]


@given(
    counts=st.lists(st.integers(1, 10**6), min_size=1, max_size=30),
    sampling=st.sampled_from(["class_balanced", "sqrt", "progressive", "reversed"]),
    epoch=st.integers(0, 20),
    seed=st.integers(0, 2**31 - 1),
)
def test_an_epoch_has_as_many_draws_as_records_each_class_within_one_of_its_share(
    counts, sampling, epoch, seed
):
    draws = Draws(counts, sampling, 10, seed)
    drawn = draws.per_class(epoch)
    assert drawn.sum() == sum(counts)
    assert (np.abs(drawn - draws.probabilities(epoch) * sum(counts)) < 1 + 1e-6).all()


def test_draws_are_exact_on_average():
    draws = Draws(COUNTS, "sqrt", 1, seed=3)
    mean = np.mean([draws.per_class(epoch) for epoch in range(2000)], axis=0)
    # Each number of draws is one of two neighbours: a standard deviation of at most 1/2.
    assert (np.abs(mean - draws.probabilities(0) * 700) < 4 * 0.5 / np.sqrt(2000)).all()


@pytest.mark.parametrize("sampling", ["natural", "class_balanced", "sqrt", "progressive", "reversed"])
def test_within_a_class_no_record_is_drawn_twice_more_than_another(sampling):
    labels = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], COUNTS))
    draws = Draws(COUNTS, sampling, 3, seed=0)
    for epoch in range(3):
        times = np.bincount(draws.positions(labels, epoch), minlength=700)
        assert np.bincount(labels, weights=times).astype(int).tolist() == draws.per_class(epoch).tolist()
        for label in range(3):
            assert np.ptp(times[labels == label]) <= 1


def test_over_epochs_every_record_of_a_class_is_drawn_alike():
    labels = np.repeat([0, 1, 2], COUNTS)
    draws = Draws(COUNTS, "class_balanced", 1, seed=0)
    times = sum(np.bincount(draws.positions(labels, epoch), minlength=700) for epoch in range(200))
    # A record of class 0 is in an epoch with a chance of .39: 77.8 times in 200, with a deviation of 6.9.
    assert times[labels == 0].mean() == pytest.approx(200 * 700 / 3 / 600, rel=0.01)
    assert times[labels == 0].std() == pytest.approx(6.9, rel=0.2)


def test_the_seed_and_the_epoch_decide_the_draws():
    labels = np.repeat([0, 1, 2], COUNTS)

    def drawn(seed: int, epoch: int, stream: int = 0) -> list[int]:
        return Draws(COUNTS, "sqrt", 1, seed, stream).positions(labels, epoch).tolist()

    assert drawn(0, 0) == drawn(0, 0)
    assert len({tuple(drawn(*place)) for place in [(0, 0), (0, 1), (1, 0), (1, 1), (0, 0, 1)]}) == 5


def test_positions_are_in_random_order():
    labels = np.repeat([0, 1], [500, 500])
    positions = drawn_positions(labels, np.array([500, 500]), np.random.default_rng(0))
    assert abs(np.mean(positions[:500] < 500) - 0.5) < 0.1


@pytest.mark.parametrize("counts", [(), (3, 0), (3, -1)])
def test_a_class_without_a_record_is_refused(counts):
    with pytest.raises(ValueError, match="`class_counts` must hold a number above 0 for every class"):
        Draws(counts, "natural", 1, 0)


def test_an_unknown_sampling_is_refused():
    with pytest.raises(ValueError, match="Received: sampling='balanced'"):
        Draws(COUNTS, "balanced", 1, 0)
