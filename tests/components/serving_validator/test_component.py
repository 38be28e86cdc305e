"""The stage over a real SavedModel, Keras model, transform graph and records."""

import json
import shutil
import sys
import types
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from tfx.components.util.model_utils import is_infra_validated

from components.serving_validator import component, fresh_process, replay
from models.serving.python_model import KERAS_MODEL, predict_fn


@pytest.fixture(scope="module")
def answers() -> dict:
    """What the networks said that have been asked already, by the network and all that it was asked."""
    return {}


@pytest.fixture
def in_this_process(monkeypatch, answers):
    """Spares the seconds a process takes to start, and those of equal questions, where neither is what is tested."""

    def run(model, folder, *others):
        model, folder = Path(model), Path(folder)
        files = (model / "saved_model.pb", folder / replay.EXAMPLES, folder / replay.REQUESTS)
        asked = tuple(file.read_bytes() for file in files)
        if asked not in answers:
            replay.main(str(model), str(folder))
            answers[asked] = [
                (name, (folder / name).read_bytes()) for name in (replay.ANSWERS, replay.ERRORS)
            ]
        for name, said in answers[asked]:
            (folder / name).write_bytes(said)

    monkeypatch.setattr(fresh_process, "_run", run)


@pytest.fixture
def python_model(monkeypatch):
    """Puts a function in the place of the Python model; returns its dotted path."""

    def put(function) -> str:
        module = types.ModuleType("stand_in_model")
        module.predict = function
        monkeypatch.setitem(sys.modules, "stand_in_model", module)
        return "stand_in_model.predict"

    return put


def test_a_sound_model_is_blessed_as_pusher_reads_it(validate):
    blessing, report = validate()
    assert report["not_blessed_because"] == [] and report["blessed"]
    assert is_infra_validated(blessing)
    assert sorted(path.name for path in Path(blessing.uri).iterdir()) == ["INFRA_BLESSED", "report.json"]
    assert report["signatures"] == {"predict_raw": None, "serving_default": None}
    assert report["records"] == 64
    of_kind = {row["kind"]: row for row in report["requests"]}
    assert of_kind["test records are asked together"]["answered"] == 64
    assert of_kind["no record is asked"]["answered"] == 0
    for kind, row in of_kind.items():
        refused = row["records"] if row["expected"] == "refuse" else 0
        assert row["refused"] == refused and row["answered"] == row["records"] - refused, kind
    compared = [row["largest_difference"] for row in report["requests"] if row["answered"]]
    assert max(compared) <= 1e-5 and len(compared) >= 8
    assert "InvalidArgument" in of_kind["an image is unreadable"]["error"]


def test_a_python_model_that_says_something_else_is_told_by_record_signature_and_distance(
    validate, in_this_process, python_model
):
    def shifted(model_run, transform_graph, examples):
        said = predict_fn(model_run, transform_graph, examples)
        said.probabilities[0, :2] += [-0.01, 0.01]
        return said

    blessing, report = validate(python_model(shifted))
    assert not is_infra_validated(blessing) and not report["blessed"]
    assert (Path(blessing.uri) / "INFRA_NOT_BLESSED").exists()
    sentence = report["not_blessed_because"][0]
    assert "predict_raw: raw_probabilities differ" in sentence and "0.01 apart" in sentence
    assert "1 of 64 records" in sentence and "record 'row " in sentence


def test_other_weights_than_the_exported_ones_are_found(validate, in_this_process, made, tmp_path):
    model = keras.models.load_model(made.folder / "model_run" / KERAS_MODEL, compile=False)
    bias = model.get_layer("logits").bias
    bias.assign_add([0.0, 0.001, 0.0])
    model.save(tmp_path / KERAS_MODEL)
    _, report = validate(model_run=tmp_path)
    assert any("64 of 64 records" in sentence for sentence in report["not_blessed_because"])
    # A tolerance above the difference lets it pass: that is what it is for.
    assert validate(model_run=tmp_path, settings={"tolerance": 0.01})[1]["blessed"]


@pytest.mark.parametrize(
    ("part", "change", "found"),
    [
        ("calibration", lambda it: it["offset"].update({"dent": 0.5}), "probabilities differ"),
        ("rule", lambda it: it.update(matrix=np.diag([1, 2, 50]).tolist()), "decision_index is not what"),
        ("unknown", lambda it: it.update(threshold=it["threshold"] / 2), "unknown is not what"),
    ],
)
def test_a_decision_other_than_described_is_found(
    part, change, found, validate, in_this_process, made, tmp_path
):
    shutil.copytree(made.folder / "model", tmp_path / "model")
    path = tmp_path / "model" / "Format-Serving" / "assets.extra" / "decision.json"
    described = json.loads(path.read_text())
    change(described[part])
    path.write_text(json.dumps(described))
    _, report = validate(model=tmp_path / "model")
    assert found in report["not_blessed_because"][0]


def test_a_model_without_probabilities_is_not_blessed(validate, in_this_process, made, tmp_path):
    shutil.copytree(made.folder / "model", tmp_path / "model")
    saved = tmp_path / "model" / "Format-Serving"
    echo = tf.function(lambda examples: {"features": examples}, [tf.TensorSpec([None], tf.string)])
    tf.saved_model.save(tf.Module(), str(saved), signatures={"transform_features": echo})
    _, report = validate(model=tmp_path / "model")
    assert "no signature" in report["not_blessed_because"][0]


def test_a_process_that_dies_is_told_and_nothing_is_blessed(validate, monkeypatch, tmp_path):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'serving_default with request 1'\nkill -SEGV $$\n")
    program.chmod(0o755)
    monkeypatch.setattr(fresh_process.sys, "executable", str(program))
    blessing, report = validate()
    [sentence] = report["not_blessed_because"]
    assert "SIGSEGV while asking serving_default where a test record is asked alone" in sentence
    assert not is_infra_validated(blessing)


def test_the_signature_is_the_contract():
    specification = component.ServingValidator.SPEC_CLASS
    assert set(specification.INPUTS) == {"model", "model_run", "transform_graph", "examples", "schema"}
    assert set(specification.OUTPUTS) == {"blessing"}
