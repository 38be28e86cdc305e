"""The DAG as it is wired, without an orchestrator."""

import json

import pytest

from pipeline.config import load_experiment
from pipeline.pipeline import Paths, create_pipeline

BULK = {"UnlabelledExampleGen", "BulkInferrer", "PredictionTable"}


@pytest.fixture(scope="module")
def nodes(parts):
    """Wires the stages of the parts with settings changed; returns them by name."""

    def wire(*overrides):
        experiment = load_experiment(str(parts), overrides)
        made = create_pipeline(experiment, Paths("/nowhere/artifacts", "/nowhere/serving"), [])
        return {node.id: node for node in made.components}

    return wire


def test_new_data_are_scored_where_they_are_asked_for_alone(nodes):
    plain, asked = nodes(), nodes("bulk_inference.path=new.csv")
    assert not BULK & set(plain)
    assert set(asked) == set(plain) | BULK
    # What is new hangs on what there was, never the other way.
    for name, node in plain.items():
        assert {one.id for one in asked[name].upstream_nodes} == {one.id for one in node.upstream_nodes}


def test_new_data_are_read_before_anything_is_learnt(nodes):
    asked = nodes("bulk_inference.path=new.csv")
    assert {one.id for one in asked["UnlabelledExampleGen"].upstream_nodes} == {"SchemaGen"}
    assert list(asked).index("UnlabelledExampleGen") < list(asked).index("Transform")


def test_other_serving_settings_change_the_last_stage_that_writes_the_model_and_none_before(nodes):
    plain, other = nodes(), nodes("serving.max_batch=7")
    changed = {name for name in plain if plain[name].exec_properties != other[name].exec_properties}
    # The report shows the whole experiment.
    assert changed == {"DecisionCalibrator", "HtmlReport"}
    assert json.loads(other["DecisionCalibrator"].exec_properties["serving"])["max_batch"] == 7


def test_the_trained_model_is_told_how_many_pixels_an_image_may_have(nodes):
    config = json.loads(nodes("data.max_image_pixels=999")["Trainer"].exec_properties["custom_config"])
    assert config["max_image_pixels"] == 999
