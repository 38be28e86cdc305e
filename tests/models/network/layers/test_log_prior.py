import numpy as np
import pytest

from models.network.layers.log_prior import LogPrior


def test_bias_of_90_and_10_records_is_the_log_of_their_shares():
    np.testing.assert_allclose(LogPrior([90, 10])((2,)), [np.log(0.9), np.log(0.1)], rtol=1e-6)


def test_a_class_without_records_is_refused():
    with pytest.raises(ValueError, match=r"the classes with index \[1\]"):
        LogPrior([3, 0])


def test_a_bias_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2,\), one value per class. Received: shape \(3,\)"):
        LogPrior([3, 1])((3,))
