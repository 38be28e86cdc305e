import gc
import os

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.network import frozen_features
from models.network.classifier import InputShape, build_classifier
from models.network.fine_tuning import set_trainable
from models.network.frozen_features import embed, embedding_obstacle
from models.settings import ImageModelSettings, ModelSettings

NUM_RECORDS, BATCH = 22, 8


def classifier(dropout=0.0, part="head", **values):
    settings = ModelSettings(image=ImageModelSettings(size=(16, 16), dropout=dropout), **values)
    settings = settings.model_copy(
        update={"tabular": settings.tabular.model_copy(update={"dropout": dropout, "hidden_units": (8,)})}
    )
    model = build_classifier(InputShape(image=(16, 16, 3), num_numeric=2), settings, np.array([12, 6, 4]), 7)
    set_trainable(model, part)
    return model


def records():
    random = np.random.default_rng(3)
    inputs = {
        "image": random.uniform(0, 255, (NUM_RECORDS, 16, 16, 3)).astype("f4"),
        "numeric": random.normal(size=(NUM_RECORDS, 2)).astype("f4"),
        "missing": np.zeros((NUM_RECORDS, 2), "f4"),
    }
    return inputs, random.integers(0, 3, NUM_RECORDS)


def batches():
    return tf.data.Dataset.from_tensor_slices(records()).batch(BATCH)


def fit(model, dataset, epochs=4):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss)
    return model.fit(dataset, epochs=epochs, verbose=0).history["loss"]


@pytest.fixture(scope="module")
def plain():
    """A classifier, the dataset of its kept features, and its head, for whoever only looks at them."""
    model = classifier()
    return model, *embed(model, batches())


@pytest.fixture(scope="module")
def attending():
    model = classifier(attention="squeeze_excitation")
    return model, *embed(model, batches())


@pytest.mark.parametrize("network", ["plain", "attending"])
def test_the_head_answers_on_features_what_the_classifier_answers_on_images(network, request):
    model, dataset, head = request.getfixturevalue(network)
    for (inputs, labels), (kept, kept_labels) in zip(batches(), dataset, strict=True):
        np.testing.assert_allclose(
            head(kept, training=False), model(inputs, training=False), rtol=1e-4, atol=1e-5
        )
        np.testing.assert_array_equal(labels, kept_labels)
        np.testing.assert_array_equal(inputs["numeric"], kept["numeric"])


def test_the_mean_of_the_map_is_kept_where_nothing_else_reads_the_map(plain):
    _, dataset, _ = plain
    assert dataset.element_spec[0]["image"].shape == (None, 128)


def test_the_map_is_kept_where_attention_reads_it(attending):
    _, dataset, _ = attending
    assert dataset.element_spec[0]["image"].shape == (None, 4, 4, 128)


