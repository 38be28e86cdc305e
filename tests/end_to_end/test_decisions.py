"""A queue, abstentions and sets of one run: in its figures, and from everything that answers records."""

import csv
import json
import subprocess

import numpy as np
import pytest

from tests.conftest import CLASS_SIZES, counterpoise, metrics_of
from tests.end_to_end.decided_parts import answers_of, dtypes, held_back_records, run_with
from tests.models.serving.server.conftest import ask, start  # noqa: F401

pytestmark = pytest.mark.slow
# Not calibrated: on parts this easy, a temperature makes all decisions alike in being beyond doubt.
DECISION = (
    "{calibrate: false, rule: {capacity: {class: crack, share: 0.1}}, abstain: {max_share: 0.4}, coverage: 0.8, "
    "unknown: {max_false_alarm: 0.1}}"
)
OUTPUTS = {
    **{"abstain": bool, "doubt": float, "prediction_set": bool, "prediction_set_size": int},
    **{"probabilities": float, "decision_index": int, "score": float},
    **{"unlikeness": float, "unknown": bool},
}


@pytest.fixture(scope="module")
def decided_run(parts, finished_run, tmp_path_factory):
    """The finished run's model, out of its cache, with another decision; and what the terminal said."""
    return run_with(parts, finished_run, tmp_path_factory.mktemp("decided") / "run", f"decision={DECISION}")


@pytest.fixture(scope="module")
def records(parts, decided_run):
    """Columns of the test records, as `predict_raw` takes them; a cell without a number is NaN."""
    return held_back_records(parts, decided_run)


@pytest.fixture(scope="module")
def answers(decided_run, records):
    """What the pushed model answers to the test records, in the process."""
    return answers_of(decided_run, records)


def test_figures_are_those_of_the_answers_of_the_pushed_model(decided_run, records, answers):
    metrics = metrics_of(decided_run)
    classes, labels = metrics["confusion"]["classes"], records["defect"]
    crack, abstained = answers["decision_index"] == classes.index("crack"), answers["abstain"]
    queue = metrics["queue"]["size"]
    hits = sum(one == "crack" for one, inside in zip(labels, crack, strict=True) if inside)
    assert queue["records"] == crack.sum() and queue["precision"]["value"] == pytest.approx(
        hits / crack.sum()
    )
    wrong = np.array(classes)[answers["decision_index"]] != np.array(labels)
    abstention = metrics["abstention"]
    assert 0 < abstention["abstained"]["value"] == pytest.approx(abstained.mean())
    assert abstention["error"]["value"] == pytest.approx(wrong[~abstained].mean())
    held = answers["prediction_set"][np.arange(len(labels)), [classes.index(one) for one in labels]]
    for name in CLASS_SIZES:
        covered = metrics["coverage"]["per_class"][name]["covered"]["value"]
        assert covered == pytest.approx(held[np.array(labels) == name].mean())
    unknown = metrics["unknown"]
    assert unknown["unknown"]["value"] == pytest.approx(answers["unknown"].mean())
    assert unknown["held_out"] >= 9 and 0 < unknown["unknown"]["value"] < 1
    # What the rule decides is judged apart from what is left to a person.
    assert metrics["summary"]["accuracy"] == pytest.approx(1 - wrong.mean())


def test_a_class_with_too_few_records_is_named_everywhere(decided_run):
    coverage = metrics_of(decided_run)["decision"]["coverage"]
    assert coverage["own_weight"]["crack"] < 1 == coverage["own_weight"]["good"]
    assert coverage["records"]["crack"] < coverage["fewest_records"] == 4
    assert "no share is promised: crack" in " ".join((decided_run / "terminal.txt").read_text().split())
    assert "1 class had fewer" in (decided_run / "report.html").read_text()


def test_the_exported_model_was_held_against_python_for_every_output(decided_run):
    serving = metrics_of(decided_run)["serving"]
    assert serving["blessed"] and set(serving["signatures"]) == {"serving_default", "predict_raw"}
    assert all(
        one["largest_difference"] is None or one["largest_difference"] < 1e-5 for one in serving["requests"]
    )


