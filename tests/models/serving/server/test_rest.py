"""The REST API against the contract in TensorFlow Serving's documentation of it."""

import base64
import http.client
import json
import struct
import zlib

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.models.serving.server.conftest import CLASSES, SIGNATURES, ask, part, png, probability

MODEL = "/v1/models/parts"


def b64(encoded: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(encoded).decode()}


def row(brightness: int = 51, width: float = 0.5, line: str = "north") -> dict:
    return {"image": b64(png(brightness)), "width": width, "line": line}


def predict(server, signature: str, path: str = f"{MODEL}:predict", **layout):
    return ask(server, path, {"signature_name": signature, **layout})


def test_status_lists_the_versions(server):
    expected = {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    for path in (MODEL, f"{MODEL}/versions/1"):
        answer = ask(server, path)
        assert (answer.status, answer.json) == (200, {"model_version_status": [expected]})
        assert answer.headers["Content-Type"] == "application/json"


def test_metadata_describes_the_signatures(server):
    for path in (f"{MODEL}/metadata", f"{MODEL}/versions/1/metadata"):
        document = ask(server, path).json
        assert document["model_spec"] == {"name": "parts", "signature_name": "", "version": "1"}
        definitions = document["metadata"]["signature_def"]["signature_def"]
        assert set(SIGNATURES) <= definitions.keys()
        pairs = definitions["add"]["inputs"]["pairs"]
        assert pairs["dtype"] == "DT_FLOAT"
        assert [dim["size"] for dim in pairs["tensor_shape"]["dim"]] == ["-1", "2"]
        assert definitions["add"]["method_name"] == "tensorflow/serving/predict"


def test_predict_by_row_answers_by_row(server):
    answer = predict(server, "predict_raw", instances=[row(51, 0.5), row(255, 1.0, "south")])
    first, second = answer.json["predictions"]
    assert first["probabilities"][1] == pytest.approx(probability(51, 0.5, "north"), abs=1e-6)
    assert second["probabilities"][1] == pytest.approx(probability(255, 1.0, "south"), abs=1e-6)
    assert (first["decision"], first["decision_index"], first["classes"]) == (CLASSES[1], 1, CLASSES)


def test_predict_by_column_answers_by_column(server):
    columns = {"image": [b64(png(51))], "width": [0.5], "line": ["north"]}
    answer = predict(server, "predict_raw", inputs=columns)
    outputs = answer.json["outputs"]
    assert outputs["probabilities"][0][1] == pytest.approx(probability(51, 0.5, "north"), abs=1e-6)
    assert outputs["classes"] == [CLASSES]


def test_default_signature_takes_serialised_examples_with_and_without_the_inputs_name(server):
    serialized = b64(part(png(51), width=0.5).SerializeToString())
    expected = pytest.approx(probability(51, 0.5, ""), abs=1e-6)
    for instance in (serialized, {"examples": serialized}):
        [answer] = ask(server, f"{MODEL}:predict", {"instances": [instance]}).json["predictions"]
        assert answer["probabilities"][1] == expected
    for columns in ([serialized], {"examples": [serialized]}):
        outputs = ask(server, f"{MODEL}:predict", {"inputs": columns}).json["outputs"]
        assert outputs["probabilities"][0][1] == expected


def test_a_single_output_stands_without_its_name(server):
    assert predict(server, "add", instances=[[1, 2.5], [3, 4]]).json == {"predictions": [3.5, 7.0]}
    assert predict(server, "add", instances=[{"pairs": [1, 2]}]).json == {"predictions": [3.0]}
    assert predict(server, "add", inputs=[[1, 2]]).json == {"outputs": [3.0]}


def test_path_names_the_version_and_is_read_in_any_case(server):
    for path in (f"{MODEL}/versions/1:predict", "/V1/Models/parts:PREDICT", "/v1/models/p%61rts:predict"):
        assert predict(server, "add", path, instances=[[1, 2]]).json == {"predictions": [3.0]}


def test_values_of_every_type_come_back_as_they_went(server):
    sent = {"text": "é", "whole": -128, "large": 2**64 - 1, "truth": True, "double": 0.1}
    [echoed] = predict(server, "echo", instances=[sent]).json["predictions"]
    assert echoed == {**sent, "text_bytes": b64("é".encode())}


def test_numbers_that_are_not_finite_are_written_by_name(server):
    sent = b'{"signature_name": "add", "instances": [[NaN, 1], [Infinity, 1], [-Infinity, 1]]}'
    answer = ask(server, f"{MODEL}:predict", sent)
    assert answer.body == b'{"predictions":[NaN,Infinity,-Infinity]}'


def test_float32_is_written_with_as_many_digits_as_it_has(server):
    assert predict(server, "add", instances=[[0.1, 0.1]]).body == b'{"predictions":[0.2]}'


def test_classify_answers_labels_with_scores(server):
    examples = [{"width": 0.5, "line": "south"}, {"width": [0.0]}]
    answer = ask(server, f"{MODEL}:classify", {"context": {"image": b64(png(51))}, "examples": examples})
    for result, (width, line) in zip(answer.json["results"], [(0.5, "south"), (0.0, "")], strict=True):
        assert [label for label, _ in result] == CLASSES
        assert result[1][1] == pytest.approx(probability(51, width, line), abs=1e-6)


def test_regress_answers_one_value_per_example(server):
    body = {"signature_name": "regress", "examples": [{"width": 0.25}, {"width": 3.0}]}
    assert ask(server, f"{MODEL}:regress", body).json == {"results": [0.25, 3.0]}


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("/v1/models/half:predict", {"instances": [1]}, 404, "Servable not found for request: Latest(half)"),
        (f"{MODEL}/versions/7:predict", {"instances": [1]}, 404, "Specific(parts, 7)"),
        (f"{MODEL}/labels/stable:predict", {"instances": [1]}, 400, "Unrecognized servable version label"),
        ("/v1/models/half", None, 404, "Could not find any versions of model half"),
        (f"{MODEL}/versions/7", None, 404, "Could not find version 7 of model parts"),
        (f"{MODEL}/versions/7/metadata", None, 404, "Specific(parts, 7)"),
        ("/v1/models", None, 400, "Missing model name in request."),
        (f"{MODEL}/versions/{2**63}", None, 400, "Failed to convert version"),
        (f"{MODEL}:predict", None, 400, f"Malformed request: GET {MODEL}:predict"),
        (MODEL, {}, 400, f"Malformed request: POST {MODEL}"),
        (f"{MODEL}:explain", {}, 400, "Malformed request"),
        ("/elsewhere", None, 404, "Malformed request"),
        (f"{MODEL}:predict", b"", 400, "JSON Parse error: The document is empty"),
        (f"{MODEL}:predict", b"{", 400, "JSON Parse error"),
        (f"{MODEL}:predict", b"\xff", 400, "JSON Parse error"),
        (f"{MODEL}:predict", b"[" * 100_000, 400, "JSON Parse error"),
        (f"{MODEL}:predict", b'{"instances": ' + b"9" * 10_000 + b"}", 400, "JSON Parse error"),
        (f"{MODEL}:predict", b"[1]", 400, "Is not object"),
        (f"{MODEL}:predict", {}, 400, "Missing 'inputs' or 'instances' key"),
        (f"{MODEL}:predict", {"inputs": [], "instances": []}, 400, "only one of"),
        (f"{MODEL}:predict", {"instances": []}, 400, "No values in 'instances' array"),
        (f"{MODEL}:predict", {"instances": 1}, 400, "to be an list/array"),
        (f"{MODEL}:predict", {"signature_name": 1, "instances": [1]}, 400, "must be a string value"),
        (f"{MODEL}:predict", {"signature_name": "x", "instances": [1]}, 400, '"x" not found in signature'),
        (f"{MODEL}:predict", {"signature_name": "\ud800", "instances": [1]}, 400, "not found in signature"),
        (f"{MODEL}:predict", {"instances": [1.5]}, 400, "is not of expected type: string"),
        (f"{MODEL}:predict", {"instances": [{"b64": "?"}]}, 400, "Unable to base64 decode"),
        (f"{MODEL}:predict", {"instances": [{"b64": "AA%A"}]}, 400, "Unable to base64 decode"),
        (f"{MODEL}:predict", {"instances": ["no example"]}, 400, "Could not parse example input"),
        (f"{MODEL}:classify", {}, 400, "key 'examples' is expected"),
        (f"{MODEL}:classify", {"examples": []}, 400, "is an empty array"),
        (f"{MODEL}:classify", {"examples": [{"width": [1, 2.5]}]}, 400, "Unexpected element type"),
        (f"{MODEL}:classify", {"examples": [{"width": None}]}, 400, "unexpected JSON type"),
        (f"{MODEL}:classify", {"examples": [{"width": 2**64}]}, 400, "out of the range of int64"),
        (f"{MODEL}:regress", {"examples": [{"width": 1.0}]}, 400, 'one output, "outputs"'),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(server, path, body, status, message):
    answer = ask(server, path, body)
    assert answer.status == status
    assert list(answer.json) == ["error"] and message in answer.json["error"]


@pytest.mark.parametrize(
    ("signature", "layout", "message"),
    [
        ("add", {"instances": [[1, 2, 3]]}, "must be of shape (None, 2)"),
        ("add", {"instances": [[1, 2], [3]]}, "unexpected size"),
        ("add", {"instances": [[1, [2]]]}, "unexpected level"),
        ("add", {"instances": [[[1], 2]]}, "mixed"),
        ("add", {"instances": [[1, True]]}, "Type: Bool is not of expected type: float32"),
        ("add", {"instances": [[1, None]]}, "Type: Null"),
        ("add", {"instances": [[1, 10**400]]}, "out of the range of float32"),
        ("add", {"instances": [{"wrong": [1, 2]}]}, "keys must be equal to: pairs"),
        ("add", {"instances": [[1, 2], {"pairs": [1, 2]}]}, "got object at item 1"),
        ("add", {"instances": [{"pairs": [1, 2]}, [1, 2]]}, "got list at item 1"),
        ("add", {"inputs": 1}, "must be of shape"),
        ("add", {"inputs": {"wrong": [[1, 2]]}}, "Missing named input: pairs"),
        ("predict_raw", {"instances": [1]}, "expecting list of objects"),
        ("predict_raw", {"inputs": [1]}, "expecting an object"),
        ("predict_raw", {"instances": [{**row(), "line": "\ud800"}]}, "surrogate"),
        ("predict_raw", {"instances": [{**row(), "image": {"b64": "", "x": 1}}]}, "for base64 data"),
        ("predict_raw", {"instances": [{**row(), "image": b64(png(1)[:-20])}]}, ""),
        ("predict_raw", {"instances": [{**row(), "image": "no image"}]}, "Unknown image file format"),
        ("predict_raw", {"inputs": {"image": [], "width": [1.0], "line": ["a", "b"]}}, ""),
    ],
)
def test_tensors_that_do_not_fit_the_signature_are_refused(server, signature, layout, message):
    answer = predict(server, signature, **layout)
    assert answer.status == 400
    assert message in answer.json["error"]


@pytest.mark.parametrize("value", [128, -129, 1.0, True, 10**30])
def test_whole_numbers_are_never_bent_to_fit(server, value):
    sent = {"text": "", "whole": value, "large": 0, "truth": False, "double": 0}
    assert predict(server, "echo", instances=[sent]).status == 400


def test_messages_name_no_nodes_and_show_no_stack(server):
    message = predict(server, "predict_raw", instances=[{**row(), "image": "x"}]).json["error"]
    assert not set(message.splitlines()) - {message}
    assert "node" not in message and "File" not in message and "[Op" not in message


def oversized_png(width: int, height: int) -> bytes:
    """Makes a PNG whose header declares more than is there."""
    header = struct.pack(">II5B", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + b"\0" * 30
    )


def test_an_image_of_too_many_pixels_is_refused_wherever_it_hides(server):
    bomb = oversized_png(100, 101)
    answers = [
        predict(server, "predict_raw", instances=[{**row(), "image": b64(bomb)}]),
        ask(server, f"{MODEL}:predict", {"instances": [b64(part(bomb).SerializeToString())]}),
        ask(server, f"{MODEL}:classify", {"examples": [{"image": b64(bomb)}]}),
    ]
    for answer in answers:
        assert answer.status == 400
        assert "declares 10100 pixels, more than the limit of 10000" in answer.json["error"]


def test_a_request_over_the_limit_is_refused_and_the_connection_lives_on(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("POST", f"{MODEL}:predict", b" " * (2**20 + 1))
    refused = connection.getresponse()
    assert refused.status == 413
    assert "limit of 1048576 bytes" in json.loads(refused.read())["error"]
    connection.request("GET", MODEL)
    assert connection.getresponse().status == 200


def test_a_size_that_is_only_declared_is_refused_before_anything_is_sent(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", f"{MODEL}:predict")
    connection.putheader("Content-Length", str(2**50))
    connection.endheaders()
    assert connection.getresponse().status == 413


def test_chunked_bodies_are_read(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    body = json.dumps({"signature_name": "add", "instances": [[1, 2]]}).encode()
    connection.request("POST", f"{MODEL}:predict", iter([body[:9], body[9:]]), encode_chunked=True)
    assert json.loads(connection.getresponse().read()) == {"predictions": [3.0]}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_malformed_requests(server, method):
    answer = ask(server, MODEL, method=method)
    assert answer.status == 400
    assert answer.json == {"error": f"Malformed request: {method} {MODEL}"}


def test_signatures_without_free_inner_axes_take_rows_of_any_length(server):
    assert predict(server, "add_any", instances=[[1, 2, 3]]).json == {"predictions": [6.0]}


def test_many_rows_in_one_request_are_answered_in_order(server):
    pairs = np.arange(200).reshape(100, 2)
    assert predict(server, "add", instances=pairs.tolist()).json["predictions"] == pairs.sum(axis=1).tolist()


def test_metrics_count_requests_by_method_and_code(server):
    predict(server, "add", instances=[[1, 2]])
    predict(server, "nothing", instances=[[1, 2]])
    ask(server, "/v1/models/invented:predict", {"instances": [1]})
    answer = ask(server, "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    told = {
        (one.name, *sorted(one.labels.items())): one.value
        for family in text_string_to_metric_families(answer.body.decode())
        for one in family.samples
    }
    for code in ("OK", "INVALID_ARGUMENT"):
        labels = (("api", "REST"), ("code", code), ("method", "predict"), ("model", "parts"))
        assert told[("counterpoise_requests_total", *labels)] > 0
    assert b"invented" not in answer.body
    assert told["counterpoise_model_version", ("model", "parts")] == 1
    assert ask(server, "/monitoring/prometheus/metrics").status == 200
