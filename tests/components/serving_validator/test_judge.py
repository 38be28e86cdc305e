from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from components.decision_calibrator.calibration import Calibration
from components.decision_calibrator.cost_settings import CostSettings
from components.decision_calibrator.record_cost_rule import RecordCostRule
from components.decision_calibrator.rule import Queue, QueueSize, Rule
from components.serving_validator.fresh_process import Answers
from components.serving_validator.judge import Reference, judge
from components.serving_validator.request import Request

REQUEST = Request("records are real", "answer", (b"1", b"2", b"3"), ("the first", "the second", "the third"))
REFUSED = Request("records are broken", "refuse", (b"1", b"2"), ("the first", "the second"))
RAW = np.array([[0.8, 0.2], [0.5, 0.5], [0.1, 0.9]])
# Twice the log odds and no offset: 16 to 1, 1 to 1, 1 to 81.
SERVED = np.array([[16 / 17, 1 / 17], [0.5, 0.5], [1 / 82, 81 / 82]])
REFERENCE = Reference(
    ("no", "yes"),
    Calibration(np.array([2.0, 2.0]), np.zeros(2)),
    Rule.of_weights("macro_f1", [1.0, 3.0]),
    1e-5,
)


def answers(rows=(0, 1, 2), errors=None, **changes):
    rows = np.array(rows, int)
    outputs = {
        "raw_probabilities": RAW[rows],
        "probabilities": SERVED[rows],
        # 16 against 3, 1 against 3, 1 against 243.
        "decision_index": np.array([0, 1, 1])[rows],
        "decision": np.array([b"no", b"yes", b"yes"])[rows],
        "score": np.array([16 / 17, 0.5, 81 / 82])[rows],
        "classes": np.tile(np.array([b"no", b"yes"]), (len(rows), 1)),
    }
    return Answers({**outputs, **changes}, rows, errors or {})


def problems(said, request=REQUEST, raw=RAW):
    return judge(request, "sig", said, raw, REFERENCE).problems


def test_answers_that_are_due_have_no_problem():
    verdict = judge(REQUEST, "sig", answers(), RAW, REFERENCE)
    assert verdict.problems == [] and verdict.largest_difference < 1e-12


def test_the_farthest_record_is_named():
    raw = RAW + np.array([[0, 0], [0.001, -0.001], [0.02, -0.02]])
    [sentence, *_] = problems(answers(raw_probabilities=raw))
    assert "for 2 of 3 records" in sentence and "the third" in sentence and "0.02 apart" in sentence


@pytest.mark.parametrize(("distance", "count"), [(0.9e-5, 0), (1.1e-5, 1)])
def test_the_tolerance_is_where_it_is_set(distance, count):
    assert len(problems(answers(raw_probabilities=RAW + [[distance, -distance]] * 3))) == count


@pytest.mark.parametrize(("distance", "count"), [(1.9e-5, 0), (2.1e-5, 1)])
def test_served_probabilities_may_be_off_by_the_slope_times_as_much(distance, count):
    assert len(problems(answers(probabilities=SERVED + [[distance, -distance]] * 3))) == count


def test_numbers_that_are_not_finite_are_no_answer():
    broken = SERVED.copy()
    broken[1, 0] = np.nan
    [sentence] = problems(answers(probabilities=broken))
    assert "no finite numbers to 1 of 3 records; the first: the second" in sentence


@pytest.mark.parametrize(
    ("output", "values"),
    [
        ("decision_index", np.array([0, 0, 1])),
        ("decision", np.array([b"no", b"yes", b"no"])),
        ("classes", np.array([[b"yes", b"no"]] * 3)),
        ("score", np.array([16 / 17, 0.5, 0.5])),
    ],
)
def test_every_output_is_held_against_rule_and_probabilities(output, values):
    said = answers(**{output: values})
    if output == "decision_index":
        said.outputs["decision"] = np.array([b"no", b"no", b"yes"])
    [sentence] = problems(said)
    assert sentence.startswith(f"sig: {output} is not what rule and probabilities make it for")


def test_either_of_two_equal_scores_may_be_decided_for():
    reference = replace(REFERENCE, rule=Rule.of_weights("argmax", [1.0, 1.0]))
    said = answers(decision_index=np.array([0, 1, 1]), decision=np.array([b"no", b"yes", b"yes"]))
    assert judge(REQUEST, "sig", said, RAW, reference).problems == []


def test_records_without_an_answer_are_told():
    [sentence] = problems(answers(rows=[0, 2], errors={"1": "InvalidArgumentError: no"}))
    assert (
        "fails to answer 1 of 3 requests" in sentence and "the second: InvalidArgumentError: no" in sentence
    )


def test_an_answer_to_what_should_be_refused_is_told():
    assert problems(answers(rows=[], errors={"0": "no", "1": "no"}), REFUSED, None) == []
    [sentence] = problems(answers(rows=[1], errors={"0": "no"}), REFUSED, None)
    assert "1 of 2 requests that it should refuse" in sentence and "the second" in sentence


def test_an_empty_batch_gets_an_empty_answer():
    nothing = Request("no record is asked", "answer", (), ())
    assert problems(answers(rows=[]), nothing, None) == []
    [sentence] = problems(Answers({}, np.array([], int), {"batch": "no"}), nothing, None)
    assert "an empty batch: no" in sentence