def test_who_is_left_to_a_person_is_not_found_in_the_gate(decided_run, records, answers):
    metrics = metrics_of(decided_run)
    classes = metrics["confusion"]["classes"]
    for name in CLASS_SIZES:
        mine = np.array(records["defect"]) == name
        withheld = answers["abstain"] | answers["unknown"]
        found = (answers["decision_index"] == classes.index(name)) & ~withheld & mine
        [condition] = [
            one for one in metrics["gate"] if (one["check"], one["subject"]) == ("recall_lower_bound", name)
        ]
        assert f"({found.sum()} of {mine.sum()}" in condition["sentence"]
    [drop] = [one for one in metrics["gate"] if one["check"] == "macro_f1_drop"]
    assert drop["value"] > 0 and metrics["summary"]["macro_f1"] == 1


def test_rest_and_grpc_answer_as_the_model_does(decided_run, records, answers, start):  # noqa: F811
    import base64

    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    server = start(decided_run / "serving")
    images = [{"b64": base64.b64encode(one).decode()} for one in records["picture"]]
    columns = {"picture": images, **{name: records[name] for name in ("width", "weight", "line")}}
    body = json.dumps({"signature_name": "predict_raw", "inputs": columns}).encode()
    over_rest = ask(server, "/v1/models/parts:predict", body).json["outputs"]
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "parts", "predict_raw"
    for name, dtype in dtypes().items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(records[name], dtype))
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        response = stub.Predict(request, timeout=60).outputs
    over_grpc = {name: tf.make_ndarray(one) for name, one in response.items()}
    for name, kind in OUTPUTS.items():
        assert over_grpc[name].dtype == answers[name].dtype
        # Of distances, which have no upper bound, a share.
        allowed = {"rtol": 1e-5 if name == "unlikeness" else 0, "atol": 0 if name == "unlikeness" else 1e-5}
        np.testing.assert_allclose(over_grpc[name].astype(float), answers[name].astype(float), **allowed)
        assert isinstance(np.array(over_rest[name]).flat[0].item(), kind)
        np.testing.assert_allclose(np.array(over_rest[name], float), answers[name].astype(float), **allowed)
    said = [one.decode() for one in answers["decision"]]
    assert over_rest["decision"] == [one.decode() for one in over_grpc["decision"]] == said
    assert "abstain" in said


def test_predict_writes_doubts_and_sets(parts, decided_run, tmp_path):
    new = parts.parent / "new.csv"
    rows = (parts.parent / "parts.csv").read_text().splitlines()
    new.write_text("\n".join(rows[:143]) + "\n")
    done = counterpoise("predict", decided_run, new, "-o", tmp_path / "answers.csv")
    assert done.returncode == 0, done.stderr
    classes = metrics_of(decided_run)["confusion"]["classes"]
    thresholds = metrics_of(decided_run)["decision"]["coverage"]["thresholds"]
    threshold = metrics_of(decided_run)["decision"]["abstention"]["threshold"]
    unknown_above = metrics_of(decided_run)["decision"]["unknown"]["threshold"]
    with open(tmp_path / "answers.csv", newline="") as handle:
        for row in csv.DictReader(handle):
            is_unknown = float(row["unlikeness"]) > unknown_above
            assert (row["decision"] == "unknown") == is_unknown
            assert (row["decision"] == "abstain") == (not is_unknown and float(row["doubt"]) > threshold)
            held = [name for name in classes if float(row[f"p_{name}"]) >= thresholds[name]]
            assert json.loads(row["prediction_set"]) == held


def test_describe_says_how_it_decides(decided_run):
    done: subprocess.CompletedProcess[str] = counterpoise("describe", decided_run)
    assert '"crack" where its probability is above' in done.stdout
    assert "queue          0.1 of the records at most" in done.stdout
    assert "unknown        where unlikeness is above" in done.stdout
    assert "abstention     where doubt is above" in done.stdout and "for a coverage of 0.8" in done.stdout
