"""The DAG as it is wired, without an orchestrator."""

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
