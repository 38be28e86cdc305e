import keras
import numpy as np
import pytest

from models.training.class_scales import ClassScales, with_class_scales


def classifier(use_bias: bool) -> keras.Model:
    inputs = keras.Input((2,))
    return keras.Model(inputs, keras.layers.Dense(3, use_bias=use_bias, name="logits")(inputs))


def test_a_scale_makes_a_class_vector_longer_and_leaves_the_bias_out():
    model = classifier(use_bias=True)
    kernel = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], np.float32)
    model.set_weights([kernel, np.array([-1.0, -2.0, -3.0])])
    scaled = with_class_scales(model)
    scaled.get_layer("class_scales").set_weights([np.array([1.0, 0.5, 2.0])])
    record = np.array([[1.0, -1.0]], np.float32)
    np.testing.assert_allclose(scaled(record), record @ (kernel * [1.0, 0.5, 2.0]), rtol=1e-6)


def test_scales_begin_at_1():
    model = classifier(use_bias=False)
    record = np.ones((1, 2), np.float32)
    np.testing.assert_array_equal(with_class_scales(model)(record), model(record))


def test_the_layers_are_those_of_the_classifier():
    model = classifier(use_bias=True)
    assert with_class_scales(model).get_layer("logits") is model.get_layer("logits")


def test_a_saved_layer_answers_the_same(tmp_path):
    scaled = with_class_scales(classifier(use_bias=True))
    scaled.get_layer("class_scales").set_weights([np.array([1.0, 0.5, 2.0])])
    scaled.save(tmp_path / "model.keras")
    record = np.ones((1, 2), np.float32)
    np.testing.assert_allclose(keras.saving.load_model(tmp_path / "model.keras")(record), scaled(record))


def test_a_bias_of_another_number_of_classes_is_refused():
    with pytest.raises(ValueError, match="Received: 2 values for logits of shape"):
        ClassScales([0.0, 0.0])(np.zeros((1, 3), np.float32))
