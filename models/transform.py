"""What Transform does to raw features; the same graph runs before training and inside the SavedModel."""

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from models.canonical_graph import canonical_categories
from models.features import (
    CATEGORICAL,
    CLASSES_VOCABULARY,
    IMAGE,
    KEY,
    LABEL,
    MISSING,
    MISSING_CATEGORY,
    NUMERIC,
    RECORD_KEY,
    FeatureSpec,
    categories_vocabulary,
)
from models.normal_scores import normal_scores

# Categories seen once become the unknown bucket, so that the bucket is trained and not left at random weights.
_MIN_CATEGORY_COUNT = 2
# Even, so that the median is a boundary.
_NUM_BUCKETS = 512
# Of the rank of a boundary, as a share of all records.
_QUANTILE_ERROR = 0.0005
_EXTREMES_WEIGHT = 1e-6


def preprocessing_fn(
    inputs: dict[str, tf.SparseTensor], custom_config: dict[str, Any]
) -> dict[str, tf.Tensor]:
    """Turns raw features into those the network takes.

    Numbers become normal scores: the standard normal quantile of their rank among the values present in
    train, in [-3.1, 3.1]; a missing one becomes the train median and raises its flag. Text, in its one spelling
    (see canonical_category), becomes an index into the train vocabulary, with one bucket for all else. The
    class becomes its index, the commonest class first. An encoded image passes as it is, and so does the
    record's key, empty where a request has none.

    Args:
        inputs: Feature to sparse tensor of shape `(batch, at most 1)`.
        custom_config: `label` and `image`, names of these features; `image` may be None.

    Returns:
        As far as there are such features: `label_xf` int64 `(batch,)`, `image_xf` and `record_key_xf`
        string `(batch,)`, `numeric_xf` and `missing_xf` float32 `(batch, columns)`, `categorical_xf` int64 `(batch, columns)`.
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
    if spec.image is not None:
        outputs[IMAGE] = _dense(inputs[spec.image], "")
    if spec.numeric:
        columns = [_dense(_as_float(inputs[name]), float("nan")) for name in spec.numeric]
        # All columns at once: analysing each alone takes seconds a column.
        outputs[NUMERIC], outputs[MISSING] = _scale(tf.stack(columns, axis=1))
    if spec.categorical:
        # All columns at once, as above.
        texts = canonical_categories(
            tf.stack([_dense(inputs[name], "") for name in spec.categorical], axis=1)
        )
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
    column = tf.sparse.slice(sparse, [0, 0], [sparse.dense_shape[0], 1])
    column = tf.SparseTensor(column.indices, column.values, [sparse.dense_shape[0], 1])
    return tf.squeeze(tf.sparse.to_dense(column, default), axis=1)


def _as_float(sparse: tf.SparseTensor) -> tf.SparseTensor:
    return tf.SparseTensor(sparse.indices, tf.cast(sparse.values, tf.float32), sparse.dense_shape)


def _scale(columns: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns normal scores and flags of missing values, float32 `(batch, columns)`, where NaN is missing."""
    missing = tf.math.logical_not(tf.math.is_finite(columns))
    # Analysis leaves NaN out, but counts the infinity that a number beyond float32 becomes.
    boundaries = _boundaries(tf.where(missing, float("nan"), columns))
    least = tft.min(tf.where(missing, float("inf"), columns), reduce_instance_dims=False)
    greatest = tft.max(tf.where(missing, float("-inf"), columns), reduce_instance_dims=False)
    filled = tf.where(missing, _finite(boundaries[:, _NUM_BUCKETS // 2 - 1]), columns)
    bounded = tf.clip_by_value(boundaries, least[:, None], greatest[:, None])
    boundaries = tf.concat([least[:, None], bounded, greatest[:, None]], axis=1)
    # A column with one value in train has no order to tell, and one without any has no boundaries.
    ordered = least < greatest
    scores = tf.where(ordered, normal_scores(filled, tf.where(ordered[:, None], boundaries, 0.0)), 0.0)
    return scores, tf.cast(missing, tf.float32)


def _boundaries(columns: tf.Tensor) -> tf.Tensor:
    """Returns the values between each column's buckets, the middle one the median, the higher of two.

    They are `(columns, _NUM_BUCKETS - 1)`, infinite for a column without any value.
    """
    # tft.quantiles fails on a column without any value. As many values below all others as above them
    # leave a median where it is, and weigh next to nothing in the other quantiles.
    extremes = tf.fill([1, columns.shape[1]], float("inf"))
    weights = tf.concat([tf.ones_like(columns[:, 0]), [_EXTREMES_WEIGHT, _EXTREMES_WEIGHT]], axis=0)
    columns = tf.concat([columns, -extremes, extremes], axis=0)
    return tft.quantiles(columns, _NUM_BUCKETS, _QUANTILE_ERROR, weights, reduce_instance_dims=False)


def _finite(values: tf.Tensor) -> tf.Tensor:
    return tf.where(tf.math.is_finite(values), values, tf.zeros_like(values))
