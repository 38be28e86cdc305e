import numpy as np
import pytest

from models.network.losses.focal import Focal
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy


def test_an_even_guess_is_a_quarter_of_log_two():
    assert float(Focal(gamma=2)([1], [[0.0, 0.0]])) == pytest.approx(0.25 * np.log(2))


def test_an_easy_record_is_played_down_as_the_paper_says():
    # p = 0.9 at gamma 2 lowers the loss a hundredfold.
    logits = [[np.log(9.0), 0.0]]
    assert float(WeightedCrossEntropy()([0], logits)) / float(Focal(2)([0], logits)) == pytest.approx(
        100, rel=1e-4
    )


def test_without_gamma_it_is_the_cross_entropy():
    random = np.random.default_rng(0)
    labels, logits = random.integers(0, 4, 20), random.normal(0, 3, (20, 4)).astype(np.float32)
    assert float(Focal(gamma=0)(labels, logits)) == float(WeightedCrossEntropy()(labels, logits))


@pytest.mark.parametrize("gamma", [-1, float("nan"), float("inf")])
def test_gamma_out_of_range_is_refused(gamma):
    with pytest.raises(ValueError, match=f"Received: gamma={gamma}"):
        Focal(gamma)
