import keras
import numpy as np
import pytest
import tensorflow as tf

from models.network.backbones.layer_graph import flat_layers
from models.training.batch_norm_statistics import measure_batch_norm
from tests.models.training.on_devices import printed_on

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(3, 2, (70, 5)).astype(np.float32)
IMAGES = RANDOM.uniform(0, 255, (48, 6, 5, 3)).astype(np.float32)


def batches_of(array, size, name="x"):
    return tf.data.Dataset.from_tensor_slices(({name: array}, np.zeros(len(array)))).batch(size)


def norms_of(model):
    return [layer for layer in flat_layers(model) if isinstance(layer, keras.layers.BatchNormalization)]


def of_rows():
    x = keras.Input((5,), name="x")
    return keras.Model({"x": x}, keras.layers.BatchNormalization(momentum=0.999)(x))


def of_images():
    """Two layers of batch normalisation, the second inside a model inside."""
    inner_input = keras.Input((6, 5, 4))
    inner = keras.Model(inner_input, keras.layers.BatchNormalization()(keras.layers.ReLU()(inner_input)))
    x = keras.Input((6, 5, 3), name="x")
    y = keras.layers.BatchNormalization()(keras.layers.Conv2D(4, 3, padding="same")(x))
    return keras.Model({"x": x}, inner(y))


@pytest.mark.parametrize("size", [16, 70])
def test_statistics_are_those_of_all_records_however_they_are_batched(size):
    model = of_rows()
    assert measure_batch_norm(model, batches_of(ROWS, size), size) == 1
    [norm] = norms_of(model)
    np.testing.assert_allclose(norm.moving_mean, ROWS.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(norm.moving_variance, ROWS.var(axis=0), rtol=1e-5)
    assert norm.momentum == 0.999


def test_a_network_answers_as_it_did_to_the_batch_it_was_measured_on():
    model = of_images()
    before = [weight.numpy() for weight in model.trainable_weights]
    asked = np.asarray(model({"x": IMAGES}))
    in_training = np.asarray(model({"x": IMAGES}, training=True))
    assert measure_batch_norm(model, batches_of(IMAGES, 48), 48) == 2
    assert np.abs(asked - in_training).max() > 0.5
    # TensorFlow's fused operation keeps a variance divided by n - 1, with n the places of 48 images.
    np.testing.assert_allclose(model({"x": IMAGES}), in_training, rtol=1e-3, atol=2e-3)
    for mine, other in zip(model.trainable_weights, before, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_at_most_some_ten_thousand_records_are_read():
    read = []

    def record(number):
        read.append(int(number))
        return np.float32([number] * 5)

    rows = tf.data.Dataset.range(100_000).map(
        lambda number: tf.ensure_shape(tf.numpy_function(record, [number], tf.float32), (5,))
    )
    measure_batch_norm(of_rows(), rows.map(lambda x: ({"x": x}, 0)).batch(2_000), 2_000)
    assert 10_000 <= len(read) < 20_000


def test_frozen_layers_keep_theirs():
    model = of_images()
    first, second = norms_of(model)
    first.trainable = False
    assert measure_batch_norm(model, batches_of(IMAGES, 16), 16) == 1
    np.testing.assert_array_equal(first.moving_mean, np.zeros(4))
    assert np.asarray(second.moving_mean).min() > 0
    second.trainable = False
    assert measure_batch_norm(model, batches_of(IMAGES, 16), 16) == 0


SCRIPT = """
from models.training.batch_norm_statistics import measure_batch_norm
from models.training.devices import strategy_for, visible_devices

rows = np.random.default_rng(0).normal(3, 2, (70, 5)).astype("float32")
batches = tf.data.Dataset.from_tensor_slices(({"x": rows}, np.zeros(70))).batch(16)
with strategy_for(visible_devices()).scope():
    x = keras.Input((5,), name="x")
    norm = keras.layers.BatchNormalization()
    model = keras.Model({"x": x}, keras.layers.Dense(1)(norm(x)))
    model.compile("sgd", "mse")
    model.fit(batches, verbose=0)
    measure_batch_norm(model, batches, 16)
print(json.dumps([norm.moving_mean.numpy().tolist(), norm.moving_variance.numpy().tolist()]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("num_devices", [1, 2])
def test_several_devices_measure_the_same(num_devices):
    mean, variance = printed_on(num_devices, SCRIPT)
    np.testing.assert_allclose(mean, ROWS.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(variance, ROWS.var(axis=0), rtol=1e-4)
