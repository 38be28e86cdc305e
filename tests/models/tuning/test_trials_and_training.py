"""Searches over real trainings, and the Trainer after them: the same settings are the same model."""

import json

import keras
import numpy as np
import pytest
from tensorflow.python.framework import config as tf_config
from tfx.components.trainer.fn_args_utils import FnArgs

from models import trainer
from models.settings import LossSettings, ModelSettings, TrainingSettings, TunerSettings
from models.tuner import tuner_fn
from models.tuning import measure
from models.tuning.leaderboard import rows_of
from models.tuning.search import Search

SPACE = {
    "training.optimizer.learning_rate": {"float": [1e-3, 1e-1], "log": True},
    "training.sampling": {"choice": ["natural", "class_balanced"]},
    "loss.name": {"choice": ["cross_entropy", "focal"]},
    "loss.gamma": {"float": [1, 3]},
    "model.embedding_units": {"int": [4, 8]},
}
TRIALS = 2


@pytest.fixture(scope="module")
def arguments(data_of, tmp_path_factory):
    """Makes what TFX calls `tuner_fn` and `run_fn` with; every search has a folder of its own."""
    data, folder = data_of("table"), tmp_path_factory.mktemp("tuner")
    patterns = {
        "train_files": [data.transformed.write(folder / "train", range(data.num_train))],
        "eval_files": [data.transformed.write(folder / "eval", range(data.num_train, len(data.records)))],
    }
    sections = {
        "model": ModelSettings(tabular={"hidden_units": (16,)}),
        "loss": LossSettings(class_weights="inverse"),
        "training": TrainingSettings(epochs=2, batch_size=32, optimizer={"learning_rate": 0.01}),
    }
    settings = {
        **{name: section.model_dump(mode="json") for name, section in sections.items()},
        "label": "defect kind",
        "image": data.image,
        "augmentation": {"image": "none", "tabular": "none"},
        "seed": 11,
    }
    tuner = TunerSettings(algorithm="random", max_trials=TRIALS, space=SPACE).model_dump(mode="json")

    def make(name: str, hyperparameters=None) -> FnArgs:
        return FnArgs(
            **patterns,
            transform_graph_path=data.transformed.folder,
            serving_model_dir=str(folder / name / "serving"),
            model_run_dir=str(folder / name / "model_run"),
            hyperparameters=hyperparameters,
            custom_config={**settings, "tuner": tuner, "tuning_dir": str(folder / name / "tuning")},
        )

    yield make
    # What trains has its process to itself; here other tests follow, and some draw without a seed.
    tf_config.disable_op_determinism()


def run_search(arguments: FnArgs) -> tuple[Search, list[list[np.ndarray]]]:
    """Runs a search; returns it with the weights that each of its trainings ended with."""
    weights = []
    answers_of = measure.answers_of

    def watched(job, trained):
        weights.append(trained.model.get_weights())
        return answers_of(job, trained)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "answers_of", watched)
        search = tuner_fn(arguments).tuner
        search.search()
    return search, weights


@pytest.fixture(scope="module")
def searched(arguments):
    return run_search(arguments("searched"))


def test_training_with_the_settings_of_a_trial_ends_with_its_weights(arguments, searched):
    search, weights = searched
    # The last one: those before it, in the same process, are to have no say.
    trial = list(search.oracle.trials.values())[-1]
    again = arguments("again", hyperparameters=trial.hyperparameters.get_config())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "export_classifier", lambda *inputs: None)
        trainer.run_fn(again)
    trained = keras.models.load_model(f"{again.model_run_dir}/classifier.keras", compile=False)
    assert len(trained.get_weights()) == len(weights[-1])
    for one, other in zip(trained.get_weights(), weights[-1], strict=True):
        np.testing.assert_array_equal(one, other)
    with open(f"{again.model_run_dir}/training.json") as handle:
        assert json.load(handle)["monitor_value"] == trial.score


def test_trials_differ(searched):
    search, _ = searched
    rows = rows_of(search.oracle)
    assert len({json.dumps(row.hyperparameters, sort_keys=True) for row in rows}) == len(rows) == TRIALS


def test_score_is_that_of_the_answers_kept(searched):
    from sklearn.metrics import f1_score

    search, _ = searched
    for trial in search.oracle.trials.values():
        with np.load(f"{search.get_trial_dir(trial.trial_id)}/answers.npz") as answers:
            decided = answers["probabilities"].argmax(axis=1)
            score = f1_score(answers["labels"], decided, average="macro")
            assert score == pytest.approx(trial.score)


def test_the_same_seed_gives_the_same_trials_with_the_same_scores(arguments, searched):
    rows, again = (rows_of(search.oracle) for search in (searched[0], run_search(arguments("second"))[0]))
    assert [row.hyperparameters for row in rows] == [row.hyperparameters for row in again]
    assert [row.score for row in rows] == [row.score for row in again]
