import keras
import pytest

from models.training.precision import compute_precision


def policy() -> str:
    return keras.mixed_precision.global_policy().name


def test_layers_built_inside_compute_in_float16_and_keep_float32_weights():
    with compute_precision(mixed=True):
        layer = keras.layers.Dense(1)
    assert (layer.compute_dtype, layer.variable_dtype) == ("float16", "float32")
    assert policy() == "float32"


def test_without_it_nothing_changes():
    with compute_precision(mixed=False):
        assert policy() == "float32"


def test_the_policy_is_put_back_after_an_error():
    with pytest.raises(KeyError), compute_precision(mixed=True):
        raise KeyError
    assert policy() == "float32"
