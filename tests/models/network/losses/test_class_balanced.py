import numpy as np
import pytest

from models.network.losses.class_balanced import class_balanced
from models.network.losses.focal import Focal
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy


def test_weights_are_in_proportion_to_the_inverse_of_the_effective_number():
    # Effective numbers 1 + 1/2 + 1/4 and 1.
    loss = class_balanced(np.array([3, 1]), beta=0.5)
    assert isinstance(loss, WeightedCrossEntropy)
    assert loss.class_weights[1] / loss.class_weights[0] == pytest.approx(1.75)


def test_the_focal_base_keeps_its_gamma():
    loss = class_balanced(np.array([3, 1]), "focal", beta=0.5, gamma=1.0)
    assert isinstance(loss, Focal)
    # Mean weight 1 over the records: 3 w + 1.75 w = 4.
    expected = 1.75 * 4 / 4.75 * 0.5 * np.log(2)
    assert float(loss([1], [[0.0, 0.0]])) == pytest.approx(expected)


def test_another_base_is_refused():
    with pytest.raises(ValueError, match=r"must be cross_entropy or focal\. Received: base='ldam'"):
        class_balanced(np.array([3, 1]), "ldam")
