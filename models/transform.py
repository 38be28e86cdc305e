"""Preprocessing of raw features by Transform; the same graph runs before training and inside the SavedModel."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from core.features import (
    CATEGORICAL,
    CLASSES_VOCABULARY,
    IMAGE,
    KEY,
    LABEL,
    MISSING,
    MISSING_CATEGORY,
    NUMERIC,
    RECORD_KEY,
    RECORD_SET,
    SET,
    FeatureSpec,
    categories_vocabulary,
)
from models.preprocessing.canonical_graph import canonical_categories
from models.preprocessing.column_boundaries import column_boundaries
from models.preprocessing.first_values import first_values
from models.preprocessing.normal_scores import normal_scores

# Categories seen once become the unknown bucket, so that the bucket is trained and not left at random weights.
_MIN_CATEGORY_COUNT = 2
# Even, so that the median is a boundary.
_NUM_BUCKETS = 512
_MOST_DIGEST = 2**63 - 1


def preprocessing_fn(
    inputs: dict[str, tf.SparseTensor], custom_config: Mapping[str, Any]
) -> dict[str, tf.Tensor]:
    """Turns raw features into those the network takes.

    Numbers become normal scores: the standard normal quantile of their rank among the values present in
    train, in [-3.1, 3.1]; a missing one becomes the train median and raises its flag. They are compared in float64,
    which holds whole numbers up to 2**53. Text, in its one spelling (see canonical_category), becomes an index into
    the train vocabulary, with one bucket for all else. The
    class becomes its index, the commonest class first. An encoded image passes as it is, and so do the
    record's key, empty where a request has none, and the number of its set.

    Args:
        inputs: Feature to sparse tensor of shape `(batch, at most 1)`.
        custom_config: `label` and `image`, names of these features; `image` may be None.

    Returns:
        As far as there are such features: `label_xf` int64 `(batch,)`, `image_xf` and `record_key_xf`
        string `(batch,)`, `record_set_xf` int64 `(batch,)`, `numeric_xf` and `missing_xf` float32 `(batch, columns)`, `categorical_xf` int64 `(batch, columns)`.
    """
    dtypes = {name: tensor.dtype for name, tensor in inputs.items()}
    spec = FeatureSpec.from_dtypes(dtypes, custom_config["label"], custom_config["image"])
    outputs = {
        LABEL: tft.compute_and_apply_vocabulary(
            _dense(inputs[spec.label], ""), vocab_filename=CLASSES_VOCABULARY
        )
    }
    if RECORD_KEY in inputs:
        outputs[KEY] = _dense(inputs[RECORD_KEY], "")
    if RECORD_SET in inputs:
        outputs[SET] = _dense(inputs[RECORD_SET], 0)
    if spec.image is not None:
        outputs[IMAGE] = _dense(inputs[spec.image], "")
    if spec.numeric:
        # All columns at once: analysing each alone takes seconds a column. Milliseconds since 1970 and account numbers
        # are alike in float32.
        columns = first_values([inputs[name] for name in spec.numeric], float("nan"), tf.float64)
        outputs[NUMERIC], outputs[MISSING] = _scale(columns, outputs.get(KEY))
    if spec.categorical:
        # All columns at once, as above.
        texts = canonical_categories(first_values([inputs[name] for name in spec.categorical], "", tf.string))
        texts = tf.where(tf.equal(texts, ""), MISSING_CATEGORY, texts)
        indices = [
            tft.compute_and_apply_vocabulary(
                texts[:, position],
                frequency_threshold=_MIN_CATEGORY_COUNT,
                num_oov_buckets=1,
                vocab_filename=categories_vocabulary(position),
            )
            for position in range(len(spec.categorical))
        ]
        outputs[CATEGORICAL] = tf.stack(indices, axis=1)
    return outputs


def _dense(sparse: tf.SparseTensor, default: Any) -> tf.Tensor:
    """Returns the first value of every record, `(batch,)`."""
    return first_values([sparse], default, sparse.dtype)[:, 0]


def _scale(columns: tf.Tensor, keys: tf.Tensor | None) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns normal scores and flags of missing values, float32 `(batch, columns)`.

    Args:
        columns: float64 `(batch, columns)`; what is not finite is missing.
        keys: Of the records, string `(batch,)`, or None where they have none.
    """
    missing = tf.math.logical_not(tf.math.is_finite(columns))
    boundaries = column_boundaries(columns, _digests(columns, keys), _NUM_BUCKETS)
    least, median, greatest = boundaries[:, 0], boundaries[:, _NUM_BUCKETS // 2], boundaries[:, -1]
    filled = tf.where(missing, median, columns)
    # A column with at most one value in train has no order to tell.
    scores = tf.where(least < greatest, normal_scores(filled, boundaries), 0.0)
    return scores, tf.cast(missing, tf.float32)


def _digests(columns: tf.Tensor, keys: tf.Tensor | None) -> tf.Tensor:
    """Returns a number for each record that the record alone decides, int64 `(batch,)`."""
    if keys is None:
        keys = tf.strings.reduce_join(tf.strings.as_string(columns), axis=1, separator=" ")
    return tf.strings.to_hash_bucket_fast(keys, _MOST_DIGEST)
