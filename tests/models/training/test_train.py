"""Whole trainings of a small network, each proving what a setting does."""

import logging
import math

import keras
import numpy as np
import pytest

from models.dataset import ExampleFiles
from models.network.backbones.layer_graph import flat_layers
from models.progress_events import LOGGER_NAME
from models.training import steps_at_once as steps_module
from models.training import train as train_module
from models.training.finite_loss import DivergedError
from models.training.job import Trained

UNWEIGHTED = {"class_weights": "none"}
# What is dropped is drawn otherwise where steps are taken in a loop of the graph.
NO_DROPOUT = {"tabular": {"hidden_units": (16,), "dropout": 0.0}}


def weights_by_layer(trained: Trained) -> dict[str, list[np.ndarray]]:
    return {layer.name: layer.get_weights() for layer in trained.model.layers if layer.weights}


def changed_layers(one: Trained, other: Trained) -> set[str]:
    first, second = weights_by_layer(one), weights_by_layer(other)
    return {
        name
        for name in first.keys() | second.keys()
        if name not in first
        or name not in second
        or any(not np.array_equal(a, b) for a, b in zip(first[name], second[name], strict=True))
    }


def figures(trained: Trained) -> list[dict]:
    return [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in trained.history]


def eval_figures(trained: Trained, job) -> tuple[float, float]:
    """Accuracy and balanced accuracy on the eval split, computed anew."""
    inputs, labels = next(iter(job.evaluation.batches(1000, 1000)))
    answers = trained.model(inputs, training=False).numpy()
    hits, labels = answers.argmax(axis=1) == labels.numpy(), labels.numpy()
    return hits.mean(), np.mean([hits[labels == label].mean() for label in np.unique(labels)])


def step_ends(run) -> list[int]:
    ends: list[int] = []
    run([keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: ends.append(batch))])
    return ends


@pytest.fixture(scope="module")
def plain(job_of, trained_by) -> Trained:
    return trained_by(job_of(loss=UNWEIGHTED))


@pytest.fixture
def keep_the_last(monkeypatch):
    """Lets every later stage count as better."""
    monkeypatch.setattr(train_module, "_is_better", lambda *_: True)


@pytest.fixture
def keep_the_first(monkeypatch):
    """Lets no later stage count as better."""
    monkeypatch.setattr(train_module, "_is_better", lambda *_: False)


def test_deferred_class_weights_change_the_loss_from_their_epoch_on(job_of, trained_by, plain):
    deferred = trained_by(job_of(loss={"class_weights": "inverse"}, deferred=2))
    assert figures(deferred)[:1] == figures(plain)[:1]
    assert figures(deferred)[1]["val_accuracy"] == figures(plain)[1]["val_accuracy"]
    assert deferred.history[1]["loss"] == plain.history[1]["loss"]
    assert deferred.history[2]["loss"] != plain.history[2]["loss"]


def test_crt_changes_the_classifier_alone(job_of, trained_by, plain, keep_the_last):
    trained = trained_by(job_of(loss=UNWEIGHTED, second_stage="crt", second_stage_epochs=2))
    assert changed_layers(trained, plain) == {"logits"}
    assert [stage.name for stage in trained.stages] == ["training", "crt"]
    assert trained.stages[1].trained_parameters == 8 * 3 + 3
    assert [epoch["stage"] for epoch in trained.history] == ["training"] * 3 + ["crt"] * 2
    assert [epoch["epoch"] for epoch in trained.history] == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(trained.best.prior, 1 / 3)


def test_lws_learns_one_scale_per_class_and_nothing_else(job_of, trained_by, plain, keep_the_last):
    trained = trained_by(job_of(loss=UNWEIGHTED, second_stage="lws", second_stage_epochs=2))
    assert changed_layers(trained, plain) == {"class_scales"}
    [scales] = weights_by_layer(trained)["class_scales"]
    assert scales.shape == (3,)
    assert (scales != 1).all()
    assert trained.stages[1].trained_parameters == 3


@pytest.mark.parametrize(("second", "learnt"), [("crt", 8 * 3), ("lws", 3)])
def test_second_stages_work_on_cosines(job_of, trained_by, second, learnt, keep_the_last):
    trained = trained_by(
        job_of(model={"classifier": "cosine"}, epochs=1, second_stage=second, second_stage_epochs=1)
    )
    assert (trained.best.name, trained.best.trained_parameters) == (second, learnt)


def test_tau_normalisation_does_no_worse_by_balanced_accuracy(job_of, trained_by, plain, keep_the_last):
    monitor = "val_balanced_accuracy"
    job = job_of(loss=UNWEIGHTED, second_stage="tau_norm", monitor=monitor)
    trained = trained_by(job)
    before, after = trained.stages
    assert after.value >= before.value
    assert eval_figures(trained, job)[1] == pytest.approx(after.value, abs=1e-6)
    assert 0 <= after.chosen["tau"] <= 1
    assert (after.epochs, after.best_epoch) == (0, before.best_epoch)


