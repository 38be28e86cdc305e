"""The demo: every way of helping a rare class is at work in its run, and can be seen there."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from core.documents.imbalance_report import ImbalanceReport
from core.documents.training import Training
from models.network.attention.squeeze_excitation import SqueezeExcitation
from models.serving.saved_network import load_network
from pipeline.experiments.make_digits import write_digits
from tests.conftest import counterpoise, metrics_of

EXPERIMENT = Path("pipeline/experiments/digits.yaml")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder of the demo's data, and its run."""
    folder = tmp_path_factory.mktemp("demo")
    write_digits(folder / "digits")
    splits = f"{{train: {folder}/digits/train, eval: 0.2, test: {folder}/digits/test}}"
    done = counterpoise("run", EXPERIMENT, "--output", folder / "run", "--set", f"data.splits={splits}")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "digits", folder / "run"


def example_of(path):
    example = tf.train.Example()
    example.features.feature["image"].bytes_list.value.append(path.read_bytes())
    return example.SerializeToString()


def only(run, stage, name):
    [found] = (run / "artifacts" / stage).glob(name)
    return found


@pytest.mark.slow
def test_every_strategy_is_in_the_run(demo):
    _, run = demo
    findings = ImbalanceReport.read(str(only(run, "ImbalanceValidator", "imbalance_report/*"))).findings
    assert any(finding.subject == "9" for finding in findings)
    with only(run, "MinorityAugmenter", "class_priors/*/provenance.csv").open() as table:
        made = [row for row in csv.DictReader(table) if row["what"] == "made"]
    assert {row["method"] for row in made} == {"rotate_scale"} and {"7", "8", "9"} <= {
        row["class"] for row in made
    }
    assert all(f"/{row['class']}/" in parent for row in made for parent in json.loads(row["parents"]))
    network = load_network(str(only(run, "Trainer", "model_run/*/classifier.keras")))
    assert any(isinstance(layer, SqueezeExcitation) for layer in network.layers)
    training = Training.read(str(only(run, "Trainer", "model_run/*")))
    # Pretrained weights, and so a phase in which the head alone learns; and a loss for even classes.
    assert [stage.name for stage in training.stages] == ["head", "all"]
    assert training.stages[0].trained_parameters < training.stages[1].trained_parameters
    np.testing.assert_allclose(training.implied_prior, 0.1)


@pytest.mark.slow
def test_the_pushed_model_tells_rare_digits(demo):
    digits, run = demo
    metrics = metrics_of(run)
    assert metrics["blessed"] and metrics["summary"]["macro_f1"] > 0.85
    assert metrics["decision"]["calibration"]["slope"]["8"] != 1
    serve = tf.saved_model.load(str(run / "serving" / "1")).signatures["serving_default"]
    paths = sorted((digits / "test" / "8").iterdir())
    answer = serve(examples=tf.constant([example_of(path) for path in paths]))
    right = np.mean(answer["decision"].numpy() == b"8")
    assert right == pytest.approx(metrics["per_class"]["8"]["recall"])