def test_probabilities_of_another_shape_are_told():
    [sentence] = problems(answers(probabilities=SERVED[:, :1]))
    assert "shape (3, 1)" in sentence


def abstaining(doubts, abstains, threshold=0.3):
    """Judges an answer: with weights 1 and 3 the doubts due are 3/19, 1/4 and 1/244."""
    names = np.where(abstains, b"abstain", np.array([b"no", b"yes", b"yes"]))
    said = answers(doubt=np.array(doubts), abstain=np.array(abstains), decision=names)
    return judge(REQUEST, "sig", said, RAW, replace(REFERENCE, abstains_above=threshold)).problems


DOUBTS = [3 / 19, 1 / 4, 1 / 244]


def test_abstentions_are_held_against_the_doubt_that_is_due():
    assert abstaining(DOUBTS, [False, False, False]) == []
    assert abstaining(DOUBTS, [False, True, False], threshold=0.2) == []
    [sentence] = abstaining(DOUBTS, [False, False, False], threshold=0.2)
    assert sentence.startswith("sig: abstain is not what") and "the second" in sentence
    [sentence] = abstaining([3 / 19, 0.2, 1 / 244], [False, False, False])
    assert sentence.startswith("sig: doubt is not what") and "the second" in sentence


def test_at_the_threshold_either_answer_is_right():
    for abstains in (False, True):
        assert abstaining(DOUBTS, [False, abstains, False], threshold=0.25) == []


def test_an_output_that_the_decision_asks_for_is_missed():
    problems = judge(REQUEST, "sig", answers(), RAW, replace(REFERENCE, abstains_above=0.3)).problems
    assert [sentence.split(",")[0] for sentence in problems] == [
        "sig: there is no output doubt",
        "sig: there is no output abstain",
    ]


def test_sets_are_held_against_the_thresholds_but_for_those_on_them():
    queue = replace(REFERENCE, set_thresholds=np.array([0.5, 0.3]))

    def judged(sets, sizes):
        said = answers(prediction_set=np.array(sets, bool), prediction_set_size=np.array(sizes))
        return judge(REQUEST, "sig", said, RAW, queue).problems

    assert judged([[1, 0], [1, 1], [0, 1]], [1, 2, 1]) == []
    assert (
        judged([[1, 0], [0, 1], [0, 1]], [1, 1, 1]) == []
    )  # The second is on the threshold of the first class.
    [sentence] = judged([[1, 0], [1, 0], [0, 1]], [1, 1, 1])
    assert sentence.startswith("sig: prediction_set is not what") and "the second" in sentence
    [sentence] = judged([[1, 0], [1, 1], [0, 1]], [1, 1, 1])
    assert sentence.startswith("sig: prediction_set_size is not what")


def test_a_queue_takes_who_is_above_its_threshold_and_those_it_cannot_tell():
    size = QueueSize(0.1, 0.5, np.full(3, 0.5), 1)
    queue = replace(REFERENCE, rule=Rule.of_queue("capacity", 2, Queue(1, size)))
    for decided in ([0, 0, 1], [0, 1, 1]):  # The second record is at the threshold.
        names = np.array([b"no", b"yes"])[decided]
        score = SERVED[np.arange(3), decided]
        said = answers(decision_index=np.array(decided), decision=names, score=score)
        assert judge(REQUEST, "sig", said, RAW, queue).problems == []
    said = answers(decision_index=np.array([0, 0, 0]), decision=np.full(3, b"no"), score=SERVED[:, 0])
    [sentence] = judge(REQUEST, "sig", said, RAW, queue).problems
    assert "decision_index is not what rule" in sentence and "the third" in sentence


def amount(value):
    example = tf.train.Example()
    example.features.feature["amount"].float_list.value[:] = [value]
    return example.SerializeToString()


def test_costs_are_held_against_the_amounts_that_were_asked_with():
    settings = CostSettings(**{"class": "yes"}, miss={"column": "amount"}, false_alarm=1)
    by_costs = replace(REFERENCE, rule=RecordCostRule.of(settings, ("no", "yes")))
    # The thresholds are 1/17, 1/3 and 1/2: the first is not decided for at a probability of 1/17.
    request = replace(REQUEST, examples=tuple(map(amount, (16.0, 2.0, 1.0))))
    costs = np.array([16 / 17, 0.5, 1 / 82])

    def judged(**changes):
        said = answers(**{"expected_cost": costs, **changes})
        return judge(request, "sig", said, RAW, by_costs).problems

    assert judged() == []
    yes = {"decision_index": np.array([0, 0, 1]), "decision": np.array([b"no", b"no", b"yes"])}
    [sentence] = judged(**yes)
    assert sentence.startswith("sig: decision_index is not what") and "the second" in sentence
    [sentence] = judged(expected_cost=costs + np.array([0, 0, 1e-3]))
    assert sentence.startswith("sig: expected_cost is not what") and "the third" in sentence
    [sentence] = judge(request, "sig", answers(), RAW, by_costs).problems
    assert "no output expected_cost" in sentence
