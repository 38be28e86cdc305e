import keras
import numpy as np
import pytest

from models.network.fusion.cross_attention import CrossAttention
from models.network.fusion.fuse import fuse
from models.network.fusion.gating import GatedFusion


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_a_gate_decides_unit_by_unit_which_vector_to_hear():
    layer = GatedFusion(units=1)
    first, second = np.array([[0.5]], np.float32), np.array([[-2.0, 1.0]], np.float32)
    layer([first, second])
    layer.first.set_weights([np.array([[2.0]]), np.array([0.1])])
    layer.second.set_weights([np.array([[1.0], [0.5]]), np.array([0.0])])
    layer.gate.set_weights([np.array([[1.0], [2.0], [3.0]]), np.array([0.3])])
    gate = sigmoid(0.5 - 4.0 + 3.0 + 0.3)
    np.testing.assert_allclose(layer.gates([first, second]), [[gate]], rtol=1e-6)
    expected = gate * np.tanh(1.1) + (1 - gate) * np.tanh(-1.5)
    np.testing.assert_allclose(layer([first, second]), [[expected]], rtol=1e-6)


def test_a_table_looks_at_the_place_its_query_fits():
    layer = CrossAttention(num_heads=1)
    vector = np.array([[1.0], [-1.0]], np.float32)
    maps = np.zeros((2, 1, 2, 1), np.float32)
    maps[:, 0, 1, 0] = np.log(3)
    layer([vector, maps])
    for part in (layer.heads.query, layer.heads.key, layer.heads.value, layer.heads.answer):
        part.set_weights([np.ones((1, 1)), np.zeros(1)])
    np.testing.assert_allclose(
        layer.attention_weights([vector, maps]), [[[0.25, 0.75]], [[0.75, 0.25]]], rtol=1e-6
    )
    np.testing.assert_allclose(layer([vector, maps]), [[0.75 * np.log(3)], [0.25 * np.log(3)]], rtol=1e-6)


@pytest.mark.parametrize(("fusion", "units"), [("concatenate", 8), ("gating", 5), ("cross_attention", 11)])
def test_every_fusion_gives_one_vector_in_which_both_have_a_say(fusion, units):
    maps, columns = keras.Input((2, 2, 3)), keras.Input((5,))
    pooled = keras.layers.GlobalAveragePooling2D()(maps)
    model = keras.Model([maps, columns], fuse(fusion, pooled, maps, columns, seed=0))
    random = np.random.default_rng(0)
    image, table = random.normal(size=(1, 2, 2, 3)), random.normal(size=(1, 5))
    before = np.asarray(model([image, table]))
    assert before.shape == (1, units)
    assert not np.allclose(model([image + 1, table]), before)
    assert not np.allclose(model([image, table + 1]), before)


def test_an_unknown_fusion_is_refused():
    with pytest.raises(
        ValueError, match=r"must be concatenate, gating or cross_attention. Received: fusion='sum'"
    ):
        fuse("sum", None, None, None, seed=0)


def test_a_gate_without_units_is_refused():
    with pytest.raises(ValueError, match="Received: units=0"):
        GatedFusion(0)