def test_a_second_stage_that_is_no_better_leaves_the_first_ones_weights_and_a_warning(
    job_of, trained_by, plain, keep_the_first
):
    trained = trained_by(job_of(loss=UNWEIGHTED, second_stage="crt", second_stage_epochs=1))
    assert changed_layers(trained, plain) == set()
    assert trained.best.name == "training"
    [warning] = trained.warnings
    assert "The stage crt came to val_macro_f1" in warning
    assert "the weights of training are kept" in warning


@pytest.mark.slow
def test_averaged_weights_are_others_and_the_ones_that_were_measured(job_of, trained_by):
    job = job_of(model=NO_DROPOUT, ema=0.9)
    averaged, last = trained_by(job), trained_by(job_of(model=NO_DROPOUT))
    assert "logits" in changed_layers(averaged, last)
    # Averaging has no say in the steps themselves.
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
    trained = trained_by(job_of(sampling="class_balanced", epochs=1))
    [counts] = seen
    assert counts.sum() == trained.class_counts.sum() == 160
    assert counts.max() - counts.min() <= 1
    assert trained.class_counts.max() - trained.class_counts.min() > 50


def test_mixing_records_changes_training(job_of, trained_by, plain):
    mixed = trained_by(job_of(loss=UNWEIGHTED, augmentation={"tabular": "mixup"}))
    assert all(math.isfinite(epoch["loss"]) for epoch in mixed.history)
    assert "logits" in changed_layers(mixed, plain)


@pytest.mark.parametrize("branches", ["bilateral", "experts", "class_groups"])
def test_several_branches_are_trained_and_answer_as_one(job_of, trained_by, branches):
    job = job_of(model={"branches": branches}, epochs=2)
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


@pytest.fixture(scope="module")
def pretrained(job_of, trained_by, tmp_path_factory) -> str:
    """A file with the weights of a backbone that was trained before."""
    trained = trained_by(job_of("image", epochs=1))
    path = str(tmp_path_factory.mktemp("weights") / "small_cnn.weights.h5")
    trained.model.get_layer("small_cnn").save_weights(path)
    return path


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
    settings = {"augmentation": {"image": "mixup", "crop_flip": True}, "monitor": "val_loss"}
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


def head_only(job_of, pretrained: str, dropout: float = 0.2, **settings):
    image = {"size": (10, 8), "channels": 1, "alpha": 0.25, "weights": pretrained, "fine_tune": "none"}
    image["dropout"] = dropout
    return job_of("image", {"image": image, "embedding_units": 8}, UNWEIGHTED, **{"epochs": 2, **settings})


SMOTE = {"image": "embedding_smote", "target_ratio": 1.0, "neighbours": 3, "max_factor": None}


def test_synthetic_embeddings_train_the_head_and_count_in_its_prior(job_of, trained_by, pretrained):
    without = trained_by(head_only(job_of, pretrained))
    grown, again = (trained_by(head_only(job_of, pretrained, augmentation=SMOTE)) for _ in range(2))
    assert changed_layers(grown, without) == {"embedding", "logits"}
    assert changed_layers(grown, again) == set()
    assert figures(grown) == figures(again)
    counts = grown.class_counts
    assert counts.tolist() == without.class_counts.tolist() and counts.max() > counts.min()
    np.testing.assert_allclose(grown.best.prior, 1 / 3)
    np.testing.assert_allclose(without.best.prior, counts / counts.sum())


def test_an_epoch_of_the_head_goes_over_as_many_embeddings_as_planned(job_of, trained_by, pretrained):
    job = head_only(job_of, pretrained, epochs=1, batch_size=8, augmentation=SMOTE)
    trained = []
    ends = step_ends(lambda callbacks: trained.append(trained_by(job, callbacks)))
    counts = trained[0].class_counts
    assert ends[-1] + 1 == math.ceil(3 * counts.max() / 8) > math.ceil(counts.sum() / 8)


def test_later_phases_learn_from_the_real_images_alone(job_of, trained_by, pretrained, keep_the_last):
    image = {"size": (10, 8), "channels": 1, "alpha": 0.25, "weights": pretrained, "frozen_epochs": 1}
    model = {"image": {**image, "fine_tune": "last_block"}, "embedding_units": 8}
    trained = trained_by(job_of("image", model, UNWEIGHTED, SMOTE, epochs=2))
    head, last_block = trained.stages
    np.testing.assert_allclose(head.prior, 1 / 3)
    np.testing.assert_allclose(last_block.prior, trained.class_counts / trained.class_counts.sum())


def test_embeddings_beside_a_table_are_refused(job_of, trained_by, pretrained):
    image = {"size": (10, 8), "channels": 1, "alpha": 0.25, "weights": pretrained, "fine_tune": "none"}
    with pytest.raises(ValueError, match=r"no columns to stand beside it.*'numeric'.*rotate_scale"):
        trained_by(job_of("both", {"image": image, "embedding_units": 8}, augmentation=SMOTE))


