"""TensorFlow Serving's gRPC services, asked through its official stubs."""

import base64

import grpc
import numpy as np
import pytest
import tensorflow as tf
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from tests.models.serving.server.conftest import CLASSES, SIGNATURES, ask, part, png, probability


@pytest.fixture(scope="module")
def channel(server):
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        yield channel


@pytest.fixture(scope="module")
def predictions(channel):
    return prediction_service_pb2_grpc.PredictionServiceStub(channel)


@pytest.fixture(scope="module")
def models(channel):
    return model_service_pb2_grpc.ModelServiceStub(channel)


def predict_request(signature: str = "", name: str = "parts", **tensors) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = name
    request.model_spec.signature_name = signature
    for key, value in tensors.items():
        request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    return request


def of_version(version: int) -> predict_pb2.PredictRequest:
    request = predict_request("add", pairs=np.float32([[1, 2]]))
    request.model_spec.version.value = version
    return request


def not_an_image() -> predict_pb2.PredictRequest:
    return predict_request("predict_raw", image=[b"no image"], width=np.float32([0]), line=["north"])


def assert_refused(call, request, code: grpc.StatusCode, message: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        call(request, timeout=60)
    assert (caught.value.code(), message in caught.value.details()) == (code, True), caught.value.details()


def test_predict_answers_named_tensors(predictions):
    request = predict_request(
        "predict_raw", image=[png(51), png(255)], width=np.float32([0.5, 1]), line=["north", "south"]
    )
    answer = predictions.Predict(request, timeout=60)
    assert (answer.model_spec.name, answer.model_spec.version.value) == ("parts", 1)
    assert answer.model_spec.signature_name == "predict_raw"
    expected = [probability(51, 0.5, "north"), probability(255, 1, "south")]
    np.testing.assert_allclose(tf.make_ndarray(answer.outputs["probabilities"])[:, 1], expected, atol=1e-6)
    assert tf.make_ndarray(answer.outputs["classes"]).tolist() == [[one.encode() for one in CLASSES]] * 2


def test_predict_answers_the_outputs_asked_for(predictions):
    request = predict_request("predict_raw", image=[png(51)], width=np.float32([0.5]), line=["north"])
    request.output_filter.extend(["score", "decision"])
    assert set(predictions.Predict(request, timeout=60).outputs) == {"score", "decision"}


def test_classify_answers_classes_with_scores(predictions):
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name = "parts"
    request.input.example_list.examples.extend([part(png(51), width=0.5), part(png(0), width=-1.0)])
    first, second = predictions.Classify(request, timeout=60).result.classifications
    assert [one.label for one in first.classes] == CLASSES
    assert first.classes[1].score == pytest.approx(probability(51, 0.5, ""), abs=1e-6)
    assert second.classes[1].score == pytest.approx(probability(0, -1, ""), abs=1e-6)


def test_context_is_part_of_every_example(predictions):
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name = "parts"
    with_context = request.input.example_list_with_context
    with_context.context.CopyFrom(part(png(51)))
    with_context.examples.add().features.feature["width"].float_list.value.append(0.5)
    [one] = predictions.Classify(request, timeout=60).result.classifications
    assert one.classes[1].score == pytest.approx(probability(51, 0.5, ""), abs=1e-6)


def test_regress_answers_values(predictions):
    request = regression_pb2.RegressionRequest()
    request.model_spec.name, request.model_spec.signature_name = "parts", "regress"
    request.input.example_list.examples.add().features.feature["width"].float_list.value.append(0.25)
    [one] = predictions.Regress(request, timeout=60).result.regressions
    assert one.value == 0.25


def test_metadata_holds_the_signatures(predictions):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "parts"
    answer = predictions.GetModelMetadata(request, timeout=60)
    definitions = get_model_metadata_pb2.SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(definitions)
    assert set(SIGNATURES) <= set(definitions.signature_def)
    assert answer.model_spec.version.value == 1


@pytest.mark.parametrize("batch_size", [1, 64])
def test_rest_and_grpc_give_the_same_answers(predictions, server, batch_size):
    pixels, widths = np.arange(batch_size) * 3, np.arange(batch_size, dtype=np.float32) / 7
    lines = ["north", "south"] * 32
    images = [png(int(one)) for one in pixels]
    request = predict_request("predict_raw", image=images, width=widths, line=lines[:batch_size])
    over_grpc = {
        name: tf.make_ndarray(one) for name, one in predictions.Predict(request, timeout=60).outputs.items()
    }
    columns = {
        "image": [{"b64": base64.b64encode(one).decode()} for one in images],
        "width": widths.tolist(),
        "line": lines[:batch_size],
    }
    body = {"signature_name": "predict_raw", "inputs": columns}
    over_rest = ask(server, "/v1/models/parts:predict", body).json["outputs"]
    assert over_rest.keys() == over_grpc.keys()
    np.testing.assert_allclose(over_rest["probabilities"], over_grpc["probabilities"], atol=1e-6)
    assert over_rest["decision"] == [one.decode() for one in over_grpc["decision"]]
    assert over_rest["decision_index"] == over_grpc["decision_index"].tolist()


def test_health_says_serving(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    for service in ("", "tensorflow.serving.PredictionService"):
        answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=60)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_status_says_available(models):
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "parts"
    [status] = models.GetModelStatus(request, timeout=60).model_version_status
    assert (status.version, status.state) == (1, get_model_status_pb2.ModelVersionStatus.AVAILABLE)


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        (predict_request(name="half"), "NOT_FOUND", "Servable not found for request: Latest(half)"),
        (predict_request(name=""), "INVALID_ARGUMENT", "ModelSpec has no name specified."),
        (predict_pb2.PredictRequest(), "INVALID_ARGUMENT", "Missing ModelSpec"),
        (predict_request("x"), "FAILED_PRECONDITION", 'Serving signature key "x" not found.'),
        (predict_request("add"), "INVALID_ARGUMENT", "Missing but required: {pairs}"),
        (predict_request("add", pairs=[[1, 2]]), "INVALID_ARGUMENT", "must be of type float32"),
        (predict_request("add", pairs=[1.0]), "INVALID_ARGUMENT", "must be of shape (None, 2)"),
        (predict_request("add", pairs=[[1.0, 2.0]], more=1), "INVALID_ARGUMENT", "Sent extra: {more}"),
        (predict_request(examples=["x"]), "INVALID_ARGUMENT", "Could not parse example input"),
        (of_version(7), "NOT_FOUND", "Servable not found for request: Specific(parts, 7)"),
        (not_an_image(), "INVALID_ARGUMENT", "Unknown image file format"),
    ],
)
def test_what_cannot_be_answered_has_the_code_of_tensorflow_serving(predictions, request_, code, message):
    assert_refused(predictions.Predict, request_, getattr(grpc.StatusCode, code), message)


