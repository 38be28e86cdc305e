"""What one lane of Python and TensorFlow has written, used in the other: models, weights files, and a server over a model.

COUNTERPOISE_OTHER_LANE names what runs a command in the project's folder in the other lane, and has to show it the folder
that COUNTERPOISE_SHARED names, at the same path: `.ci/modern_lane.sh` does both. Where both lanes share a machine,
`env -C FOLDER` does, with the folder of the other one.
"""

import base64
import csv
import json
import os
import re
import shlex
import signal
import subprocess
import urllib.request

import numpy as np
import pytest

from tests.conftest import CLASS_SIZES, COUNTERPOISE, NO_NUMBER, write_parts
from tests.terminal import lines_of_libraries

OTHER_LANE = shlex.split(os.environ.get("COUNTERPOISE_OTHER_LANE", ""))
HERE = ()
LANES = {"here": HERE, "there": OTHER_LANE}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not OTHER_LANE,
        reason="COUNTERPOISE_OTHER_LANE names nothing that runs the other lane: .ci/modern_lane.sh",
    ),
]

# Answers of a backbone that reads its weights from a file, and of one that writes them there first.
BACKBONE = """
import sys
import keras
import numpy as np
from models.network.backbones.image_backbone import image_backbone
from models.network.backbones.layer_graph import flat_layers
from models.settings import ImageModelSettings
what, name, file, answers = sys.argv[1:]
settings = {"backbone": name, "weights": None if what == "write" else file, "size": [32, 32], "alpha": 0.35}
settings = {key: value for key, value in settings.items() if key != "alpha" or name == "MobileNetV2"}
backbone = image_backbone(ImageModelSettings(**settings), (32, 32, 3), seed=1 if what == "write" else 2)
images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3)).astype("float32")
if what == "write":
    if name == "MobileNetV2":
        # About what its layers take off the variance: its answers would vanish otherwise.
        for layer in flat_layers(backbone):
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.moving_variance.assign(0 * layer.moving_variance + 0.12)
    # Of a network of keras.applications its own weights are saved, without the scaling of pixels before it.
    saved = next((layer for layer in backbone.layers if isinstance(layer, keras.Model)), backbone)
    saved.save_weights(file)
np.save(answers, backbone(images, training=False))
"""


def in_lane(lane, program, *words):
    """Returns what runs a program of the lane's environment."""
    folder = ".venv/bin" if lane else COUNTERPOISE.parent
    return [*lane, f"{folder}/{program}", *map(str, words)]


def run(lane, program, *words, shared):
    environment = {**os.environ, "COUNTERPOISE_SHARED": str(shared)}
    command = in_lane(lane, program, *words)
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def counterpoise(lane, *words, shared):
    done = run(lane, "counterpoise", *words, shared=shared)
    assert lines_of_libraries(done.stdout + done.stderr) == []
    return done


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A folder that both lanes see."""
    return tmp_path_factory.mktemp("lanes")


@pytest.fixture(scope="module")
def runs(shared):
    """The folder, with the parts in it and a run of each lane on them."""
    experiment = write_parts(shared / "parts")
    rows = (experiment.parent / "parts.csv").read_text().splitlines()
    (experiment.parent / "new.csv").write_text("\n".join(rows[: 1 + sum(CLASS_SIZES.values())]) + "\n")
    for name, lane in LANES.items():
        counterpoise(lane, "run", experiment, "--output", shared / name, shared=shared)
    return shared


def predicted(runs, lane, model):
    """Returns the probabilities of the classes and the decisions that a lane answers with a model."""
    table = runs / "answers.csv"
    new = runs / "parts" / "new.csv"
    counterpoise(lane, "predict", runs / model, new, "-o", table, shared=runs)
    with open(table, newline="") as handle:
        rows = list(csv.DictReader(handle))
    return np.array([[float(row[f"p_{name}"]) for name in CLASS_SIZES] for row in rows]), [
        row["decision"] for row in rows
    ]


def test_each_lane_has_a_tensorflow_of_its_own(runs):
    written = [
        json.loads(counterpoise(HERE, "describe", runs / name, "--json", shared=runs).stdout)["tensorflow"]
        for name in LANES
    ]
    assert len(set(written)) == 2


@pytest.mark.parametrize("model", LANES)
def test_a_model_answers_in_the_other_lane_as_in_its_own(runs, model):
    (here, decided_here), (there, decided_there) = (predicted(runs, lane, model) for lane in LANES.values())
    np.testing.assert_allclose(there, here, rtol=0, atol=1e-5)
    assert decided_there == decided_here and len(set(decided_here)) > 1
    assert len(here) == sum(CLASS_SIZES.values())


@pytest.mark.parametrize("backbone", ["small_cnn", "resnet32", "MobileNetV2"])
@pytest.mark.parametrize("writer", LANES)
def test_a_weights_file_answers_in_the_other_lane_as_in_its_own(shared, backbone, writer):
    file = shared / f"{writer}-{backbone}.weights.h5"
    answers = {}
    for reader, what in ((writer, "write"), ({"here": "there", "there": "here"}[writer], "read")):
        run(LANES[reader], "python", "-c", BACKBONE, what, backbone, file, shared / "map.npy", shared=shared)
        answers[what] = np.load(shared / "map.npy")
    assert np.ptp(answers["write"]) > 0.01
    np.testing.assert_allclose(answers["read"], answers["write"], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("server", "model"), [("there", "here"), ("here", "there")])
def test_a_lane_serves_a_model_of_the_other(runs, server, model):
    expected, decided = predicted(runs, LANES[model], model)
    with open(runs / "parts" / "new.csv", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter=";"))
    answers = served(LANES[server], runs, model, rows)
    [order] = {tuple(answer["classes"]) for answer in answers}
    found = [[answer["probabilities"][order.index(name)] for name in CLASS_SIZES] for answer in answers]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    assert [answer["decision"] for answer in answers] == decided


def served(lane, shared, model, rows):
    """Starts a server of the model in the lane, and returns its answers to the rows over REST."""
    words = in_lane(lane, "counterpoise", "serve", shared / model, "--port", 0, "--grpc-port", 0)
    environment = {**os.environ, "COUNTERPOISE_SHARED": str(shared)}
    # In a group of its own: what runs a command of the other lane stands between.
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        announced = process.stdout.readline()
        assert announced, process.stderr.read()
        address = re.search(r"http://[\d.:]+", announced)[0]
        body = json.dumps(
            {"signature_name": "predict_raw", "instances": [instance(row, shared) for row in rows]}
        ).encode()
        name = re.match(r"Serving ([^,]+),", announced)[1]
        request = urllib.request.Request(f"{address}/v1/models/{name}:predict", data=body)
        with urllib.request.urlopen(request, timeout=120) as response:
            return json.loads(response.read())["predictions"]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def instance(row, shared):
    """Returns the values of a record by the names of the served model's inputs; NaN is a missing one."""
    picture = base64.b64encode((shared / "parts" / row["picture"]).read_bytes()).decode()
    numbers = {
        name: float(row[name]) if row[name] not in NO_NUMBER else float("nan") for name in ("width", "weight")
    }
    return {"picture": {"b64": picture}, "line": row["line"], **numbers}
