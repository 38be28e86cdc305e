"""Costs that depend on the record, in one run: in its figures, and from everything that answers records."""

import csv
import json

import numpy as np
import pytest

from tests.conftest import counterpoise, metrics_of
from tests.end_to_end.decided_parts import answers_of, dtypes, held_back_records, run_with
from tests.models.serving.server.conftest import ask, start  # noqa: F401

pytestmark = pytest.mark.slow
# Not calibrated, so that what is this easy to tell apart is not all beyond doubt.
COSTS = "{class: crack, miss: {column: weight, times: 10}, false_alarm: 3, catch: 1}"
DECISION = f"{{calibrate: false, costs: {COSTS}, abstain: {{cost: 0.5}}}}"
NUMBERS = ("decision_index", "score", "expected_cost", "doubt", "probabilities")


@pytest.fixture(scope="module")
def paid_run(parts, finished_run, tmp_path_factory):
    """The finished run's model, out of its cache, with decisions by costs; and what the terminal said."""
    return run_with(
        parts,
        finished_run,
        tmp_path_factory.mktemp("paid") / "run",
        f"decision={DECISION}",
        "evaluation.contenders=[gradient_boosting]",
    )


@pytest.fixture(scope="module")
def records(parts, paid_run):
    """Columns of the test records, as `predict_raw` takes them."""
    return held_back_records(parts, paid_run)


@pytest.fixture(scope="module")
def answers(paid_run, records):
    """What the pushed model answers to the test records, in the process."""
    return answers_of(paid_run, records)


def test_figures_are_those_of_the_answers_of_the_pushed_model(paid_run, records, answers):
    metrics = metrics_of(paid_run)
    crack = metrics["confusion"]["classes"].index("crack")
    weight, is_crack = np.array(records["weight"]), np.array(records["defect"]) == "crack"
    acts, p = answers["decision_index"] == crack, answers["probabilities"][:, crack].astype(float)
    acting, passing = p * 1 + (1 - p) * 3, p * 10 * weight
    np.testing.assert_array_equal(acts, acting < passing)
    np.testing.assert_allclose(answers["expected_cost"], np.minimum(acting, passing), rtol=1e-5)
    np.testing.assert_array_equal(answers["doubt"], answers["expected_cost"])
    np.testing.assert_array_equal(answers["abstain"], answers["doubt"] > 0.5)
    money = metrics["money"]
    costs = np.where(is_crack, np.where(acts, 1, 10 * weight), np.where(acts, 3, 0))
    assert money["n"] == len(weight) and money["rule"]["acted"] == acts.sum()
    assert money["rule"]["total"]["value"] == pytest.approx(costs.sum(), rel=1e-6)
    never, always = 10 * weight[is_crack].sum(), is_crack.sum() + 3 * (~is_crack).sum()
    assert money["always_no"]["total"]["value"] == pytest.approx(never, rel=1e-6)
    assert money["always_yes"]["total"]["value"] == pytest.approx(always, rel=1e-6)
    assert money["savings"]["value"] == pytest.approx(1 - costs.sum() / min(never, always), rel=1e-6)
    with_persons = np.where(answers["abstain"], 0.5, costs).mean()
    assert metrics["abstention"]["mean_cost"] == pytest.approx(with_persons, rel=1e-6)
    rival = metrics["contenders"]["gradient_boosting"]
    # It misses every crack and stops every other part at the worst.
    worst = (never + 3 * (~is_crack).sum()) / len(weight)
    assert rival["rule"]["name"] == "costs" and 0 <= rival["mean_cost"] <= worst


def test_the_exported_model_was_held_against_python_for_every_output(paid_run):
    serving = metrics_of(paid_run)["serving"]
    assert serving["blessed"] and set(serving["signatures"]) == {"serving_default", "predict_raw"}
    assert all(
        one["largest_difference"] is None or one["largest_difference"] < 1e-5 for one in serving["requests"]
    )
    refused = [one for one in serving["requests"] if one["kind"] == "no cost can be made of an amount"]
    assert {one["signature"] for one in refused} == {"serving_default", "predict_raw"}
    assert all(one["answered"] == 0 < one["refused"] for one in refused)


