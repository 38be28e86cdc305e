"""Contributions of columns to a decision: each one's part in the log-odds of the class decided for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from core.features import CATEGORICAL, NUMERIC, categories_vocabulary
from core.reasons import KNOWN, MISSING_CELL, UNSEEN_CELL
from models.serving.shapley import shapley_values

# Subsets of columns that a record is answered under; up to eight columns all of them. Of an image the network is asked
# about as many times, whatever it costs.
MOST_EVALUATIONS, MOST_WITH_IMAGE = 256, 32


@dataclass(frozen=True)
class ReferenceRow:
    """The record that others are explained against, and what a missing cell is transformed to.

    Attributes:
        numeric: Normal score of each number's train median, float32 `(num_numeric,)`; that of a missing number too, whose
            flag is raised besides, which is not in the reference.
        unknown: Index of the unknown category of each column of text, int64 `(num_categorical,)`.
        missing: Index of its missing cells, int64 `(num_categorical,)`: `unknown` where train had none.
    """

    numeric: np.ndarray
    unknown: np.ndarray
    missing: np.ndarray

    @classmethod
    def of(cls, transform: tft.TFTransformOutput, without: str) -> "ReferenceRow":
        """Asks a transform graph for what it makes of a record with nothing in it.

        Args:
            transform: Transform's output, with columns.
            without: The raw feature of the label.
        """
        raw_spec = {name: one for name, one in transform.raw_feature_spec().items() if name != without}
        raw = tf.io.parse_example(tf.constant([b""]), raw_spec)
        # All missing, which is filled with the median: among values that are many times the same, its score is not 0.
        nothing = transform.transform_features_layer()(raw)
        numeric = nothing[NUMERIC].numpy()[0] if NUMERIC in nothing else np.zeros(0, np.float32)
        missing = nothing[CATEGORICAL].numpy()[0] if CATEGORICAL in nothing else np.zeros(0, np.int64)
        unknown = [
            transform.vocabulary_size_by_name(categories_vocabulary(position))
            for position in range(len(missing))
        ]
        return cls(numeric, np.array(unknown, np.int64), missing)


@dataclass(frozen=True)
class ServedCalibration:
    """How the served probabilities are computed of the network's q: `softmax(slope * log max(q, smallest) + offset)`.

    Attributes:
        slope: Float `(classes,)`.
        offset: Float `(classes,)`.
        smallest: Float `()`.
    """

    slope: tf.Tensor
    offset: tf.Tensor
    smallest: tf.Tensor

    @staticmethod
    def specs(num_classes: int) -> dict[str, tf.TensorSpec]:
        """Returns the types of the fields as a function of a SavedModel takes them."""
        return {
            "slope": tf.TensorSpec([num_classes], tf.float32, name="slope"),
            "offset": tf.TensorSpec([num_classes], tf.float32, name="offset"),
            "smallest": tf.TensorSpec([], tf.float32, name="smallest"),
        }

    def log_odds(self, logits: tf.Tensor, class_index: tf.Tensor) -> tf.Tensor:
        """Computes `log p_c / (1 - p_c)` of a class.

        Args:
            logits: The network's, float32 `(batch, classes)`.
            class_index: The class, int64 `()`.

        Returns:
            float64 `(batch,)`. Of the parts, and not of p, which near 1 has no digits left.
        """
        raw = tf.maximum(tf.nn.softmax(logits), self.smallest)
        scores = tf.cast(self.slope * tf.math.log(raw) + self.offset, tf.float64)
        is_class = tf.range(scores.shape[1], dtype=tf.int64) == class_index
        others = tf.where(is_class, tf.constant(-np.inf, tf.float64), scores)
        return tf.gather(scores, class_index, axis=1) - tf.reduce_logsumexp(others, axis=1)


def column_contributions(
    network: Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]],
    reference: ReferenceRow,
    columns: Sequence[str],
    inputs: Mapping[str, tf.Tensor],
    class_index: tf.Tensor,
    calibration: ServedCalibration,
) -> dict[str, tf.Tensor]:
    """Shares the difference in a class's log-odds between records and the reference out among the columns.

    These are Shapley values (see shapley_values) of the game in which columns outside of the subset have the reference's
    value, transformed: "baseline Shapley" of Sundararajan and Najmi, "The many Shapley values for model explanation",
    2020, https://arxiv.org/abs/1908.08474. An image stays as it is in all subsets, and so in the reference.
    Each record is explained on its own, so that neither the batch nor its size changes a digit.

    Args:
        network: From inputs to `logits`.
        reference: The reference.
        columns: Their names: numbers, then texts.
        inputs: Of the network, those of columns `numeric` and `missing`, float32 `(batch, num_numeric)`, and `categorical`,
            int64 `(batch, num_categorical)`.
        class_index: The classes to speak of, int64 `(batch,)`.
        calibration: Makes the probabilities served of the network's.

    Returns:
        `contributions` float32 `(batch, columns)`, above 0 where the column speaks for the class, exactly 0 where it is as
        in the reference; `columns` string `(batch, columns)`; `cells` string `(batch, columns)`, what is known of each
        value, see core.reasons; `log_odds` and `reference_log_odds` float32 `(batch,)`, whose difference the
        contributions add up to.
    """
    most = MOST_WITH_IMAGE if "image" in inputs else MOST_EVALUATIONS
    num_numeric = len(reference.numeric)
    has_numbers, has_texts = num_numeric > 0, num_numeric < len(columns)

    def explained(record: tuple[dict[str, tf.Tensor], tf.Tensor]) -> dict[str, tf.Tensor]:
        values, index = record
        differs = []
        if has_numbers:
            differs.append((values["numeric"] != reference.numeric) | (values["missing"] != 0))
        if has_texts:
            differs.append(values["categorical"] != reference.unknown)

        def value_of(kept: tf.Tensor) -> tf.Tensor:
            asked = {
                name: tf.repeat(one[tf.newaxis], tf.shape(kept)[0], axis=0) for name, one in values.items()
            }
            if has_numbers:
                numbers = kept[:, :num_numeric]
                asked["numeric"] = tf.where(numbers, asked["numeric"], reference.numeric)
                asked["missing"] = tf.where(numbers, asked["missing"], 0.0)
            if has_texts:
                asked["categorical"] = tf.where(
                    kept[:, num_numeric:], asked["categorical"], reference.unknown
                )
            return calibration.log_odds(network(asked)["logits"], index)

        shares, of_reference, of_record = shapley_values(tf.concat(differs, axis=0), value_of, most)
        answers = {"contributions": shares, "reference_log_odds": of_reference, "log_odds": of_record}
        return {name: tf.cast(one, tf.float32) for name, one in answers.items()}

    answers = tf.map_fn(
        explained,
        (dict(inputs), class_index),
        fn_output_signature={
            "contributions": tf.TensorSpec([len(columns)], tf.float32),
            "reference_log_odds": tf.TensorSpec([], tf.float32),
            "log_odds": tf.TensorSpec([], tf.float32),
        },
        # One record's subsets fill a batch; memory does not grow with the records.
        parallel_iterations=1,
    )
    names = tf.tile(tf.constant([list(columns)]), [tf.shape(class_index)[0], 1])
    return {**answers, "columns": names, "cells": _cells(reference, inputs)}


def _cells(reference: ReferenceRow, inputs: Mapping[str, tf.Tensor]) -> tf.Tensor:
    """Says what is known of each cell, string `(batch, columns)`."""
    parts = []
    if len(reference.numeric):
        parts.append(tf.where(inputs["missing"] > 0, MISSING_CELL, KNOWN))
    if len(reference.unknown):
        texts = inputs["categorical"]
        # The unknown category first: where train had no missing cell, one is as new as any other.
        is_missing = tf.where(texts == reference.missing, MISSING_CELL, KNOWN)
        parts.append(tf.where(texts == reference.unknown, UNSEEN_CELL, is_missing))
    return tf.concat(parts, axis=1)
