"""Whole trainings of a small network, each proving what a setting does."""

import logging
import math

import keras
import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from sklearn.metrics import log_loss

from core.progress_events import LOGGER_NAME
from models.input.dataset import ExampleFiles
from models.training.callbacks.finite_loss import DivergedError
from tests.addons import needs_addons
from tests.models.training.trained import NO_DROPOUT, UNWEIGHTED, changed_layers, eval_figures, figures


def test_deferred_class_weights_change_the_loss_from_their_epoch_on(job_of, trained_by, plain):
    deferred = trained_by(job_of(loss={"class_weights": "inverse"}, deferred=2))
    assert figures(deferred)[:1] == figures(plain)[:1]
    assert figures(deferred)[1]["val_accuracy"] == figures(plain)[1]["val_accuracy"]
    assert deferred.history[1]["loss"] == plain.history[1]["loss"]
    assert deferred.history[2]["loss"] != plain.history[2]["loss"]


@pytest.mark.slow
def test_averaged_weights_are_others_and_the_ones_that_were_measured(job_of, trained_by):
    job = job_of(model=NO_DROPOUT, ema=0.9)
    averaged, last = trained_by(job), trained_by(job_of(model=NO_DROPOUT))
    assert "logits" in changed_layers(averaged, last)
    # Averaging has no say in the steps themselves.
    assert [epoch["loss"] for epoch in averaged.history] == [epoch["loss"] for epoch in last.history]
    best = averaged.history[averaged.best.best_epoch - 1]
    assert eval_figures(averaged, job)[0] == pytest.approx(best["val_accuracy"], abs=1e-6)


@pytest.mark.slow
@needs_addons
def test_the_average_of_an_optimizer_is_measured_and_kept(job_of, trained_by):
    def averaging(start: int):
        swa = {"name": "Addons>SWA", "config": {"average_period": 1, "start_averaging": start}}
        return job_of(model=NO_DROPOUT, optimizer=swa)

    job = averaging(0)
    averaged, last = trained_by(job), trained_by(averaging(10**6))
    assert "logits" in changed_layers(averaged, last)
    assert [epoch["loss"] for epoch in averaged.history] == [epoch["loss"] for epoch in last.history]
    best = averaged.history[averaged.best.best_epoch - 1]
    assert eval_figures(averaged, job)[0] == pytest.approx(best["val_accuracy"], abs=1e-6)


def test_sampling_changes_how_often_a_class_is_seen(job_of, trained_by, monkeypatch):
    seen = []
    training_batches = ExampleFiles.training_batches

    def noted(self, *arguments, **options):
        batches = training_batches(self, *arguments, **options)
        labels = np.concatenate([label.numpy() for _, label in batches])
        seen.append(np.bincount(labels))
        return batches

    monkeypatch.setattr(ExampleFiles, "training_batches", noted)
    trained = trained_by(job_of(sampling="class_balanced", epochs=1), traced=False)
    [counts] = seen
    assert counts.sum() == trained.class_counts.sum() == 160
    assert counts.max() - counts.min() <= 1
    assert trained.class_counts.max() - trained.class_counts.min() > 50


def test_mixing_records_changes_training(job_of, trained_by, plain):
    mixed = trained_by(job_of(loss=UNWEIGHTED, augmentation={"image": "mixup"}))
    assert all(math.isfinite(epoch["loss"]) for epoch in mixed.history)
    assert "logits" in changed_layers(mixed, plain)


@pytest.mark.parametrize("branches", ["bilateral", "experts", "class_groups"])
def test_several_branches_are_trained_and_answer_as_one(job_of, trained_by, branches):
    job = job_of(model={"branches": branches}, epochs=1)
    trained = trained_by(job)
    inputs, _ = next(iter(job.evaluation.batches(5, 40)))
    assert trained.model(inputs, training=False).shape == (5, 3)
    accuracy = trained.history[trained.best.best_epoch - 1]["val_accuracy"]
    assert eval_figures(trained, job)[0] == pytest.approx(accuracy, abs=1e-6)


@pytest.mark.slow
def test_float16_trains_a_network_that_is_float32_in_the_end(job_of, trained_by):
    job = job_of("both", mixed_precision=True, epochs=2)
    policies = []
    note = keras.callbacks.LambdaCallback(on_train_begin=lambda logs: policies.append(policy_of(noted[0])))
    noted = []
    set_model = note.set_model
    note.set_model = lambda model: (noted.append(model), set_model(model))
    trained = trained_by(job, [note])
    assert policies == ["mixed_float16"]
    assert policy_of(trained.model) == "float32"
    assert trained.model.get_layer("embedding").compute_dtype == "float32"
    assert all(math.isfinite(epoch["loss"]) for epoch in trained.history)
    assert trained.history[1]["loss"] < trained.history[0]["loss"]
    # Both compute the same, but for the digits that float16 lacks.
    accuracy = trained.history[trained.best.best_epoch - 1]["val_accuracy"]
    assert eval_figures(trained, job)[0] == pytest.approx(accuracy, abs=0.05)
    assert any("training.mixed_precision is on without a GPU" in warning for warning in trained.warnings)


def policy_of(model: keras.Model) -> str:
    return model.get_layer("embedding").dtype_policy.name


def test_epochs_are_counted_through_all_stages(job_of, trained_by, caplog):
    caplog.set_level(logging.INFO, logger=LOGGER_NAME)
    trained_by(job_of(epochs=2, second_stage="crt", second_stage_epochs=1))
    events = [record.event for record in caplog.records if record.name == LOGGER_NAME]
    ends = [event for event in events if event["figures"]]
    assert [(event["epoch"], event["epochs"]) for event in ends] == [(1, 3), (2, 3), (3, 3)]


def test_training_that_diverges_says_where_and_what_to_do(job_of, trained_by):
    class Diverge(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.get_layer("logits").bias.assign([float("nan")] * 3)

    with pytest.raises(
        DivergedError, match=r"nan in epoch 2, step 1, .* Lower `training\.optimizer\.learning_rate`"
    ):
        trained_by(job_of(epochs=5), [Diverge()])


def test_settings_that_contradict_each_other_are_refused_before_training(job_of, trained_by):
    with pytest.raises(ValueError, match=r"training.deferred=1 with loss.class_weights='none'"):
        trained_by(job_of(loss=UNWEIGHTED, deferred=1))


def test_the_refined_loss_of_an_epoch_is_what_a_temperature_leaves(job_of, trained_by):
    job = job_of(loss=UNWEIGHTED, monitor="val_refined_loss", epochs=1, batch_size=1000)
    trained = trained_by(job, traced=False)
    [epoch] = trained.history
    inputs, labels = next(iter(job.evaluation.batches(1000, 1000)))
    logits = np.asarray(trained.model(inputs, training=False), np.float64)

    def loss(log_factor: float) -> float:
        return log_loss(labels, softmax(np.exp(log_factor) * logits, axis=1))

    left = minimize_scalar(loss, bounds=(-4, 4), method="bounded").fun
    assert trained.best.value == epoch["val_refined_loss"] == pytest.approx(left, rel=1e-5)
    assert left < epoch["val_loss"]
