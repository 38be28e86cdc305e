"""What the graph makes of amounts, held against NumPy; and the requests that it refuses."""

import numpy as np
import pytest
import tensorflow as tf

from components.amounts import example_amounts
from components.decision_calibrator.cost_settings import CostSettings
from components.decision_calibrator.record_cost_graph import (
    AmountFeature,
    decide_by_costs,
    expected_costs,
    read_amounts,
)
from components.decision_calibrator.record_cost_rule import RecordCostRule
from core.documents.raw_inputs import RawFeature

CLASSES = ("common", "rare", "other")
FEATURES = (AmountFeature("Amount / €", "amount___", False), AmountFeature("fee", "fee", True))
RULE = RecordCostRule.of(
    CostSettings(
        **{"class": "rare"},
        miss={"column": "Amount / €", "times": 0.9, "plus": 1},
        false_alarm=5,
        catch={"column": "fee", "times": 0.1},
    ),
    CLASSES,
)


def example(amount=None, fee=None):
    feature = {}
    if amount is not None:
        feature["Amount / €"] = tf.train.Feature(float_list=tf.train.FloatList(value=np.atleast_1d(amount)))
    if fee is not None:
        feature["fee"] = tf.train.Feature(int64_list=tf.train.Int64List(value=np.atleast_1d(fee)))
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
def of_examples(examples):
    return read_amounts({"examples": examples}, FEATURES)


@tf.function(input_signature=[tf.TensorSpec([None], tf.float64)] * 2)
def of_tensors(amount, fee):
    return read_amounts({"amount___": amount, "fee": fee}, FEATURES)


def test_both_kinds_of_request_have_the_amounts_that_the_records_have():
    random = np.random.default_rng(0)
    amounts, fees = random.gamma(1, 50, 100), random.integers(0, 9, 100)
    examples = [example(*one) for one in zip(amounts, fees, strict=True)]
    found = of_examples(examples)
    assert found.dtype == tf.float64
    np.testing.assert_array_equal(found, of_tensors(amounts, fees.astype(float)))
    np.testing.assert_array_equal(found, np.stack([amounts.astype(np.float32), fees], axis=1))
    np.testing.assert_array_equal(found, example_amounts(examples, [one.column for one in FEATURES]))


def test_the_first_of_several_values_counts_as_in_the_rest_of_the_graph():
    several = [example([3.0, -9.0], [2, 7]), example(4.0, 1)]
    np.testing.assert_array_equal(of_examples(several), [[3, 2], [4, 1]])
    np.testing.assert_array_equal(example_amounts(several, ["Amount / €", "fee"]), [[3, 2], [4, 1]])


def test_no_record_has_no_amount():
    assert of_examples(tf.constant([], tf.string)).shape == (0, 2)
    assert of_tensors(tf.constant([], tf.float64), tf.constant([], tf.float64)).shape == (0, 2)
    assert example_amounts([], ["fee"]).shape == (0, 1)


@pytest.mark.parametrize("unfit", [None, np.nan, np.inf, -np.inf, -0.01, 2e15])
def test_an_amount_of_which_no_cost_can_be_made_is_refused_with_its_place(unfit):
    examples = [example(1, 1), example(unfit, 2), example(unfit, 3)]
    says = "no amount" if unfit is None or np.isnan(unfit) else ""
    for ask in (
        lambda: of_examples(examples),
        lambda: of_tensors([1.0, np.nan if unfit is None else unfit, 1.0], [1.0, 2.0, 3.0]),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError) as error:
            ask()
        assert f"record 2 of the request has {says}" in error.value.message
        assert "in column Amount / " in error.value.message
        assert ": expected a number from 0 to 1e+15" in error.value.message
        assert "Send the amount of the record" in error.value.message


def test_the_column_that_is_at_fault_is_named():
    with pytest.raises(tf.errors.InvalidArgumentError, match="record 1 of the request has -3 in column fee"):
        of_examples([example(1, -3)])


def test_the_graph_decides_and_costs_as_numpy_does():
    random = np.random.default_rng(1)
    probabilities = random.dirichlet([4, 1, 1], 500).astype(np.float32)
    amounts = np.stack([random.gamma(1, 50, 500), random.integers(0, 9, 500)], axis=1)
    costs = expected_costs(tf.constant(probabilities), RULE, tf.constant(amounts))
    decisions = decide_by_costs(tf.constant(probabilities), RULE, costs)
    assert decisions.dtype == tf.int64 and 50 < (decisions.numpy() == 1).sum() < 450
    np.testing.assert_array_equal(decisions, RULE.decide(probabilities, amounts))
    np.testing.assert_allclose(np.minimum(*costs), RULE.doubt(probabilities, amounts), rtol=1e-12)


def test_costs_without_a_column_need_no_amount():
    rule = RecordCostRule.of(CostSettings(**{"class": "rare"}, miss=9, false_alarm=1), CLASSES)
    probabilities = np.random.default_rng(1).dirichlet([4, 1, 1], 50).astype(np.float32)
    decisions = decide_by_costs(
        tf.constant(probabilities), rule, expected_costs(tf.constant(probabilities), rule, None)
    )
    np.testing.assert_array_equal(decisions, rule.decide(probabilities))


def test_a_column_is_found_by_what_the_exporter_says_of_it():
    described = {
        "amount___": RawFeature(name="Amount / €", input="amount___", kind="number"),
        "fee": RawFeature(name="fee", input="fee", kind="whole"),
    }
    assert AmountFeature.find(["Amount / €", "fee"], described) == FEATURES
    assert AmountFeature.find(["x"], {}) == (AmountFeature("x", "x", False),)
