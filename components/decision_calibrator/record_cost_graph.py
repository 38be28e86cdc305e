"""Costs that depend on the record in a served graph: amounts out of a request, expected costs, and the decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tensorflow as tf

from components.decision_calibrator.record_cost_rule import RecordCostRule
from core.documents.raw_inputs import RawFeature
from core.documents.record_costs import LARGEST_AMOUNT, CostTerm

# The input that takes serialised tf.Examples.
_SERIALIZED = "examples"


@dataclass(frozen=True)
class AmountFeature:
    """Where a request has an amount.

    Attributes:
        column: The raw feature.
        input: The input of a signature of named tensors that stands for it.
        is_whole: Whether the feature holds whole numbers.
    """

    column: str
    input: str
    is_whole: bool

    @classmethod
    def find(cls, columns: Sequence[str], described: Mapping[str, RawFeature]) -> "tuple[AmountFeature, ...]":
        """Finds the columns among what an exporter says of its model's inputs; one not named is its namesake.

        Args:
            columns: Raw features.
            described: Input to raw feature.
        """
        of_feature = {one.name: one for one in described.values()}
        found = []
        for column in columns:
            feature = of_feature.get(column)
            is_whole = feature is not None and feature.kind == "whole"
            found.append(cls(column, column if feature is None else feature.input, is_whole))
        return tuple(found)


def read_amounts(inputs: Mapping[str, tf.Tensor], features: Sequence[AmountFeature]) -> tf.Tensor:
    """Reads the amounts out of a request, and refuses one that has none for a record.

    The first value of a feature counts, as in the rest of the graph. Both kinds of signature make the same number of
    the same amount: what the feature's type holds of it.

    Args:
        inputs: Inputs of a signature: serialised tf.Examples, or a tensor for each raw feature.
        features: The amounts wanted, at least one.

    Returns:
        float64 `(batch, columns)`. An amount that is missing, not finite, negative or above 1e15 fails the request
        as an invalid argument, with the column, the place of the record and what it has.
    """
    columns = [
        _of_examples(inputs[_SERIALIZED], feature) if _is_serialized(inputs) else _of_tensor(inputs, feature)
        for feature in features
    ]
    amounts = tf.stack(columns, axis=1)
    # NaN is in no range.
    fits = (amounts >= 0) & (amounts <= LARGEST_AMOUNT)
    with tf.control_dependencies(
        [tf.debugging.Assert(tf.reduce_all(fits), [_refusal(amounts, fits, features)])]
    ):
        return tf.identity(amounts)


def _is_serialized(inputs: Mapping[str, tf.Tensor]) -> bool:
    # A column may be called so, too, but an amount is no string.
    return set(inputs) == {_SERIALIZED} and inputs[_SERIALIZED].dtype == tf.string


def _of_examples(examples: tf.Tensor, feature: AmountFeature) -> tf.Tensor:
    dtype = tf.int64 if feature.is_whole else tf.float32
    parsed = tf.io.parse_example(examples, {feature.column: tf.io.RaggedFeature(dtype)})[feature.column]
    values = tf.RaggedTensor.from_row_splits(tf.cast(parsed.values, tf.float64), parsed.row_splits)
    return values.to_tensor(default_value=float("nan"), shape=[None, 1])[:, 0]


def _of_tensor(inputs: Mapping[str, tf.Tensor], feature: AmountFeature) -> tf.Tensor:
    values = tf.cast(inputs[feature.input], tf.float64)
    # As the graph takes it: the nearest whole number, or what float32 holds, as a tf.Example does.
    return tf.round(values) if feature.is_whole else tf.cast(tf.cast(values, tf.float32), tf.float64)


def _refusal(amounts: tf.Tensor, fits: tf.Tensor, features: Sequence[AmountFeature]) -> tf.Tensor:
    names = tf.constant([feature.column for feature in features])
    # The first that does not fit; where all do, nobody reads this.
    flat = tf.reshape(fits, [-1])
    place = tf.argmin(tf.cast(tf.concat([flat, [False]], axis=0), tf.int32))
    # Without quotation marks, which the operation would write with a backslash.
    number, column = place // len(features), place % len(features)
    value = tf.concat([tf.reshape(amounts, [-1]), tf.constant([0.0], tf.float64)], axis=0)[place]
    said = tf.where(tf.math.is_nan(value), "no amount", tf.strings.as_string(value, shortest=True))
    return tf.strings.join(
        [
            "The decision depends on what the record costs, and record ",
            tf.strings.as_string(number + 1),
            " of the request has ",
            said,
            " in column ",
            names[column],
            f": expected a number from 0 to {LARGEST_AMOUNT:g}. Send the amount of the record.",
        ]
    )


def expected_costs(
    probabilities: tf.Tensor, rule: RecordCostRule, amounts: tf.Tensor | None
) -> tuple[tf.Tensor, tf.Tensor]:
    """Computes what `RecordCostRule.expected` does.

    Args:
        probabilities: float32 `(batch, classes)`.
        rule: The rule.
        amounts: float64 `(batch, columns)`; None where the costs depend on no column.

    Returns:
        Expected cost of deciding for the class, and of another decision, float64 `(batch,)` each.
    """
    mine = tf.cast(probabilities[:, rule.record_costs.index], tf.float64)
    columns, figures = rule.record_costs.columns, rule.record_costs.figures

    def cost(term: CostTerm) -> tf.Tensor:
        plus = tf.constant(float(term.plus), tf.float64)
        if term.column is None or amounts is None:
            return plus
        return float(term.times) * amounts[:, columns.index(term.column)] + plus

    acting = mine * cost(figures.catch) + (1 - mine) * cost(figures.false_alarm)
    return acting, mine * cost(figures.miss)


def decide_by_costs(
    probabilities: tf.Tensor, rule: RecordCostRule, costs: tuple[tf.Tensor, tf.Tensor]
) -> tf.Tensor:
    """Computes what `RecordCostRule.decide` does, of expected costs; class indices, int64 `(batch,)`."""
    acting, passing = costs
    is_class = tf.range(len(rule.matrix)) == rule.record_costs.index
    acts = (acting < passing)[:, tf.newaxis]
    scores = tf.where(is_class, tf.where(acts, float("inf"), float("-inf")), probabilities)
    return tf.argmax(scores, axis=-1)
