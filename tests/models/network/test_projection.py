import keras
import numpy as np

from models.network.metrics import make_metrics
from models.network.projection import Projection, with_projection

EMBEDDED = np.array([[1.0, 2, 0], [0, 1, 1]], np.float32)
LOGITS = np.array([[1.0, -1], [-2, 2]], np.float32)


def classifier() -> keras.Model:
    x = keras.Input((4,), name="numeric")
    vector = keras.layers.Dense(3, name="embedding")(x)
    return keras.Model({"numeric": x}, keras.layers.Dense(2, name="logits")(vector), name="classifier")


def test_a_projection_follows_the_logits_in_training_alone():
    layer = Projection(units=5, seed=1)
    trained = layer([LOGITS, EMBEDDED], training=True).numpy()
    np.testing.assert_array_equal(trained[:, :2], LOGITS)
    np.testing.assert_allclose(trained[:, 2:], EMBEDDED @ layer.kernel.numpy(), rtol=1e-5)
    np.testing.assert_array_equal(layer([LOGITS, EMBEDDED], training=False), LOGITS)


def test_the_seed_decides_the_first_weights():
    kernels = []
    for seed in (1, 1, 2):
        layer = Projection(units=5, seed=seed)
        layer([LOGITS, EMBEDDED])
        kernels.append(layer.kernel.numpy())
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[0], kernels[2])


def test_a_classifier_shares_its_weights_with_the_one_that_projects():
    model, inputs = classifier(), {"numeric": np.ones((2, 4), np.float32)}
    projecting = with_projection(model, Projection(units=5))
    assert projecting(inputs, training=True).shape == (2, 7)
    model.get_layer("logits").bias.assign([3.0, 4.0])
    np.testing.assert_array_equal(projecting(inputs, training=False), model(inputs, training=False))
    assert len(projecting.weights) == len(model.weights) + 1


def test_metrics_leave_a_projection_out():
    # One record right and one wrong by the logits; the projection is the largest number of all.
    labels, both = np.array([0, 0]), np.concatenate([LOGITS, np.full((2, 3), 9, np.float32)], axis=1)
    figures = {}
    for metric in make_metrics(2, num_eval_records=2):
        metric.update_state(labels, both)
        figures.update({name: float(figure) for name, figure in metric.result().items()})
    assert (figures["accuracy"], figures["recall_0"]) == (0.5, 0.5)
    assert figures["macro_average_precision"] == 1
