"""Defines the inputs of `predict_raw`, one tensor for each raw feature, and converts them to what Transform takes."""

import re
from collections.abc import Iterable, Mapping

import tensorflow as tf

from core.features import BOOKKEEPING

# Numbers beyond become its bounds: what a float64 between them holds, an int64 holds too.
_LARGEST_WHOLE = 9.0e18


def raw_features(dtypes: Mapping[str, tf.DType], label: str) -> dict[str, tf.DType]:
    """Returns the features that a request gives, sorted by name: all but the label and the record's key."""
    return {name: dtypes[name] for name in sorted(dtypes) if name not in (label, *BOOKKEEPING)}


def input_names(features: Iterable[str]) -> dict[str, str]:
    """Names the input of every feature.

    TensorFlow's inputs have lower-case names of a to z, digits and `_`. A feature of such a name keeps it. In any
    other, what is not allowed becomes `_`, `feature_` comes before what does not begin with a letter, and a
    number behind what is taken.

    Example: `weight / kg`, `Age`, `2nd` become `weight___kg`, `age`, `feature_2nd`.

    Args:
        features: Names of the raw features.

    Returns:
        Feature to input, in the order of the features.
    """
    features = list(features)
    names = {name: name for name in features if _plain(name) == name}
    for feature in sorted(set(features) - set(names)):
        plain = _plain(feature)
        numbered = (f"{plain}_{number}" for number in range(2, len(features) + 2))
        names[feature] = next(name for name in (plain, *numbered) if name not in names.values())
    return {feature: names[feature] for feature in features}


def _plain(name: str) -> str:
    replaced = re.sub("[^a-z0-9_]", "_", name.lower())
    # `self` is taken by the method that a signature is called through.
    return replaced if re.match("[a-z]", replaced) and replaced != "self" else f"feature_{replaced}"


def input_specs(features: Mapping[str, tf.DType]) -> dict[str, tf.TensorSpec]:
    """Returns the inputs: strings as strings, all numbers as float64.

    So NaN can say missing of a whole number too, and these are exact up to 2**53, as in the transform graph.
    """
    names = input_names(features)
    return {
        names[feature]: tf.TensorSpec(
            [None], tf.string if dtype == tf.string else tf.float64, name=names[feature]
        )
        for feature, dtype in features.items()
    }


def to_sparse(values: tf.Tensor, dtype: tf.DType) -> tf.SparseTensor:
    """Turns an input into a raw feature as it is parsed out of tf.Examples.

    Args:
        values: float64 `(batch,)`, where NaN is missing, or string `(batch,)`, where "" is.
        dtype: The raw feature's type. A whole-number feature takes the nearest whole number; another one what float32
            holds of the number, as a tf.Example does.

    Returns:
        Sparse `(batch, 1)` without the missing values.
    """
    if dtype == tf.string:
        present = tf.not_equal(values, "")
    elif dtype.is_integer:
        # Infinity has no whole number; Transform takes it for missing in every other column too.
        present = tf.math.is_finite(values)
    else:
        present = tf.math.logical_not(tf.math.is_nan(values))
    rows = tf.where(present)
    held = tf.boolean_mask(values, present)
    if dtype.is_integer:
        held = tf.clip_by_value(tf.round(held), -_LARGEST_WHOLE, _LARGEST_WHOLE)
    if dtype != tf.string:
        held = tf.cast(held, dtype)
    shape = tf.stack([tf.shape(values, tf.int64)[0], 1])
    return tf.SparseTensor(tf.concat([rows, tf.zeros_like(rows)], axis=1), held, shape)
