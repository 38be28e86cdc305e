"""Warm-up requests kept beside a SavedModel."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from models.serving.server.batched_signature import BatchingSettings
from models.serving.server.served_model import load_version
from tests.models.serving.server.conftest import export_parts

SETTINGS = BatchingSettings(4, 1)


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    return export_parts(tmp_path_factory.mktemp("serving"), 1)


def keep_request(version, pairs: np.ndarray) -> None:
    log = prediction_log_pb2.PredictionLog()
    request = log.predict_log.request
    request.model_spec.signature_name = "add"
    request.inputs["pairs"].CopyFrom(tf.make_tensor_proto(pairs))
    (version / "assets.extra").mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(version / "assets.extra" / "tf_serving_warmup_requests")) as writer:
        writer.write(log.SerializeToString())


def test_kept_requests_are_run_alone_and_joined(version):
    keep_request(version, np.float32([[1, 2], [3, 4], [5, 6]]))
    model = load_version(str(version), 1, SETTINGS, 100)
    assert model.signatures["add"].batch_sizes().tolist() == [0, 0, 0, 2, 0]
    assert model.signatures["busy"].batch_sizes().sum() == 0


def test_a_model_that_fails_on_its_own_requests_is_not_loaded(version):
    keep_request(version, np.float32([[1, 2, 3]]))
    with pytest.raises(ValueError, match=r"a warm-up request failed: .*must be of shape \(None, 2\)"):
        load_version(str(version), 1, SETTINGS, 100)
