"""Small SavedModels of every kind of signature, and a server over them on free ports."""

import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from models.serving.server.local_server import LocalServer, ServerSettings
from models.serving.server.model_directory import ModelDirectory

CLASSES = ["good", "größerer Riss"]
_SIZE = 4


class Parts(tf.Module):
    """Tells parts apart by the brightness of a picture, its width and its line.

    The logit of the second class is `scale` times (mean pixel / 255 + width + 1 on the line "south"); that
    of the first is 0.
    """

    def __init__(self, scale: float):
        super().__init__()
        self.scale = tf.Variable(scale)

    def _answer(self, image, width, line):
        def brightness(encoded):
            pixels = tf.io.decode_image(encoded, channels=3, expand_animations=False)
            return tf.reduce_mean(tf.cast(pixels, tf.float32)) / 255.0

        bright = tf.map_fn(brightness, image, fn_output_signature=tf.TensorSpec([], tf.float32))
        logit = self.scale * (bright + width + tf.cast(line == "south", tf.float32))
        probabilities = tf.nn.softmax(tf.stack([tf.zeros_like(logit), logit], axis=1))
        decision = tf.argmax(probabilities, axis=1)
        names = tf.constant(CLASSES)
        return {
            "probabilities": probabilities,
            "decision": tf.gather(names, decision),
            "decision_index": decision,
            "score": tf.reduce_max(probabilities, axis=1),
            "classes": tf.tile(names[tf.newaxis], [tf.shape(logit)[0], 1]),
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serving_default(self, examples):
        spec = {
            "image": tf.io.FixedLenFeature([], tf.string),
            "width": tf.io.FixedLenFeature([], tf.float32, 0.0),
            "line": tf.io.FixedLenFeature([], tf.string, ""),
        }
        return self._answer(**tf.io.parse_example(examples, spec))

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="image"),
            tf.TensorSpec([None], tf.float32, name="width"),
            tf.TensorSpec([None], tf.string, name="line"),
        ]
    )
    def predict_raw(self, image, width, line):
        return self._answer(image, width, line)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="inputs")])
    def regress(self, inputs):
        width = tf.io.parse_example(inputs, {"width": tf.io.FixedLenFeature([], tf.float32)})["width"]
        return {"outputs": self.scale * width}

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="pairs")])
    def add(self, pairs):
        return {"sum": self.scale * tf.reduce_sum(pairs, axis=1)}

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32, name="rows")])
    def add_any(self, rows):
        return {"sum": self.scale * tf.reduce_sum(rows, axis=1)}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="text"),
            tf.TensorSpec([None], tf.int8, name="whole"),
            tf.TensorSpec([None], tf.uint64, name="large"),
            tf.TensorSpec([None], tf.bool, name="truth"),
            tf.TensorSpec([None], tf.float64, name="double"),
        ]
    )
    def echo(self, text, whole, large, truth, double):
        echoed = {"text": text, "whole": whole, "large": large, "truth": truth, "double": double}
        return {"text_bytes": tf.identity(text), **{k: tf.identity(v) for k, v in echoed.items()}}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="rounds")])
    def busy(self, rounds):
        start = tf.random.stateless_uniform([300, 300], [1, 2])
        _, last = tf.while_loop(
            lambda i, _: i < tf.reduce_max(rounds),
            lambda i, matrix: (i + 1, tf.matmul(matrix, start) / 150.0),
            [0, start],
        )
        return {"done": tf.cast(rounds, tf.float32) + 0.0 * last[0, 0]}


SIGNATURES = ("serving_default", "predict_raw", "regress", "add", "add_any", "echo", "busy")


def export_parts(folder: Path, version: int, scale: float = 1.0) -> Path:
    """Writes a version of the parts model, and puts it in place whole."""
    parts = Parts(scale)
    half_written = folder / f".writing-{version}"
    tf.saved_model.save(parts, str(half_written), {name: getattr(parts, name) for name in SIGNATURES})
    return half_written.rename(folder / str(version))


def probability(brightness: float, width: float, line: str, scale: float = 1.0) -> float:
    """Computes the probability of the second class by the formula in `Parts`."""
    return float(1 / (1 + np.exp(-scale * (brightness / 255 + width + (line == "south")))))


def png(brightness: int, size: tuple[int, int] = (_SIZE, _SIZE)) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((*size, 3), brightness, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def part(image: bytes, **numbers: float) -> tf.train.Example:
    features = {"image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[image]))}
    for name, value in numbers.items():
        features[name] = tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
    return tf.train.Example(features=tf.train.Features(feature=features))


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: Any

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(server: LocalServer, path: str, body: Any = None, method: str | None = None) -> Answer:
    """Sends a request; a body that is not bytes is written as JSON."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", data=data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return Answer(response.status, response.read(), response.headers)
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read(), error.headers)


@pytest.fixture(scope="session")
def parts_folder(tmp_path_factory) -> Path:
    """A serving folder with version 1 of the parts model."""
    folder = tmp_path_factory.mktemp("run") / "serving"
    folder.mkdir()
    export_parts(folder, 1)
    return folder


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[..., LocalServer]]:
    """Starts servers on free ports; stops them at the end."""
    started = []
    defaults = ServerSettings(port=0, grpc_port=0, max_batch=16, poll_seconds=0.1)

    def start(folder: Path, **settings: Any) -> LocalServer:
        server = LocalServer(ModelDirectory(str(folder), "parts"), replace(defaults, **settings))
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def server(start, parts_folder) -> LocalServer:
    """A server of the parts model with a small limit of bytes and of pixels."""
    return start(parts_folder, max_request_bytes=2**20, max_image_pixels=10_000)
