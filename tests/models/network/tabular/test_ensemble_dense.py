import numpy as np
import pytest

from models.network.tabular.ensemble_dense import EnsembleDense


def test_a_scaled_product_by_hand():
    layer = EnsembleDense(2)
    layer.build((None, 2, 2))
    kernel = np.array([[1.0, -1.0], [2.0, 5.0]])
    layer.kernel.assign(kernel)
    layer.input_scales.assign([[1, 1], [3, 0]])
    layer.output_scales.assign([[1, 1], [2, -1]])
    layer.bias.assign([[0, 0.5], [1, 0]])
    outputs = np.asarray(layer(np.array([[[1.0, 10.0], [1.0, 10.0]]], np.float32)))
    # Second member: (3, 0) @ kernel = (3, -3), scaled (6, 3), with bias (7, 3).
    np.testing.assert_allclose(outputs, [[[21, 49.5], [7, 3]]])


def test_scales_start_at_one_without_groups():
    layer = EnsembleDense(3)
    layer.build((None, 4, 5))
    assert (np.asarray(layer.input_scales) == 1).all()
    assert (np.asarray(layer.output_scales) == 1).all()


def test_features_of_a_group_start_with_the_same_scale_and_groups_with_others():
    layer = EnsembleDense(3, scaled_groups=(2, 1, 3), seed=1)
    layer.build((None, 500, 6))
    scales = np.asarray(layer.input_scales)
    for group in ([0, 1], [2], [3, 4, 5]):
        assert (scales[:, group] == scales[:, group[:1]]).all()
    groups = scales[:, [0, 2, 3]]
    assert abs(np.corrcoef(groups.T) - np.eye(3)).max() < 0.2
    np.testing.assert_allclose([groups.mean(), groups.std()], [0, 1], atol=0.1)


def test_groups_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match=r"the 4 features of the input. Received: scaled_groups=\(2, 1\)"):
        EnsembleDense(3, scaled_groups=(2, 1)).build((None, 2, 4))


def test_an_input_without_members_is_refused():
    with pytest.raises(ValueError, match=r"Use keras.layers.Dense for a single model"):
        EnsembleDense(3).build((None, 4))


def test_no_units_are_refused():
    with pytest.raises(ValueError, match=r"`units` must be at least 1. Received: units=0"):
        EnsembleDense(0)
