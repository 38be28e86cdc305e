import numpy as np

from models.network.soft_clip import SoftClip


def clip(*values):
    return SoftClip()(np.array([values], np.float32)).numpy()[0]


def test_one_standard_deviation_becomes_the_log_of_one_plus_root_two():
    np.testing.assert_allclose(clip(1.0, -1.0), [np.log(1 + 2**0.5), -np.log(1 + 2**0.5)], rtol=1e-6)


def test_small_values_pass_almost_unchanged():
    np.testing.assert_allclose(clip(0.0, 0.1, -0.1), [0.0, 0.1, -0.1], rtol=2e-3)


def test_the_greatest_floats_stay_finite_and_in_order():
    clipped = clip(-3e38, -1e6, -10.0, 0.0, 10.0, 1e6, 3e38)
    assert np.isfinite(clipped).all()
    assert (np.diff(clipped) > 0).all()
    assert abs(clipped).max() < 100
