"""Search spaces in an experiment's settings, and those that are refused."""

import pytest
import yaml

from core.errors import InputError
from models.settings import TunerSettings
from pipeline.config import Experiment, load_experiment
from pipeline.configuration.inline_search_spaces import lift_search_spaces

DATA = {"format": "csv", "path": "parts.csv", "label": "kind"}


@pytest.fixture
def load(tmp_path):
    def from_content(overrides=(), **content):
        path = tmp_path / "experiment.yaml"
        path.write_text(yaml.safe_dump({"data": DATA, **content}))
        return load_experiment(str(path), overrides)

    return from_content


def test_space_in_a_settings_place_moves_to_the_tuner():
    content = {
        "loss": {"name": {"choice": ["focal", "cross_entropy"]}, "gamma": {"float": [1, 3], "default": 2}},
        "training": {"optimizer": {"learning_rate": {"float": [0.001, 0.1], "log": True}}},
    }
    lifted = lift_search_spaces(content)
    assert lifted["loss"] == {"name": "focal", "gamma": 2}
    assert lifted["training"] == {"optimizer": {"learning_rate": 0.001}}
    assert lifted["tuner"]["space"] == {
        "loss.name": content["loss"]["name"],
        "loss.gamma": content["loss"]["gamma"],
        "training.optimizer.learning_rate": content["training"]["optimizer"]["learning_rate"],
    }


def test_tables_of_arguments_are_no_spaces():
    content = {
        "loss": {"name": "Huber", "config": {"float": [1, 2]}},
        "augmentation": {"target_ratio": {"choice": 30, "int": 20}},
        "data": {"splits": {"choice": [1]}},
    }
    assert lift_search_spaces(content) == content


def test_space_in_both_places_is_refused(load):
    spaces = {
        "tuner": {"space": {"loss.name": {"choice": ["focal"]}}},
        "loss": {"name": {"choice": ["ldam"]}},
    }
    with pytest.raises(InputError, match=r"loss\.name: .*Leave one of them out"):
        load(**spaces)


def test_experiment_with_a_space_trains_with_its_first_values(load):
    experiment = load(
        loss={"name": {"choice": ["focal", "cross_entropy"]}},
        tuner={"space": {"loss.gamma": {"float": [1, 3]}}},
    )
    assert experiment.loss.name == "focal" and not experiment.tuner.enabled
    assert set(experiment.tuner.space) == {"loss.name", "loss.gamma"}


def test_space_may_be_set_on_the_command_line(load):
    experiment = load(["training.batch_size={choice: [16, 32]}", "tuner.enabled=true"])
    assert experiment.training.batch_size == 16
    assert experiment.tuner.space["training.batch_size"].choice == (16, 32)


def test_space_survives_the_way_to_the_working_process(load):
    experiment = load(tuner={"space": {"training.optimizer.learning_rate": {"float": ["1e-4", "1e-2"]}}})
    for by_alias in (True, False):
        tuner = experiment.tuner
        assert TunerSettings.model_validate_json(tuner.model_dump_json(by_alias=by_alias)) == tuner
    again = Experiment.model_validate_json(experiment.model_dump_json(by_alias=True))
    assert again.tuner == tuner


@pytest.mark.parametrize(
    "space, parts",
    [
        ({"loss.nmae": {"choice": ["focal"]}}, ["tuner.space.loss.nmae", "'loss.name'"]),
        (
            {"augmentation.max_factor": {"float": [2, 9]}},
            ["space.augmentation.max_factor", "before training"],
        ),
        ({"loss.name": {"choice": []}}, ["tuner.space.loss.name", "at least one value"]),
        ({"loss.name": {"chioce": ["focal"]}}, ["tuner.space.loss.name.chioce", "'choice'"]),
        ({"training.batch_size": {"int": [9, 8]}}, ["tuner.space.training.batch_size", "[9, 8]", "Swap"]),
        ({"loss.beta": {"float": [0, 0.9], "log": True}}, ["tuner.space.loss.beta", "above 0"]),
        ({"training.batch_size": {"choice": ["many"]}}, ["tuner.space.training.batch_size", "'many'"]),
        ({"training.batch_size": {"float": [8, 64]}}, ["tuner.space.training.batch_size", "int: [8, 64]"]),
        ({"loss.gamma": {"float": [1, 2]}}, ["tuner.space.loss.gamma", "focal", "cross_entropy"]),
        ({"model.attention": {"choice": ["none", "cbam"]}}, ["tuner.space.model.attention", "images"]),
    ],
)
def test_bad_space_is_refused_with_key_value_and_way_out(load, space, parts):
    with pytest.raises(InputError) as refused:
        load(tuner={"space": space})
    assert all(part in str(refused.value) for part in parts), str(refused.value)


def test_unknown_objective_and_algorithm_are_refused_with_the_nearest(load):
    with pytest.raises(InputError, match=r"tuner\.objective: .*Did you mean 'val_macro_f1'\?"):
        load(tuner={"objective": "val_macro_f2"})
    with pytest.raises(InputError, match=r"tuner\.algorithm: .*Did you mean 'hyperband'\?"):
        load(tuner={"algorithm": "hyperbnd"})


def test_space_of_what_comes_after_the_search_is_refused(load):
    with pytest.raises(InputError, match=r"decision\.rule: .*comes after the search.*model, loss"):
        load(decision={"rule": {"choice": ["argmax", "macro_f1"]}})
    assert lift_search_spaces({"decision": {"prior": {"float": 0.5, "int": 0.5}}})
