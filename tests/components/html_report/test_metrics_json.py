import json

import pytest

from components.html_report.metrics_json import assemble_metrics, contenders_ahead
from core.documents.contender_results import ContenderResults
from core.documents.decision import Decision
from core.documents.priors import Priors
from core.documents.serving_report import RequestOutcome, ServingReport
from core.documents.training import Training
from tests.components.html_report.made_up import class_scores, contender, metrics_of, search, trial


@pytest.fixture
def stages(six):
    """What the stages before the report wrote, as `assemble_metrics` takes it."""
    documents = (
        Training.model_validate(six.training),
        Priors.model_validate(six.class_priors),
        Decision.model_validate(six.decision),
    )
    return ("toy", six.measured_on_test, *documents)


def served(blessed=True, **further):
    asked = RequestOutcome(
        kind="test records are asked together",
        signature="serving_default",
        expected="answer",
        records=64,
        answered=64,
        refused=0,
        error=None,
        largest_difference=1e-7,
        problems=(),
    )
    content = {
        "blessed": blessed,
        "not_blessed_because": () if blessed else ("Answers differ.",),
        "signatures": {"serving_default": None},
        "tolerance": 1e-5,
        "requests": (asked,),
        "records": 64,
        "seconds": 9.5,
    }
    return ServingReport(**content | further)


def test_the_document_says_what_every_stage_found(stages, six):
    content = json.loads(assemble_metrics(*stages).to_bytes())
    assert content == {
        "version": 1,
        "name": "toy",
        "split": "test",
        "gate": [],
        **{name: value for name, value in six.evaluation.items() if name != "conditions"},
        "decision": {key: six.decision[key] for key in ("version", "settings", "calibration", "rule")},
        "contenders": {},
        "priors": {
            "natural": six.class_priors["priors"]["before"],
            "training": six.class_priors["priors"]["after"],
        },
        "parameters": 411_206,
    }


def test_keys_and_classes_keep_their_order(stages, six):
    content = assemble_metrics(*stages).as_dict()
    assert list(content) == [
        *("name", "split", "n", "blessed", "not_blessed_because", "summary", "per_class", "confusion"),
        *("slices", "gate", "decision", "uncalibrated", "contenders", "priors", "parameters"),
    ]
    assert list(content["priors"]["natural"]) == six.training["classes"]


def test_what_was_tried_is_added_but_not_how_long_it_took(stages):
    added = assemble_metrics(*stages, serving=served()).as_dict()["serving"]
    assert list(added) == ["blessed", "records", "tolerance", "signatures", "requests"]
    assert added["records"] == 64 and added["requests"][0]["answered"] == 64


@pytest.mark.parametrize(
    ("evaluated", "serves"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_a_model_is_blessed_where_both_stages_say_so(six, stages, evaluated, serves):
    six.evaluation["blessed"] = evaluated
    six.evaluation["not_blessed_because"] = [] if evaluated else ["Recall is low."]
    name, _, *documents = stages
    joined = assemble_metrics(name, six.measured_on_test, *documents, serving=served(serves))
    assert joined.blessed == (evaluated and serves)
    assert joined.not_blessed_because == ("Recall is low.",) * (not evaluated) + ("Answers differ.",) * (
        not serves
    )


def test_a_model_that_could_not_be_asked_has_no_tolerance(stages):
    died = ServingReport(
        blessed=False,
        not_blessed_because=("It died.",),
        signatures={},
        requests=(),
        records=3,
        seconds=1.0,
    )
    added = assemble_metrics(*stages, serving=died).as_dict()["serving"]
    assert list(added) == ["blessed", "records", "signatures", "requests"]


def test_a_search_comes_with_the_settings_that_were_trained_with(six, stages):
    six.training["hyperparameters"] = {"rate": 0.01}
    name, evaluation, _, *documents = stages
    found = search(trial(1, 0.5, rate=0.1), trial(2, 0.6, rate=0.01), best=2)
    metrics = assemble_metrics(
        name, evaluation, Training.model_validate(six.training), *documents, search=found
    )
    assert metrics.hyperparameters == {"rate": 0.01} and metrics.tuning == found


def two_classes(macro_f1, good, bad):
    scores = {
        "good": class_scores(90, average_precision=good),
        "bad": class_scores(10, average_precision=bad),
    }
    return {"macro_f1": macro_f1}, scores


def test_two_classes_are_compared_by_the_average_precision_of_the_rarer(stages):
    summary, scores = two_classes(0.8, 0.9, 0.6)
    results = {
        name: contender(found, **per_class)
        for name, (found, per_class) in {
            "ahead in macro-F1 alone": two_classes(0.9, 0.99, 0.5),
            "second": two_classes(0.1, 0.1, 0.7),
            "first": two_classes(0.1, 0.1, 0.8),
        }.items()
    }
    ahead = contenders_ahead(metrics_of(scores, summary), results)
    assert [sentence.split(" is ahead")[0] for sentence in ahead] == [
        "The contender first",
        "The contender second",
    ]
    assert "average precision of bad" in ahead[0]


def test_more_classes_are_compared_by_macro_f1(stages):
    results = {"one": contender({"macro_f1": 0.99}), "other": contender({"macro_f1": 0.1})}
    metrics = assemble_metrics(*stages, contenders=ContenderResults(contenders=results))
    [sentence] = metrics.contenders_ahead
    assert sentence.startswith("The contender one is ahead of the model: macro-F1")
    assert metrics.contenders == results


def test_level_is_not_ahead_and_neither_is_who_did_not_take_part():
    summary, scores = two_classes(0.8, 0.9, 0.6)
    results = {"level": contender({"macro_f1": 0.8}, **scores), "refused": contender()}
    assert contenders_ahead(metrics_of(scores, summary), results) == []
