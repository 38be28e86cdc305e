"""Requests of every wrong kind: each is refused with a 4xx in TensorFlow Serving's form, and the server lives on."""

import base64
import http.client
import json
import socket
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from tests.models.serving.server.conftest import SIGNATURES, ask, part, png

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8).map(lambda value: {"b64": base64.b64encode(value).decode()}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["instances", "inputs", "signature_name", "examples", "context", "image", "width", "line", "pairs", "b64"]
)
DOCUMENTS = st.dictionaries(KEYS, ANY_JSON, max_size=4)
METHODS = st.sampled_from(["predict", "classify", "regress"])
PLENTY = settings(max_examples=300, suppress_health_check=list(HealthCheck))


def assert_answered(answer: Any) -> None:
    assert answer.status in (200, 400, 404, 413), answer.body
    if answer.status != 200:
        assert list(answer.json) == ["error"] and "Traceback" not in answer.json["error"]


@pytest.fixture(autouse=True)
def still_answers(server, capfd):
    yield
    body = {"signature_name": "add", "instances": [[1, 2]]}
    assert ask(server, "/v1/models/parts:predict", body).json == {"predictions": [3.0]}
    assert "Traceback" not in capfd.readouterr().err


@PLENTY
@given(METHODS, st.sampled_from(["", *SIGNATURES]), DOCUMENTS)
def test_any_document_is_answered(server, method, signature, document):
    body = {"signature_name": signature, **document} if signature else document
    assert_answered(ask(server, f"/v1/models/parts:{method}", body))


@PLENTY
@given(METHODS, st.binary(max_size=60))
def test_any_bytes_are_answered(server, method, body):
    assert_answered(ask(server, f"/v1/models/parts:{method}", body))


@PLENTY
@given(st.dictionaries(st.sampled_from(["image", "width", "line"]), ANY_JSON, min_size=1))
def test_any_values_of_the_right_names_are_answered(server, values):
    row = {"image": {"b64": base64.b64encode(png(1)).decode()}, "width": 0.5, "line": "north", **values}
    body = {"signature_name": "predict_raw", "instances": [row]}
    assert_answered(ask(server, "/v1/models/parts:predict", body))


@PLENTY
@given(st.data())
def test_images_and_examples_with_bytes_changed_are_answered(server, data):
    whole = data.draw(st.sampled_from([png(9), part(png(9), width=1.0).SerializeToString()]))
    changed = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        changed[place] = data.draw(st.integers(0, 255))
    cut = bytes(changed)[: data.draw(st.integers(0, len(whole)))]
    encoded = {"b64": base64.b64encode(cut).decode()}
    raw = {"signature_name": "predict_raw", "inputs": {"image": [encoded], "width": [0], "line": [""]}}
    for body in ({"instances": [encoded]}, raw):
        assert_answered(ask(server, "/v1/models/parts:predict", body))


@PLENTY
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#?"), max_size=30))
def test_any_path_is_answered(server, path):
    for start in ("/", "/v1/", "/v1/models/", "/v1/models/parts", "/v1/models/parts/versions/"):
        assert_answered(ask(server, start + path))
        assert_answered(ask(server, start + path, {}))


ANY_TENSOR = st.builds(
    tensor_pb2.TensorProto,
    dtype=st.sampled_from([0, 1, 3, 7, 9, 10, 20, 101, 1000]),
    tensor_shape=st.builds(
        tensor_shape_pb2.TensorShapeProto,
        dim=st.lists(
            st.builds(
                tensor_shape_pb2.TensorShapeProto.Dim, size=st.sampled_from([-1, 0, 1, 2, 3, 2**40, 2**62])
            ),
            max_size=3,
        ),
        unknown_rank=st.booleans(),
    ),
    tensor_content=st.binary(max_size=24),
    float_val=st.lists(st.floats(width=32), max_size=3),
    string_val=st.lists(st.binary(max_size=8), max_size=3),
    int64_val=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
)
REFUSALS = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
}


@pytest.fixture(scope="module")
def predictions(server):
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        yield prediction_service_pb2_grpc.PredictionServiceStub(channel)


@PLENTY
@given(
    st.sampled_from(["parts", "half", ""]),
    st.sampled_from(["", "nothing", *SIGNATURES]),
    st.dictionaries(st.sampled_from(["examples", "image", "width", "line", "pairs", "rows"]), ANY_TENSOR),
)
def test_any_tensors_over_grpc_are_answered(predictions, name, signature, tensors):
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = name, signature
    for key, tensor in tensors.items():
        request.inputs[key].CopyFrom(tensor)
    try:
        predictions.Predict(request, timeout=60)
    except grpc.RpcError as error:
        assert error.code() in REFUSALS and "Traceback" not in error.details(), error


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(st.binary(min_size=1, max_size=80))
def test_bytes_that_are_no_http_do_no_harm(server, sent):
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(sent + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(4096):
            received += piece
    assert b" 500 " not in received and b"Traceback" not in received


def test_a_client_that_goes_away_midway_is_forgotten(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", "/v1/models/parts:predict")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(json.dumps({"inst": 1}).encode())
    connection.close()