def test_terminal_report_and_description_say_what_it_costs(paid_run):
    assert "Costs: " in (paid_run / "terminal.txt").read_text()
    assert 'id="money"' in (paid_run / "report.html").read_text()
    said = counterpoise("describe", paid_run).stdout
    assert '"crack" where p * catch + (1 - p) * false_alarm < p * miss' in said
    assert "costs          miss = 10 * weight, false alarm = 3, catch = 1" in said
    assert "'weight': at least 0 in every request" in said and "expected_cost" in said


def test_rest_and_grpc_answer_as_the_model_does_and_refuse_what_has_no_amount(
    paid_run,
    records,
    answers,
    start,  # noqa: F811
):
    import base64

    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    server = start(paid_run / "serving")
    images = [{"b64": base64.b64encode(one).decode()} for one in records["picture"]]

    def over_rest(weights):
        columns = {"picture": images, "width": records["width"], "line": records["line"], "weight": weights}
        body = json.dumps({"signature_name": "predict_raw", "inputs": columns}).encode()
        return ask(server, "/v1/models/parts:predict", body)

    def over_grpc(weights):
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = "parts", "predict_raw"
        for name, dtype in dtypes().items():
            values = weights if name == "weight" else records[name]
            request.inputs[name].CopyFrom(tf.make_tensor_proto(values, dtype))
        return stub.Predict(request, timeout=60).outputs

    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        rest = over_rest(records["weight"]).json["outputs"]
        by_grpc = {name: tf.make_ndarray(one) for name, one in over_grpc(records["weight"]).items()}
        for name in NUMBERS:
            np.testing.assert_allclose(by_grpc[name].astype(float), answers[name].astype(float), atol=1e-5)
            np.testing.assert_allclose(np.array(rest[name], float), answers[name].astype(float), atol=1e-5)
        assert over_rest([*records["weight"][:-1], None]).status == 400
        for bad, says in ((float("nan"), "no amount"), (-2.5, "-2.5")):
            weights = [*records["weight"][:-1], bad]
            wanted = f"record {len(weights)} of the request has {says} in column weight"
            refused = over_rest(weights)
            assert refused.status == 400 and wanted in refused.json["error"]
            assert "Send the amount of the record" in refused.json["error"]
            with pytest.raises(grpc.RpcError) as error:
                over_grpc(weights)
            assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT and wanted in error.value.details()
        rows = [{"picture": images[0], "width": 1.0, "line": "north"}]
        body = json.dumps({"signature_name": "predict_raw", "instances": rows}).encode()
        assert ask(server, "/v1/models/parts:predict", body).status == 400


def test_predict_writes_expected_costs_and_names_rows_without_an_amount(parts, paid_run, tmp_path):
    lines = (parts.parent / "parts.csv").read_text().splitlines()[:60]
    new = parts.parent / "paid.csv"
    new.write_text("\n".join(lines) + "\n")
    done = counterpoise("predict", paid_run, new, "-o", tmp_path / "answers.csv")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(lines, delimiter=";"))
    with open(tmp_path / "answers.csv", newline="") as handle:
        for row, record in zip(csv.DictReader(handle), rows, strict=True):
            p = float(row["p_crack"])
            expected = min(p * 1 + (1 - p) * 3, p * 10 * float(record["weight"]))
            assert float(row["expected_cost"]) == pytest.approx(expected, abs=1e-4)
    cells = lines[5].split(";")
    lines[5] = ";".join([*cells[:3], "", *cells[4:]])
    new.write_text("\n".join(lines) + "\n")
    refused = counterpoise("predict", paid_run, new, "-o", tmp_path / "other.csv")
    assert refused.returncode == 2 and "paid.csv, row 5 has nothing in column 'weight'" in refused.stderr
    skipped = counterpoise("predict", paid_run, new, "-o", tmp_path / "other.csv", "--on-bad-record", "skip")
    assert skipped.returncode == 0 and "Left out: paid.csv, row 5" in skipped.stderr
    assert len((tmp_path / "other.csv").read_text().splitlines()) == 59
