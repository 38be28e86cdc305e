"""A loss and an encoder added by what the checklist names: a file and a row each."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

LOSS = '''
"""Cross-entropy to a power."""

import keras
import tensorflow as tf

from models.network.losses.checks import cross_entropy
from models.network.losses.class_weighted import ClassWeighted


@keras.saving.register_keras_serializable(package="toy")
class PowerLoss(ClassWeighted):
    def __init__(self, power=1.0, class_weights=None, name="power_loss", **kwargs):
        super().__init__(class_weights, name=name, **kwargs)
        self.power = power

    def record_losses(self, labels, logits):
        return tf.pow(cross_entropy(labels, logits) + 1e-6, self.power)

    def get_config(self):
        return {**super().get_config(), "power": self.power}
'''

ENCODER = '''
"""One dense layer over numbers."""

import keras

from models.network.tabular.column_inputs import column_inputs


def one_layer(settings, num_numeric, categorical_sizes, seed=0):
    inputs = column_inputs(num_numeric, categorical_sizes)
    layer = keras.layers.Dense(settings.width, kernel_initializer=keras.initializers.HeNormal(seed), name="only")
    return keras.Model(inputs, layer(inputs["numeric"]), name="one_layer")
'''

ROWS = """
from models.catalogue import encoders, losses
from models.catalogue.row import OwnField

losses.LOSSES += (
    losses.LossRow(
        "power_loss",
        "power_loss:PowerLoss",
        "Toy, 2026",
        fields=(OwnField("power", float, 1.0, "power_loss only: exponent.", {"gt": 0}, searched=(0.5, 2.0)),),
        searched=True,
        log_prior="power",
    ),
)
encoders.ENCODERS += (
    encoders.EncoderRow(
        "one_layer",
        "one_layer:one_layer",
        summary="is one dense layer",
        fields=(OwnField("width", int, 4, "one_layer only: units.", {"ge": 1}),),
        searched=True,
    ),
)
"""

PROGRAM = """
import json, os, sys

folder = sys.argv[1]
sys.path.insert(0, folder)
exec(open(os.path.join(folder, "rows.py")).read())

import numpy as np
from core.features import LABEL, MISSING, NUMERIC
from models.catalogue.reference import reference
from models.settings import LossSettings, ModelSettings, TrainingSections, TrainingSettings
from models.tuning.conditions import CONDITIONS
from models.tuning.default_space import default_space

told = {}
try:
    LossSettings(name="focal", power=2)
except ValueError as err:
    told["refused"] = str(err)
space = default_space(TrainingSections(), has_image=False, has_table=True, objective="val_macro_f1")
told["searched"] = [space["loss.name"].choice, space["model.tabular.encoder"].choice, space["loss.power"].float_range]
told["condition"] = CONDITIONS["model.tabular.width"].values
told["reference"] = [line for line in reference().splitlines() if "power_loss" in line or "one_layer" in line]
told["needed_tensorflow"] = "tensorflow" in sys.modules

import tensorflow as tf
from models.input.dataset import ExampleFiles
from models.network.classifier import InputShape
from models.network.losses.implied_prior import implied_prior
from models.training.job import TrainingJob
from models.training.train import train

random = np.random.default_rng(0)
spec = {
    LABEL: tf.io.FixedLenFeature([], tf.int64),
    NUMERIC: tf.io.FixedLenFeature([2], tf.float32),
    MISSING: tf.io.FixedLenFeature([2], tf.float32),
}
path = os.path.join(folder, "examples.gz")
with tf.io.TFRecordWriter(path, "GZIP") as writer:
    for number in range(60):
        label = int(number % 4 == 0)
        floats = {NUMERIC: random.normal(3 * label, 1, 2), MISSING: [0.0, 0.0]}
        features = {key: tf.train.Feature(float_list=tf.train.FloatList(value=value)) for key, value in floats.items()}
        features[LABEL] = tf.train.Feature(int64_list=tf.train.Int64List(value=[label]))
        writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
files = ExampleFiles([path], spec, (8, 8), 3)
loss = LossSettings(name="power_loss", power=0.5, class_weights="none")
job = TrainingJob(
    InputShape(num_numeric=2),
    ["often", "seldom"],
    files,
    files,
    ModelSettings(tabular={"encoder": "one_layer", "width": 3}),
    loss,
    TrainingSettings(epochs=1, batch_size=16, optimizer={"learning_rate": 0.05}),
)
trained = train(job)
told["encoder"] = [layer.output_shape[-1] for layer in trained.model.layers if layer.name == "one_layer"]
told["losses"] = [epoch["loss"] for epoch in trained.history]
told["prior"] = implied_prior(loss, np.array([81, 1])).tolist()
print("TOLD " + json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("added")
    for name, text in (("power_loss", LOSS), ("one_layer", ENCODER), ("rows", ROWS), ("program", PROGRAM)):
        (folder / f"{name}.py").write_text(text)
    # A process of its own: settings are made of the rows as they are imported.
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    [line] = [line for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    return json.loads(line.removeprefix("TOLD "))


def test_a_loss_and_an_encoder_that_have_a_file_and_a_row_each_are_trained(told):
    assert told["encoder"] == [3]
    [loss] = told["losses"]
    # Of classes that are told apart by chance, log 2 to the power of 1/2.
    assert 0.1 < loss < 1.2


def test_their_settings_are_checked_and_searched_by_the_row_alone(told):
    assert "`power` works with power_loss alone. Received: power=2 with name='focal'" in told["refused"]
    losses, encoders, power = told["searched"]
    assert "power_loss" in losses and "one_layer" in encoders and power == [0.5, 2.0]
    assert told["condition"] == ["one_layer"]
    assert not told["needed_tensorflow"]


def test_the_prior_follows_from_the_row(told):
    # Half of the log prior is added to the logits: the shares are those of the roots of 81 and 1.
    assert told["prior"] == pytest.approx([0.9, 0.1])


def test_the_reference_has_a_line_for_each(told):
    assert len(told["reference"]) == 2
