"""What Transform does to raw features; the same graph runs before training and inside the SavedModel."""

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from models.features import (
    CATEGORICAL,
    CLASSES_VOCABULARY,
    IMAGE,
    LABEL,
    MISSING,
    NUMERIC,
    FeatureSpec,
    categories_vocabulary,
)

# Stands for a missing cell in a categorical column: being missing is a category of its own.
MISSING_CATEGORY = "__missing__"
# Categories seen once become the unknown bucket, so that the bucket is trained and not left at random weights.
_MIN_CATEGORY_COUNT = 2
# Of the rank of the median, as a share of all records.
_QUANTILE_ERROR = 0.001


def preprocessing_fn(
    inputs: dict[str, tf.SparseTensor], custom_config: dict[str, Any]
) -> dict[str, tf.Tensor]:
    """Turns raw features into those the network takes.

    Numbers become z-scores over the values present in train; a missing one becomes the train median and
    raises its flag. Text becomes an index into the train vocabulary, with one bucket for all else. The
    class becomes its index, the commonest class first. An encoded image passes as it is.

    Args:
        inputs: Feature to sparse tensor of shape `(batch, at most 1)`.
        custom_config: `label` and `image`, names of these features; `image` may be None.

    Returns:
        As far as there are such features: `label_xf` int64 `(batch,)`, `image_xf` string `(batch,)`,
        `numeric_xf` and `missing_xf` float32 `(batch, columns)`, `categorical_xf` int64 `(batch, columns)`.
    """
    dtypes = {name: tensor.dtype for name, tensor in inputs.items()}
    spec = FeatureSpec.from_dtypes(dtypes, custom_config["label"], custom_config["image"])
    outputs = {
        LABEL: tft.compute_and_apply_vocabulary(
            _dense(inputs[spec.label], ""), vocab_filename=CLASSES_VOCABULARY
        )
    }
    if spec.image is not None:
        outputs[IMAGE] = _dense(inputs[spec.image], "")
    if spec.numeric:
        columns = [_dense(_as_float(inputs[name]), float("nan")) for name in spec.numeric]
        # All columns at once: analysing each alone takes seconds a column.
        outputs[NUMERIC], outputs[MISSING] = _scale(tf.stack(columns, axis=1))
    if spec.categorical:
        indices = [
            tft.compute_and_apply_vocabulary(
                _dense(inputs[name], MISSING_CATEGORY),
                frequency_threshold=_MIN_CATEGORY_COUNT,
                num_oov_buckets=1,
                vocab_filename=categories_vocabulary(position),
            )
            for position, name in enumerate(spec.categorical)
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
    """Returns z-scores and flags of missing values, float32 `(batch, columns)`, where NaN is missing."""
    missing = tf.math.logical_not(tf.math.is_finite(columns))
    # Analysis leaves NaN out, but counts the infinity that a number beyond float32 becomes.
    present = tf.where(missing, float("nan"), columns)
    medians = _medians(present)
    means = tft.mean(present, reduce_instance_dims=False)
    deviations = tf.sqrt(tft.var(present, reduce_instance_dims=False))
    # A column without any value in train has none of the three, and rounding gives the deviation of one
    # with a single value a few last digits to divide by; both become 0.
    least = tft.min(tf.where(missing, float("inf"), columns), reduce_instance_dims=False)
    greatest = tft.max(tf.where(missing, float("-inf"), columns), reduce_instance_dims=False)
    deviations = tf.where(least < greatest, _finite(deviations), 0.0)
    filled = tf.where(missing, _finite(medians), columns)
    scores = tf.math.divide_no_nan(filled - _finite(means), deviations)
    return scores, tf.cast(missing, tf.float32)


def _medians(columns: tf.Tensor) -> tf.Tensor:
    """Returns each column's median, the higher of two, `(columns,)`; infinity for one without any value."""
    # tft.quantiles fails on a column without any value. As many values below all others as above them
    # leave a median where it is.
    extremes = tf.fill([1, columns.shape[1]], float("inf"))
    columns = tf.concat([columns, -extremes, extremes], axis=0)
    return tft.quantiles(columns, num_buckets=2, epsilon=_QUANTILE_ERROR, reduce_instance_dims=False)[:, 0]


def _finite(values: tf.Tensor) -> tf.Tensor:
    return tf.where(tf.math.is_finite(values), values, tf.zeros_like(values))
