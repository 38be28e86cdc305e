"""The requests kept beside a model: what they hold, and that a server answers them."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from components.decision_calibrator.extra_assets import copy_extra_assets
from components.decision_calibrator.warmup_requests import (
    REQUESTS_ASSET,
    first_examples,
    write_warmup_requests,
)
from components.examples_io import shard_path, write_shard
from core.documents.raw_inputs import RawInputs
from models.serving.server.batched_signature import BatchingSettings
from models.serving.server.served_model import load_version
from tests.made_documents import raw_inputs


class Network(tf.Module):
    """Answers in the ways that requests can be made for, and in two that they cannot."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serving_default(self, examples):
        spec = {"Width / m": tf.io.FixedLenFeature([], tf.float32, 0.0)}
        return {"width": tf.io.parse_example(examples, spec)["Width / m"]}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float32, name="width___m"),
            tf.TensorSpec([None], tf.string, name="line"),
            tf.TensorSpec([None], tf.int64, name="count"),
        ]
    )
    def predict_raw(self, width___m, line, count):
        return {"width": width___m, "length": tf.strings.length(line) + tf.cast(count, tf.int32)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="height")])
    def of_something_else(self, height):
        return {"height": height + 1}


def example(**features) -> bytes:
    kinds = {float: "float_list", int: "int64_list", bytes: "bytes_list"}
    content = tf.train.Example()
    for name, value in features.items():
        getattr(content.features.feature[name], kinds[type(value)]).value.append(value)
    return content.SerializeToString()


EXAMPLES = [
    example(**{"Width / m": 1.5}, line=b"north", count=3),
    example(line=b"south"),
    example(**{"Width / m": 0.25}),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    network = Network()
    names = ("serving_default", "predict_raw", "of_something_else")
    tf.saved_model.save(network, str(folder), {name: getattr(network, name) for name in names})
    raw_inputs({"name": "Width / m", "input": "width___m", "kind": "number"}).write(str(folder))
    write_warmup_requests(str(folder), EXAMPLES)
    return folder


@pytest.fixture(scope="module")
def requests(folder):
    records = tf.data.TFRecordDataset(str(folder / REQUESTS_ASSET)).as_numpy_iterator()
    logs = [prediction_log_pb2.PredictionLog.FromString(record) for record in records]
    return {log.predict_log.request.model_spec.signature_name: log.predict_log.request for log in logs}


def test_each_signature_that_records_fit_has_a_request(requests):
    assert set(requests) == {"serving_default", "predict_raw"}


def test_examples_are_asked_as_they_are(requests):
    assert tf.make_ndarray(requests["serving_default"].inputs["examples"]).tolist() == EXAMPLES


def test_named_tensors_hold_the_records_values_and_say_what_is_missing(requests):
    inputs = {name: tf.make_ndarray(values) for name, values in requests["predict_raw"].inputs.items()}
    np.testing.assert_array_equal(inputs["width___m"], np.float32([1.5, np.nan, 0.25]))
    assert inputs["width___m"].dtype == np.float32
    assert inputs["line"].tolist() == [b"north", b"south", b""]
    assert inputs["count"].tolist() == [3, 0, 0]


def test_the_server_warms_up_with_them(folder):
    model = load_version(str(folder), 1, BatchingSettings(4, 1), 100)
    assert model.signatures["serving_default"].batch_sizes().sum() > 0
    assert model.signatures["predict_raw"].batch_sizes().sum() > 0
    assert model.signatures["of_something_else"].batch_sizes().sum() == 0


def test_equal_records_give_equal_bytes(folder):
    before = (folder / REQUESTS_ASSET).read_bytes()
    write_warmup_requests(str(folder), EXAMPLES)
    assert (folder / REQUESTS_ASSET).read_bytes() == before


def test_without_records_there_is_no_file(folder, tmp_path):
    write_warmup_requests(str(tmp_path), [])
    assert not list(tmp_path.iterdir())


def test_the_first_few_records_are_read_and_no_more_than_fit(tmp_path):
    small = [example(line=str(number).encode()) for number in range(9)]
    large = [example(line=bytes([65 + number]) * 1_500_000) for number in range(2)]
    for name, examples in {"small": small, "large": large}.items():
        (tmp_path / name).mkdir()
        write_shard(shard_path(str(tmp_path / name), 0, 1), examples)
    assert first_examples(str(tmp_path / "small")) == small[:4]
    assert first_examples(str(tmp_path / "large")) == large[:1]


def test_what_lies_beside_a_model_goes_along(folder, tmp_path):
    copy_extra_assets(str(folder), str(tmp_path))
    assert RawInputs.read(str(tmp_path)) == RawInputs.read(str(folder))
    copy_extra_assets(str(tmp_path / "none"), str(tmp_path / "other"))
    assert not (tmp_path / "other").exists()