def test_one_value_that_stands_for_a_huge_tensor_is_refused(predictions):
    request = predict_request("add", pairs=[[1.0, 2.0]])
    request.inputs["pairs"].tensor_shape.dim[0].size = 2**40
    assert_refused(predictions.Predict, request, grpc.StatusCode.INVALID_ARGUMENT, "is not accepted")


def test_a_tensor_with_bytes_missing_is_refused(predictions):
    request = predict_request("add", pairs=np.float32([[1, 2]]))
    request.inputs["pairs"].tensor_content = b"123"
    assert_refused(predictions.Predict, request, grpc.StatusCode.INVALID_ARGUMENT, "is no tensor")


def test_outputs_that_are_not_there_are_refused(predictions):
    request = predict_request("add", pairs=np.float32([[1, 2]]))
    request.output_filter.append("product")
    assert_refused(predictions.Predict, request, grpc.StatusCode.INVALID_ARGUMENT, "alias not found")


def test_classification_of_nothing_is_refused(predictions):
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name = "parts"
    assert_refused(predictions.Classify, request, grpc.StatusCode.INVALID_ARGUMENT, "Input is empty.")


def test_status_of_an_unknown_version_is_not_found(models):
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "parts"
    request.model_spec.version.value = 9
    assert_refused(models.GetModelStatus, request, grpc.StatusCode.NOT_FOUND, "Could not find version 9")


def test_a_request_over_the_limit_is_refused(predictions):
    request = predict_request("add", pairs=np.zeros((2**18, 2), np.float32))
    assert_refused(predictions.Predict, request, grpc.StatusCode.RESOURCE_EXHAUSTED, "larger than max")
