"""Images over the limit, however they are brought in: each is refused undecoded, over REST and gRPC."""

import base64

import grpc
import pytest
import tensorflow as tf
from tensorflow_serving.apis import classification_pb2, predict_pb2, prediction_service_pb2_grpc

from tests.models.serving.server.conftest import ask, part, png

# Of 40,000 pixels, where the server takes 10,000.
LARGE = part(png(9, (200, 200)), width=1.0).SerializeToString()
SMALL = part(png(9), width=1.0).SerializeToString()


def field(tag: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([tag, len(content)]) + content


def with_feature(name: bytes, value: bytes, serialized: bytes) -> bytes:
    entry = field(0x0A, name) + field(0x12, field(0x0A, field(0x0A, value)))
    return serialized + field(0x0A, field(0x0A, entry))


# All of which TensorFlow parses.
EVASIONS = {
    "as it is": LARGE,
    "behind a feature whose name is no UTF-8": with_feature(b"\xff\xfe", b"x", LARGE),
    "behind a field of the number 0": b"\x02\x01x" + LARGE,
    "behind an unknown field": b"\x12\x03abc" + LARGE,
    "behind an unknown number": b"\x10\x01" + LARGE,
    "before an unknown field": LARGE + b"\x7a\x03abc",
    "over a smaller one of the same name": SMALL + LARGE,
    "under a smaller one of the same name": LARGE + SMALL,
}


@pytest.fixture(scope="module")
def predictions(server):
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        yield prediction_service_pb2_grpc.PredictionServiceStub(channel)


def requested(*examples: bytes) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "parts"
    request.inputs["examples"].CopyFrom(tf.make_tensor_proto(list(examples)))
    return request


@pytest.mark.parametrize("how", EVASIONS)
def test_tensorflow_parses_each_way_to_bring_an_image_in(how):
    parsed = tf.io.parse_example([EVASIONS[how]], {"image": tf.io.FixedLenFeature([], tf.string)})
    assert parsed["image"].numpy()[0] in (png(9, (200, 200)), png(9))


@pytest.mark.parametrize("how", EVASIONS)
def test_a_large_image_in_an_example_is_refused(server, predictions, how):
    serialized = EVASIONS[how]
    rows = [{"b64": base64.b64encode(one).decode()} for one in (SMALL, serialized)]
    answer = ask(server, "/v1/models/parts:predict", {"instances": rows})
    assert answer.status == 400
    assert "40000 pixels" in answer.json["error"] or "no plain tf.Example" in answer.json["error"]
    with pytest.raises(grpc.RpcError) as caught:
        predictions.Predict(requested(SMALL, serialized), timeout=60)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("unknown", [b"", b"\x12\x03abc"])
def test_a_large_image_to_be_classified_is_refused(server, predictions, unknown):
    encoded = {"b64": base64.b64encode(png(9, (200, 200))).decode()}
    answer = ask(
        server, "/v1/models/parts:classify", {"context": {"image": encoded}, "examples": [{"width": 1.0}]}
    )
    assert answer.status == 400 and "40000 pixels" in answer.json["error"]
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name = "parts"
    # Parsed and written anew on its way, with what is unknown.
    request.input.example_list.examples.add().MergeFromString(unknown + LARGE)
    with pytest.raises(grpc.RpcError) as caught:
        predictions.Classify(request, timeout=60)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_large_image_given_by_name_is_refused_and_a_small_one_answered(server):
    for size, status in (((200, 200), 400), ((4, 4), 200)):
        row = {"image": {"b64": base64.b64encode(png(1, size)).decode()}, "width": 0.5, "line": "north"}
        body = {"signature_name": "predict_raw", "instances": [row]}
        assert ask(server, "/v1/models/parts:predict", body).status == status


def test_examples_as_they_are_written_are_answered(server, predictions):
    assert (
        predictions.Predict(requested(SMALL, SMALL + SMALL), timeout=60)
        .outputs["score"]
        .tensor_shape.dim[0]
        .size
        == 2
    )
