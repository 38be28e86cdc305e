import numpy as np
import pytest

from models.network.losses.asymmetric_focal import AsymmetricFocal
from models.network.losses.focal import Focal


def test_an_even_guess_of_two_classes_is_worked_by_hand():
    # 0.5 log 2 for the own class, 0.5**2 log 2 for the other.
    loss = AsymmetricFocal(gamma_positive=1, gamma_negative=2, margin=0)
    assert float(loss([1], [[0.0, 0.0]])) == pytest.approx(0.75 * np.log(2))


def test_a_wrong_class_below_the_margin_costs_nothing():
    logits = np.log([[0.9, 0.06, 0.04]]).astype(np.float32)
    loss = AsymmetricFocal(gamma_positive=2, gamma_negative=1, margin=0.1)
    assert float(loss([0], logits)) == pytest.approx(float(Focal(2)([0], logits)))


def test_easy_negatives_are_played_down_more_than_positives():
    logits = np.log([[0.9, 0.1]]).astype(np.float32)
    positive_alone = float(AsymmetricFocal(0, 20, 0)([0], logits))
    with_negative = float(AsymmetricFocal(0, 4, 0)([0], logits))
    assert with_negative - positive_alone == pytest.approx(-(0.1**4) * np.log(0.9), abs=1e-7)


@pytest.mark.parametrize(("key", "value"), [("gamma_positive", -1), ("gamma_negative", -1), ("margin", 1)])
def test_an_argument_out_of_range_is_refused(key, value):
    with pytest.raises(ValueError, match=f"Received: {key}={value}"):
        AsymmetricFocal(**{key: value})
