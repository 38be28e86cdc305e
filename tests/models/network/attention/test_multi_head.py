import numpy as np
import pytest

from models.network.attention.multi_head import MultiHead


def test_a_head_answers_with_the_values_weighted_by_how_well_keys_fit():
    layer = MultiHead(units=2, num_heads=1)
    queries = np.array([[[2**0.5, 0.0]]], np.float32)
    memory = np.array([[[np.log(3), 5.0], [0.0, -3.0]]], np.float32)
    layer([queries, memory])
    for part in (layer.query, layer.key, layer.value, layer.answer):
        part.set_weights([np.eye(2, dtype=np.float32), np.zeros(2, np.float32)])
    # Scores sqrt(2) * (log 3, 0) / sqrt(2), so weights 3/4 and 1/4.
    np.testing.assert_allclose(layer.attention_weights([queries, memory]), [[[[0.75, 0.25]]]], rtol=1e-6)
    np.testing.assert_allclose(layer([queries, memory]), [[[0.75 * np.log(3), 3.0]]], rtol=1e-6)


def test_heads_look_for_themselves():
    random = np.random.default_rng(0)
    queries, memory = random.normal(size=(2, 3, 4)), random.normal(size=(2, 5, 6))
    layer = MultiHead(units=7, num_heads=2)
    layer([queries, memory])
    weights = np.asarray(layer.attention_weights([queries, memory]))
    assert weights.shape == (2, 2, 3, 5)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-6)
    assert not np.allclose(weights[:, 0], weights[:, 1])


def test_the_projections_start_from_different_weights():
    layer = MultiHead(units=4)
    layer.build([(None, 3, 4), (None, 5, 4)])
    kernels = [part.get_weights()[0] for part in (layer.query, layer.key, layer.value, layer.answer)]
    assert len({kernel.tobytes() for kernel in kernels}) == 4


@pytest.mark.parametrize("values", [{"units": 0}, {"units": 4, "num_heads": 0}])
def test_an_argument_out_of_range_is_refused(values):
    with pytest.raises(ValueError, match="must be at least 1"):
        MultiHead(**values)
