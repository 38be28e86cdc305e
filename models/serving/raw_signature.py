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


def raw_columns(
    tensors: Mapping[str, tf.Tensor], features: Mapping[str, tf.DType]
) -> tuple[dict[str, tf.SparseTensor], tf.Tensor]:
    """Turns inputs into raw features, those of a type at once; an empty batch becomes one record with nothing in it.

    TensorFlow's fused convolutions fail on an empty one.

    Args:
        tensors: Input to values `(batch,)`; see input_specs. The graph refuses inputs that are not as long as others.
        features: Raw feature to its type, at least one.

    Returns:
        Raw feature to what is parsed of tf.Examples, sparse `(batch, 1)` (see to_sparse), and the number of records
        asked, int32 `()`.
    """
    names = input_names(features)
    of_dtype: dict[tf.DType, list[str]] = {}
    for feature, dtype in features.items():
        of_dtype.setdefault(dtype, []).append(feature)
    size = tf.shape(next(iter(tensors.values())))[0]
    raw: dict[str, tf.SparseTensor] = {}
    # Checked before they are joined, which fails with shapes alone.
    with tf.control_dependencies([_same_size(tensors, size)]):
        for dtype, of_it in of_dtype.items():
            joined = tf.stack([tensors[names[feature]] for feature in of_it], axis=1)
            missing = tf.constant("" if dtype == tf.string else float("nan"), joined.dtype)
            is_empty = tf.cast(tf.equal(size, 0), tf.int32)
            filled = tf.concat([joined, tf.fill([is_empty, len(of_it)], missing)], axis=0)
            raw |= dict(zip(of_it, to_sparse(filled, dtype), strict=True))
    return {feature: raw[feature] for feature in features}, size


def _same_size(tensors: Mapping[str, tf.Tensor], size: tf.Tensor) -> tf.Operation:
    """Checks that every tensor has as many values, and names one that has not."""
    of_dtype: dict[tf.DType, list[str]] = {}
    for name, values in tensors.items():
        of_dtype.setdefault(values.dtype, []).append(name)
    shapes = [tf.stack(tf.shape_n([tensors[name] for name in names])) for names in of_dtype.values()]
    fits = tf.equal(tf.concat(shapes, axis=0)[:, 0], size)
    names = tf.constant([name for names in of_dtype.values() for name in names])
    unfit = tf.gather(names, tf.argmin(tf.cast(fits, tf.int32)))
    message = tf.strings.join(["Expected as many ", unfit, " as other inputs."])
    return tf.debugging.Assert(tf.reduce_all(fits), [message])


def to_sparse(values: tf.Tensor, dtype: tf.DType) -> list[tf.SparseTensor]:
    """Turns inputs of raw features of one type into these as they are parsed out of tf.Examples.

    Args:
        values: float64 `(batch, features)`, where NaN is missing, or string, where "" is.
        dtype: The raw features' type. Whole-number features take the nearest whole number; others what float32
            holds of the number, as a tf.Example does.

    Returns:
        Of each feature, sparse `(batch, 1)` without the missing values.
    """
    if dtype == tf.string:
        present = tf.not_equal(values, "")
    elif dtype.is_integer:
        # Infinity has no whole number; Transform takes it for missing in every other column too.
        present = tf.math.is_finite(values)
    else:
        present = tf.math.logical_not(tf.math.is_nan(values))
    held = tf.boolean_mask(values, present)
    if dtype.is_integer:
        held = tf.clip_by_value(tf.round(held), -_LARGEST_WHOLE, _LARGEST_WHOLE)
    if dtype != tf.string:
        held = tf.cast(held, dtype)
    joined = tf.SparseTensor(tf.where(present), held, tf.shape(values, tf.int64))
    parts: list[tf.SparseTensor] = tf.sparse.split(joined, num_split=values.shape[1], axis=1)
    return parts
