"""What the report takes out of an experiment's settings."""

import json

from components.html_report.experiment import Experiment


def image_feature(**data):
    return Experiment.of_settings({"name": "cats", "data": data}).image_feature


def test_image_feature_is_that_of_the_format():
    assert image_feature(format="image_folder", image=None) == "image"
    assert image_feature(format="csv", image="photo") == "photo"
    assert image_feature(format="csv") is None


def test_the_space_of_a_search_is_taken_and_an_experiment_without_one_has_none():
    space = {"loss.gamma": {"float": [1.0, 3.0]}}
    settings = {"name": "cats", "tuner": {"enabled": True, "space": space}}
    assert Experiment.of(json.dumps(settings)).search_space == space
    for tuner in (None, {}, {"space": None}):
        assert Experiment.of_settings({"name": "cats", "tuner": tuner}).search_space == {}


def test_all_settings_are_written_in_their_order():
    settings = {"name": "größe", "data": {"path": "x", "format": "csv"}, "seed": 0}
    assert Experiment.of_settings(settings).as_yaml() == (
        "name: größe\ndata:\n  path: x\n  format: csv\nseed: 0\n"
    )