def test_a_training_without_a_frozen_epoch_says_that_nothing_was_made(job_of, trained_by, pretrained):
    image = {"size": (10, 8), "channels": 1, "alpha": 0.25, "weights": pretrained, "fine_tune": "all"}
    trained = trained_by(
        job_of("image", {"image": image, "embedding_units": 8}, augmentation=SMOTE, epochs=1)
    )
    assert any("of 1 epochs none is frozen" in warning for warning in trained.warnings)


def test_contrast_is_part_of_the_loss_in_training_and_leaves_no_projection(job_of, trained_by, plain):
    job = job_of(loss={**UNWEIGHTED, "contrastive": 2.0}, epochs=8)
    trained = trained_by(job)
    assert trained.history[0]["loss"] > plain.history[0]["loss"] + 1
    assert trained.history[-1]["loss"] < trained.history[0]["loss"]
    assert "embedding" in changed_layers(trained, plain)
    assert [w.shape for w in trained.model.weights] == [w.shape for w in plain.model.weights]
    assert not any("projection" in layer.name for layer in trained.model.layers)
    accuracy = trained.history[trained.best.best_epoch - 1]["val_accuracy"]
    assert eval_figures(trained, job)[0] == pytest.approx(accuracy, abs=1e-6)


@pytest.fixture(scope="module")
def contrasted(job_of, trained_by) -> Trained:
    return trained_by(job_of(loss={**UNWEIGHTED, "contrastive": 1.0}, epochs=2))


@pytest.mark.parametrize("second", ["crt", "lws"])
def test_contrast_ends_before_a_second_stage(job_of, trained_by, second, contrasted, keep_the_last):
    loss = {**UNWEIGHTED, "contrastive": 1.0}
    trained = trained_by(job_of(loss=loss, epochs=2, second_stage=second, second_stage_epochs=1))
    assert changed_layers(trained, contrasted) == {"logits" if second == "crt" else "class_scales"}


def test_contrast_works_on_the_features_of_a_frozen_backbone_too(job_of, trained_by, pretrained):
    image = {"size": (10, 8), "channels": 1, "alpha": 0.25, "weights": pretrained, "frozen_epochs": 1}
    model = {"image": {**image, "fine_tune": "last_block"}, "embedding_units": 8}
    job = job_of("image", model, {**UNWEIGHTED, "contrastive": 1.0}, SMOTE, epochs=2, ema=0.9)
    trained = trained_by(job)
    assert [stage.name for stage in trained.stages] == ["head", "last_block"]
    accuracy = trained.history[trained.best.best_epoch - 1]["val_accuracy"]
    assert eval_figures(trained, job)[0] == pytest.approx(accuracy, abs=1e-6)
    assert not any("projection" in weight.name for weight in trained.model.weights)


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


@pytest.fixture
def one_by_one(monkeypatch):
    """Trains with one step at a time, where several would be taken."""

    def train(trained_by, job, callbacks=()):
        with monkeypatch.context() as patch:
            patch.setattr(steps_module, "_AT_ONCE", 1)
            return trained_by(job, callbacks)

    return train


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"loss": {"class_weights": "inverse"}, "deferred": 1, "second_stage": "crt"},
    ],
)
def test_steps_on_columns_taken_at_once_are_the_same_steps(job_of, trained_by, one_by_one, settings):
    job = job_of(model=NO_DROPOUT, batch_size=8, **settings)
    at_once, single = trained_by(job), one_by_one(trained_by, job)
    assert figures(at_once) == figures(single)
    assert changed_layers(at_once, single) == set()


def test_steps_on_kept_features_taken_at_once_are_the_same_steps(job_of, trained_by, one_by_one, pretrained):
    job = head_only(job_of, pretrained, dropout=0.0, batch_size=8)
    at_once, single = trained_by(job), one_by_one(trained_by, job)
    assert figures(at_once) == figures(single)
    assert changed_layers(at_once, single) == set()


def test_an_average_over_the_steps_sees_each_of_them(job_of, trained_by):
    job = job_of(ema=0.9, epochs=1, batch_size=8)
    ends = step_ends(lambda callbacks: trained_by(job, callbacks))
    assert len(ends) > 1 and ends == list(range(len(ends)))


def test_steps_through_images_are_taken_one_by_one(job_of, trained_by):
    job = job_of("image", epochs=1, batch_size=8)
    ends = step_ends(lambda callbacks: trained_by(job, callbacks))
    assert len(ends) > 1 and ends == list(range(len(ends)))


def test_settings_that_contradict_each_other_are_refused_before_training(job_of, trained_by):
    with pytest.raises(ValueError, match=r"training.deferred=1 with loss.class_weights='none'"):
        trained_by(job_of(loss=UNWEIGHTED, deferred=1))
