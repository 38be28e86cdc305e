"""What is said of a pushed model, against what TensorFlow itself says of it."""

import json
import os
import subprocess
import sys

import pytest
import tensorflow as tf

from core.documents.decision import CalibrationFigures, DecisionPriors, RuleFigures
from models.serving.describe import TensorDescription, describe_model
from models.serving.description_text import description_text
from tests.made_documents import decision, raw_inputs

CLASSES = ["good", "größerer Riss"]
DECISION = decision(
    CLASSES,
    calibration=CalibrationFigures(
        formula="softmax(slope * log(raw_probabilities) + offset)",
        slope={"good": 1.25, "größerer Riss": 1.25},
        offset={"good": 0.5, "größerer Riss": -0.5},
    ),
    priors=DecisionPriors(
        implied={"good": 0.5, "größerer Riss": 0.5}, natural={"good": 0.9, "größerer Riss": 0.1}
    ),
    rule=RuleFigures(
        name="macro_f1",
        formula="argmax(probabilities @ matrix)",
        matrix=((1.0, 0.0), (0.0, 3.0)),
        weights={"good": 1.0, "größerer Riss": 3.0},
        weights_spread=None,
        thresholds=None,
    ),
)
FEATURES = raw_inputs({"name": "Width / m", "input": "width___m", "kind": "number"})


class Network(tf.Module):
    """Has inputs and outputs of every kind of shape."""

    def __init__(self):
        super().__init__()
        self.scale = tf.Variable(2.0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serving_default(self, examples):
        return {"length": tf.strings.length(examples), "wide": tf.zeros([tf.shape(examples)[0], 3], tf.int64)}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float32, name="width___m"),
            tf.TensorSpec(None, tf.float64, name="any"),
            tf.TensorSpec([], tf.bool, name="flag"),
        ]
    )
    def predict_raw(self, width___m, any, flag):
        return {"width": self.scale * width___m, "same": tf.identity(any), "not_flag": ~flag}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="width___m")])
    def explain(self, width___m):
        return {"heat_map": self.scale * tf.ones([tf.shape(width___m)[0], 2, 3])}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    network = Network()
    names = ("serving_default", "predict_raw", "explain")
    tf.saved_model.save(network, str(folder), {name: getattr(network, name) for name in names})
    DECISION.write(str(folder))
    FEATURES.write(str(folder))
    return folder


@pytest.fixture(scope="module")
def described(folder):
    return describe_model(str(folder), "parts", 3)


def test_signatures_are_those_that_tensorflow_loads(folder, described):
    loaded = tf.saved_model.load(str(folder)).signatures
    assert set(described.signatures) == set(loaded)
    for name, signature in loaded.items():
        expected = {
            "inputs": signature.structured_input_signature[1],
            "outputs": signature.structured_outputs,
        }
        for side, specs in expected.items():
            assert getattr(described.signatures[name], side) == {
                key: TensorDescription(
                    spec.dtype.name, None if spec.shape.rank is None else spec.shape.as_list()
                )
                for key, spec in specs.items()
            }


def test_size_and_version_are_told(folder, described):
    assert described.bytes == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert (described.name, described.version) == ("parts", 3)
    assert described.tensorflow == tf.__version__


def test_what_lies_beside_the_model_is_told(described, tmp_path):
    assert described.decision == DECISION and described.features == FEATURES
    assert not described.warmup
    content = json.loads(json.dumps(described.as_json()))
    assert content["decision"]["version"] == "0123456789ab" and content["features"]["label"] == "kind"
    assert content["signatures"]["explain"]["inputs"] == {"width___m": {"dtype": "float32", "shape": [None]}}


def test_a_model_with_nothing_beside_it_is_described_too(folder, tmp_path):
    (tmp_path / "saved_model.pb").write_bytes((folder / "saved_model.pb").read_bytes())
    bare = describe_model(str(tmp_path), "parts", 1)
    assert bare.decision is None and bare.features is None
    assert "signature predict_raw" in description_text(bare)


def test_the_text_says_how_records_are_given_and_decided(described):
    lines = [" ".join(line.split()) for line in description_text(described).splitlines()]
    assert "parts, version 3" in lines
    assert "width___m float32 (batch) number of column 'Width / m', NaN where missing" in lines
    assert lines.count("input width___m float32 (batch) number of column 'Width / m', NaN where missing") == 1
    assert "output heat_map float32 (batch, 2, 3) Grad-CAM for the decision, in [0, 1]" in lines
    assert "inputs any float64 (any)".replace("inputs", "input") in lines
    assert "wide int64 (batch, 3)" in lines
    assert "class slope offset learnt under natural weight" in lines
    assert "größerer Riss 1.25 -0.5 0.5 0.1 3" in lines


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"\xff" * 9)
    with pytest.raises(ValueError, match="is no SavedModel"):
        describe_model(str(tmp_path), "parts", 1)
    (tmp_path / "saved_model.pb").write_bytes(b"")
    with pytest.raises(ValueError, match="no graph tagged 'serve'"):
        describe_model(str(tmp_path), "parts", 1)


def test_tensorflow_is_not_needed(folder):
    code = (
        "import sys; from models.serving.describe import describe_model; "
        "describe_model(sys.argv[1], 'parts', 1); assert 'tensorflow' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code, folder], check=True, env={**os.environ, "PYTHONWARNINGS": "error"}
    )
