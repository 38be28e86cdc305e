"""run_fn for real: a few epochs on what Transform made of records with an image and a table."""

import json
import logging
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import f1_score
from tensorflow.python.framework import config as tf_config
from tfx.components.trainer.fn_args_utils import FnArgs

from core.progress_events import LOGGER_NAME
from models import trainer
from models.serving.python_model import predict_fn
from models.settings import LossSettings, ModelSettings, TrainingSettings

EPOCHS, BATCH_SIZE = 4, 32


@dataclass(frozen=True)
class Training:
    """What a call of run_fn left behind.

    Attributes:
        folder: Holds `model_run` and `serving`.
        model: The network as it was exported.
        events: What was reported on the way.
    """

    folder: Path
    model: keras.Model
    events: list[dict[str, Any]]

    def read(self, name: str) -> Any:
        return json.loads((self.folder / "model_run" / name).read_text())

    def figures(self) -> list[dict[str, float]]:
        """The history without what time it took."""
        return [
            {k: v for k, v in epoch.items() if k != "seconds"}
            for epoch in self.read("history.json")["epochs"]
        ]

    def answers(self, serialized: list[bytes]) -> dict[str, np.ndarray]:
        served = tf.saved_model.load(str(self.folder / "serving")).signatures["serving_default"]
        return {name: values.numpy() for name, values in served(examples=tf.constant(serialized)).items()}


class Listener(logging.Handler):
    def __init__(self):
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.events.append(record.event)


@pytest.fixture(scope="module")
def data(data_of):
    return data_of("both")


@pytest.fixture(scope="module")
def train(data, tmp_path_factory):
    """Calls run_fn, leaving out the SavedModel where it is not read, and returns what it left behind."""
    folder = tmp_path_factory.mktemp("trainer")
    patterns = {
        "train_files": data.transformed.write(folder / "train", range(data.num_train), num_shards=3),
        "eval_files": data.transformed.write(folder / "eval", range(data.num_train, len(data.records))),
    }

    def run(name: str, class_weights: str, seed: int = 11, export: bool = True) -> Training:
        model = ModelSettings(
            image={"size": (10, 8), "channels": 1, "alpha": 0.25},
            tabular={"hidden_units": (16,)},
            embedding_units=8,
        )
        training = TrainingSettings(epochs=EPOCHS, batch_size=BATCH_SIZE, optimizer={"learning_rate": 0.01})
        arguments = FnArgs(
            **{key: [pattern] for key, pattern in patterns.items()},
            transform_graph_path=data.transformed.folder,
            serving_model_dir=str(folder / name / "serving"),
            model_run_dir=str(folder / name / "model_run"),
            custom_config={
                "label": "defect kind",
                "image": data.image,
                "model": model.model_dump(mode="json"),
                "loss": LossSettings(class_weights=class_weights).model_dump(mode="json"),
                "training": training.model_dump(mode="json"),
                "augmentation": {"image": "none", "tabular": "none"},
                "seed": seed,
            },
        )
        exported: list[keras.Model] = []
        export_classifier, listener = trainer.export_classifier, Listener()

        def watched_export(model, *others):
            exported.append(model)
            if export:
                export_classifier(model, *others)

        # What was drawn before, in the same process, is to have no say.
        keras.utils.set_random_seed(len(list(folder.iterdir())))
        logger = logging.getLogger(LOGGER_NAME)
        level = logger.level
        logger.setLevel(logging.INFO)
        logger.addHandler(listener)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(trainer, "export_classifier", watched_export)
                trainer.run_fn(arguments)
        finally:
            logger.removeHandler(listener)
            logger.setLevel(level)
            # run_fn has its process to itself; here other tests follow, and some draw without a seed.
            tf_config.disable_op_determinism()
        [trained] = exported
        return Training(folder / name, trained, listener.events)

    return run


@pytest.fixture(scope="module")
def weighted(train) -> Training:
    return train("weighted", class_weights="inverse")


@pytest.fixture(scope="module")
def repeated(train) -> Training:
    return train("repeated", class_weights="inverse", export=False)


@pytest.fixture(scope="module")
def reseeded(train) -> Training:
    return train("reseeded", class_weights="inverse", seed=12, export=False)


@pytest.fixture(scope="module")
def unweighted(train) -> Training:
    return train("unweighted", class_weights="none")


def test_history_holds_the_figures_of_every_epoch(weighted):
    history = weighted.read("history.json")["epochs"]
    assert [epoch["epoch"] for epoch in history] == [1, 2, 3, 4]
    measured = {"loss", "accuracy", "balanced_accuracy", "macro_f1", *(f"recall_{i}" for i in range(3))}
    for epoch in history:
        assert set(epoch) == {
            "epoch",
            "stage",
            *measured,
            *(f"val_{name}" for name in measured),
            "val_macro_average_precision",
            "learning_rate",
            "seconds",
        }
        assert epoch.pop("stage") == "training"
        assert all(math.isfinite(value) for value in epoch.values())
        assert epoch["learning_rate"] == pytest.approx(0.01)
        assert epoch["seconds"] >= 0


