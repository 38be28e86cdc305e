"""Phases of fine-tuning a backbone that was trained before."""

import keras
import numpy as np
import pytest

from models.network.backbones.layer_graph import flat_layers
from tests.models.training.trained import UNWEIGHTED, changed_layers, eval_figures, figures


def test_a_pretrained_backbone_is_run_once_while_it_is_frozen(job_of, trained_by, pretrained):
    image = {
        "size": (10, 8),
        "channels": 1,
        "alpha": 0.25,
        "weights": pretrained,
        "frozen_epochs": 2,
    }
    models, kernels = [], []

    class Watch(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            models.append([layer.name for layer in self.model.layers])

        def on_train_end(self, logs=None):
            kernels.append(self.model.get_layer("logits").get_weights()[0])

    job = job_of("image", model={"image": image, "embedding_units": 8}, epochs=4)
    trained = trained_by(job, [Watch()])
    assert [stage.name for stage in trained.stages] == ["head", "last_block", "all"]
    assert ["small_cnn" in names for names in models] == [False, True, True]
    assert [epoch["stage"] for epoch in trained.history] == ["head", "head", "last_block", "all"]
    rates = [epoch["learning_rate"] for epoch in trained.history]
    assert rates == pytest.approx([0.01, 0.01, 0.001, 0.001])
    counts = [stage.trained_parameters for stage in trained.stages]
    assert counts[0] < counts[1] <= counts[2]
    accuracy = eval_figures(trained, job)[0]
    assert accuracy == pytest.approx(trained.history[trained.best.best_epoch - 1]["val_accuracy"], abs=1e-6)


@pytest.mark.skipif(keras.__version__.startswith("3"), reason="Keras 3 has no fused batch normalisation")
def test_frozen_batch_norm_is_affine_while_it_is_trained_through_and_fused_afterwards(
    job_of, trained_by, pretrained
):
    def is_fused(model):
        norms = (one for one in flat_layers(model) if isinstance(one, keras.layers.BatchNormalization))
        return {norm.fused for norm in norms}

    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(is_fused(self.model))

    image = {"size": (10, 8), "channels": 1, "alpha": 0.25, "weights": pretrained, "frozen_epochs": 0}
    job = job_of("image", model={"image": image, "embedding_units": 8}, epochs=1)
    trained = trained_by(job, [Watch()])
    assert seen and all(fused == {False} for fused in seen)
    assert is_fused(trained.model) == {True}


def test_precise_batch_norm_changes_statistics_alone_and_is_what_the_stage_is_judged_by(job_of, trained_by):
    settings = {"augmentation": {"image": "mixup", "crop_flip": True}, "monitor": "val_loss", "epochs": 1}
    moving, precise = (
        job_of("image", loss=UNWEIGHTED, precise_batch_norm=on, **settings) for on in (False, True)
    )
    one, other = trained_by(moving), trained_by(precise)
    assert figures(one) == figures(other)
    assert changed_layers(one, other) == {"small_cnn"}
    for mine, its in zip(one.model.trainable_weights, other.model.trainable_weights, strict=True):
        np.testing.assert_array_equal(mine, its)
    inputs, labels = next(iter(precise.evaluation.batches(1000, 1000)))
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    losses = [float(entropy(labels, trained.model(inputs, training=False))) for trained in (one, other)]
    assert abs(losses[0] - losses[1]) > 1e-3
    assert [one.best.value, other.best.value] == pytest.approx(losses, rel=1e-4)