def test_training_the_head_ends_in_the_weights_of_training_the_classifier():
    model = classifier()
    before = model.get_weights()
    dataset, head = embed(model, batches())
    losses, fast = fit(head, dataset), model.get_weights()
    model.set_weights(before)
    np.testing.assert_allclose(losses, fit(model, batches()), rtol=1e-4)
    moved = 0
    for one, other, start in zip(fast, model.get_weights(), before, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
        moved += not np.array_equal(one, start)
    assert moved >= 6


def test_the_head_drops_units_in_training_and_not_otherwise():
    model = classifier(dropout=0.5)
    dataset, head = embed(model, batches())
    kept, _ = next(iter(dataset))
    still = [np.asarray(head(kept, training=False)) for _ in range(2)]
    dropped = [np.asarray(head(kept, training=True)) for _ in range(2)]
    np.testing.assert_array_equal(*still)
    assert not np.array_equal(*dropped)


def test_fitting_the_head_drops_units():
    """Keras trains a model in training mode only if its `call` names the argument, as of Keras 3."""
    dataset, head = embed(classifier(dropout=0.5), batches())
    # Nothing is learnt, so whatever differs between epochs is what was dropped in them.
    head.compile(keras.optimizers.SGD(0.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    losses = head.fit(dataset, epochs=3, verbose=0).history["loss"]
    still = head.evaluate(dataset, verbose=0)
    assert len({*losses, still}) == 4
    assert head.evaluate(dataset, verbose=0) == still


@pytest.mark.parametrize("branches", ["experts", "class_groups"])
def test_fitting_the_head_shows_the_loss_every_member(branches):
    dataset, head = embed(classifier(branches=branches), batches())
    shapes = {}

    class Watching(keras.losses.Loss):
        def call(self, y_true, y_pred):
            shapes[watched] = tuple(y_pred.shape[1:])
            return tf.reduce_sum(y_pred)

    head.compile(keras.optimizers.SGD(0.0), Watching())
    watched = "training"
    head.fit(dataset, verbose=0)
    watched = "evaluation"
    head.evaluate(dataset, verbose=0)
    assert shapes["evaluation"] == (3,)
    assert shapes["training"] != (3,)


def test_the_head_trains_all_but_the_backbone(plain):
    model, _, head = plain
    assert model.trainable_weights
    assert {id(weight) for weight in head.trainable_weights} == {
        id(weight) for weight in model.trainable_weights
    }


def test_the_layers_of_the_classifier_still_say_their_outputs(plain):
    """What looks inside a network, as Grad-CAM, asks layers for their outputs."""
    model, _, _ = plain
    assert model.get_layer("embedding").output.shape == (None, 64)
    assert model.get_layer("feature_map").output.shape == (None, 4, 4, 128)


@pytest.mark.parametrize("branches", ["experts", "class_groups"])
def test_branches_that_are_a_graph_of_layers_can_be_embedded(branches):
    model = classifier(branches=branches)
    dataset, head = embed(model, batches())
    (inputs, _), (kept, _) = next(iter(batches())), next(iter(dataset))
    for training in (False, True):
        np.testing.assert_allclose(
            head(kept, training=training), model(inputs, training=training), rtol=1e-4, atol=1e-5
        )


def test_features_beyond_the_memory_limit_go_to_a_file_and_stay_the_same(plain, tmp_path):
    model, in_memory, _ = plain
    in_file, _ = embed(model, batches(), memory_limit=5000, cache_folder=str(tmp_path))
    assert os.listdir(tmp_path)
    for _ in range(2):
        for one, other in zip(in_memory, in_file, strict=True):
            tf.nest.map_structure(np.testing.assert_array_equal, one, other)


def test_a_temporary_file_goes_with_the_head(monkeypatch, tmp_path):
    monkeypatch.setattr(frozen_features.tempfile, "tempdir", str(tmp_path))
    dataset, head = embed(classifier(), batches(), memory_limit=0)
    assert len(os.listdir(tmp_path)) == 1
    del dataset, head
    keras.backend.clear_session()
    gc.collect()
    assert not os.listdir(tmp_path)


def test_the_backbone_runs_once_per_image(plain):
    seen = []
    dataset = batches().map(
        lambda inputs, label: (tf.py_function(lambda: seen.append(1) or 0, [], tf.int32), inputs, label)
    )
    dataset = dataset.map(lambda _, inputs, label: (inputs, label))
    kept, _ = embed(plain[0], dataset)
    for _ in range(3):
        list(kept)
    assert len(seen) == -(-NUM_RECORDS // BATCH)


@pytest.mark.parametrize(
    ("model", "changes", "reason"),
    [
        (None, True, "augmented on the fly"),
        (lambda: classifier(part="all"), False, "The backbone is trained"),
        (lambda: classifier(branches="bilateral"), False, "more than a graph of layers"),
        (
            lambda: build_classifier(InputShape(num_numeric=2), ModelSettings(), np.array([2, 1]), 0),
            False,
            "no image backbone",
        ),
        (None, False, None),
    ],
)
def test_what_cannot_be_kept_is_said(plain, model, changes, reason):
    said = embedding_obstacle(model() if model else plain[0], changes)
    assert said is None if reason is None else reason in said


def test_a_trained_backbone_is_refused():
    with pytest.raises(
        ValueError, match=r"cannot be kept for all epochs. The backbone is trained.*on images"
    ):
        embed(classifier(part="last_block"), batches())


def test_an_empty_dataset_is_refused(plain):
    with pytest.raises(ValueError, match="The dataset is empty"):
        embed(plain[0], batches().take(0))