def test_training_json_says_what_was_trained(data, weighted):
    summary = weighted.read("training.json")
    counts = Counter(record["defect kind"] for record in data.records[: data.num_train])
    assert summary["classes"] == [name for name, _ in counts.most_common()]
    assert summary["class_counts"] == [counts[name] for name in summary["classes"]]
    assert summary["parameters"] == sum(weights.size for weights in weighted.model.get_weights())
    assert (summary["seed"], summary["monitor"]) == (11, "val_macro_f1")


def test_training_json_tells_the_stages_and_the_prior_that_the_probabilities_assume(weighted, unweighted):
    summary = weighted.read("training.json")
    [stage] = summary["stages"]
    assert (stage["name"], stage["epochs"], stage["best_epoch"]) == (
        summary["best_stage"],
        EPOCHS,
        summary["best_epoch"],
    )
    assert summary["warnings"] == []
    assert 0 < summary["trained_parameters"] <= summary["parameters"]
    # Weighed by 1/n, every class counts alike; unweighted, by its count.
    assert summary["implied_prior"] == pytest.approx([1 / 3] * 3, abs=1e-6)
    counts = np.array(summary["class_counts"])
    assert unweighted.read("training.json")["implied_prior"] == pytest.approx(counts / counts.sum())


def test_the_folder_of_the_model_run_holds_the_figures_for_tensorboard(weighted):
    [events] = (weighted.folder / "model_run" / "validation").glob("events.out.tfevents.*")
    tags = [
        value.tag
        for event in tf.compat.v1.train.summary_iterator(str(events))
        for value in event.summary.value
    ]
    assert tags.count("epoch_macro_f1") == EPOCHS


def test_the_best_epoch_is_that_of_the_history(weighted):
    history, summary = weighted.read("history.json")["epochs"], weighted.read("training.json")
    best = max(history, key=lambda epoch: (epoch["val_macro_f1"], -epoch["val_loss"]))
    assert summary["best_epoch"] == best["epoch"]
    assert summary["monitor_value"] == best["val_macro_f1"]


def test_training_learns(weighted):
    history = weighted.read("history.json")["epochs"]
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]
    assert max(epoch["val_macro_f1"] for epoch in history) > 0.5


def test_the_exported_model_scores_on_raw_records_what_its_best_epoch_did(data, example, weighted):
    held_out = data.records[data.num_train :]
    answers = weighted.answers([example(record) for record in held_out])
    decisions = [name.decode() for name in answers["decision"]]
    labels = [record["defect kind"] for record in held_out]
    expected = weighted.read("training.json")["monitor_value"]
    assert f1_score(labels, decisions, average="macro") == pytest.approx(expected, abs=1e-6)


def test_the_keras_model_beside_the_log_answers_as_the_exported_one(data, example, weighted):
    serialized = [example(record) for record in data.records[:40]]
    said = predict_fn(str(weighted.folder / "model_run"), data.transformed.folder, serialized)
    answers = weighted.answers(serialized)
    np.testing.assert_allclose(said.probabilities, answers["probabilities"], atol=1e-5)
    np.testing.assert_allclose(said.embedding, answers["embedding"], atol=1e-5)


def test_the_same_seed_trains_the_same_weights(weighted, repeated):
    assert weighted.figures() == repeated.figures()
    for mine, other in zip(weighted.model.get_weights(), repeated.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_another_seed_trains_other_weights(weighted, reseeded):
    assert reseeded.read("training.json")["seed"] == 12
    for mine, other in zip(weighted.model.trainable_weights, reseeded.model.trainable_weights, strict=True):
        assert not np.allclose(mine, other)


def test_class_weights_turn_the_model_towards_the_rarest_class(data, weighted, unweighted):
    rarest = weighted.read("training.json")["class_counts"].index(data.num_train // 10)
    recalls, recalls_without = (
        [epoch[f"recall_{rarest}"] for epoch in training.figures()] for training in (weighted, unweighted)
    )
    assert sum(recalls) > 1.2 * sum(recalls_without)


def test_every_epoch_is_reported_as_it_ends(data, weighted):
    steps = math.ceil(data.num_train / BATCH_SIZE)
    assert all(
        (event["kind"], event["epochs"], event["steps"]) == ("epoch", EPOCHS, steps)
        for event in weighted.events
    )
    ends = [event for event in weighted.events if event["figures"]]
    assert [(event["epoch"], event["step"]) for event in ends] == [(i + 1, steps) for i in range(EPOCHS)]
    history = weighted.read("history.json")["epochs"]
    for event, epoch in zip(ends, history, strict=True):
        assert event["figures"].items() <= epoch.items()
        assert {"loss", "val_loss", "val_macro_f1"} <= set(event["figures"])
