"""Unicode's canonical composition (NFC) in a graph, for which TensorFlow has no operation.

Reference: Unicode Standard Annex #15, "Unicode Normalization Forms", https://unicode.org/reports/tr15/.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import tensorflow as tf

from core.canonical_text import MOST_COMPOSED, composing_ranges

# Of Hangul's syllables, which are composed by arithmetic: leading consonant, vowel, trailing consonant.
_LEADING, _VOWEL, _TRAILING, _SYLLABLE = 0x1100, 0x1161, 0x11A7, 0xAC00
_NUM_LEADING, _NUM_VOWEL, _NUM_TRAILING = 19, 21, 28
_POINT_BITS = 21
_LONGEST = 4  # code points that one decomposes to
_NONE = -1


@dataclass(frozen=True)
class _Tables:
    """What Unicode says of code points; keys are sorted.

    Attributes:
        decomposed: int32 `(keys,)`, code points that decompose.
        parts: int32 `(keys, 4)`, what each decomposes to, filled up with -1.
        pairs: int64 `(pairs,)`, two code points that are composed, the first shifted by 21 bits.
        composites: int32 `(pairs,)`, what each pair becomes.
        marks: int32 `(marks,)`, code points with a combining class.
        classes: int32 `(marks,)`, that class, never 0.
        composing: int32 `(ranges, 2)`; see composing_ranges.
    """

    decomposed: np.ndarray
    parts: np.ndarray
    pairs: np.ndarray
    composites: np.ndarray
    marks: np.ndarray
    classes: np.ndarray
    composing: np.ndarray


@lru_cache(1)
def _tables() -> _Tables:
    parts: dict[int, list[int]] = {}
    pairs: dict[int, int] = {}
    classes: dict[int, int] = {}
    for point in range(0x110000):
        letter = chr(point)
        if mark := unicodedata.combining(letter):
            classes[point] = mark
        decomposition = unicodedata.decomposition(letter)
        if not decomposition or decomposition.startswith("<"):
            continue
        full = [ord(one) for one in unicodedata.normalize("NFD", letter)]
        parts[point] = full + [_NONE] * (_LONGEST - len(full))
        # Some are decomposed and never composed.
        if unicodedata.normalize("NFC", letter) == letter:
            first, second = (int(one, 16) for one in decomposition.split())
            pairs[first << _POINT_BITS | second] = point
    ordered = sorted(pairs)
    return _Tables(
        np.array(sorted(parts), np.int32),
        np.array([parts[point] for point in sorted(parts)], np.int32),
        np.array(ordered, np.int64),
        np.array([pairs[pair] for pair in ordered], np.int32),
        np.array(sorted(classes), np.int32),
        np.array([classes[point] for point in sorted(classes)], np.int32),
        np.array(composing_ranges(), np.int32),
    )


def composed(texts: tf.Tensor) -> tf.Tensor:
    """Composes texts as `clean_text` does.

    Args:
        texts: UTF-8, `(texts,)`.
    """
    decoded = tf.strings.unicode_decode(texts, "UTF-8")
    points, rows = decoded.values, decoded.value_rowids()
    # === Stretches that are composed on their own ===
    opens = tf.logical_not(_is_composing(points)) | _changes(rows)
    stretches = tf.cumsum(tf.cast(opens, tf.int32)) - 1
    is_short = tf.gather(_sizes(stretches), stretches) <= MOST_COMPOSED
    # === Decomposition ===
    parts = tf.where(is_short[:, None], _parts_of(points), _alone(points))
    counts = tf.reduce_sum(tf.cast(parts != _NONE, tf.int32), axis=1)
    points = tf.boolean_mask(parts, parts != _NONE)
    rows, stretches, is_short = (tf.repeat(values, counts) for values in (rows, stretches, is_short))
    # === Order of the marks ===
    classes = tf.where(is_short, _classes_of(points), 0)
    runs = tf.cumsum(tf.cast((classes == 0) | _changes(stretches), tf.int64))
    order = tf.argsort(runs * 256 + tf.cast(classes, tf.int64), stable=True)
    points, classes = tf.gather(points, order), tf.gather(classes, order)
    # === Composition ===
    points = _compose_in_place(points, classes, tf.boolean_mask(stretches, is_short), is_short)
    kept = points != _NONE
    rows, points = tf.boolean_mask(rows, kept), tf.boolean_mask(points, kept)
    joined = tf.RaggedTensor.from_value_rowids(points, rows, tf.size(texts, tf.int64), validate=False)
    return tf.strings.unicode_encode(joined, "UTF-8")


def _compose_in_place(
    points: tf.Tensor, classes: tf.Tensor, stretches: tf.Tensor, is_short: tf.Tensor
) -> tf.Tensor:
    """Composes each stretch onto its starters, all stretches at once, a place in them after the other.

    Args:
        points: int32 `(points,)`, in canonical order.
        classes: int32 `(points,)`.
        stretches: int32 `(points in short stretches,)`.
        is_short: bool `(points,)`.

    Returns:
        int32 `(points,)`, -1 where one went into a composite.
    """
    opens = _changes(stretches)
    starts = tf.cast(tf.boolean_mask(tf.where(is_short)[:, 0], opens), tf.int32)
    sizes = tf.boolean_mask(_sizes_in_order(stretches), opens)
    # A stretch of one is what it is.
    starts, sizes = tf.boolean_mask(starts, sizes > 1), tf.boolean_mask(sizes, sizes > 1)
    first = tf.gather(classes, starts)
    # The place of what the next may be composed with, and the class of the last one that was kept behind it.
    starters = tf.where(first == 0, starts, _NONE)

    def step(number, points, starts, sizes, starters, last):
        alive = number < sizes
        starts, sizes, starters, last = (
            tf.boolean_mask(values, alive) for values in (starts, sizes, starters, last)
        )
        places = starts + number
        point, mark = tf.gather(points, places), tf.gather(classes, places)
        base = tf.where(starters == _NONE, _NONE, tf.gather(points, tf.maximum(starters, 0)))
        composite = tf.where((last == 0) | (last < mark), _composite(base, point), _NONE)
        joins = composite != _NONE
        changed = tf.concat([tf.boolean_mask(starters, joins), tf.boolean_mask(places, joins)], axis=0)
        composites = tf.boolean_mask(composite, joins)
        values = tf.concat([composites, tf.fill(tf.shape(composites), _NONE)], axis=0)
        points = tf.tensor_scatter_nd_update(points, changed[:, None], values)
        starters = tf.where(joins | (mark != 0), starters, places)
        return number + 1, points, starts, sizes, starters, tf.where(joins, last, mark)

    unknown = tf.TensorShape([None])
    return tf.while_loop(
        lambda number, points, starts, sizes, *_: tf.reduce_any(number < sizes),
        step,
        [1, points, starts, sizes, starters, first],
        [tf.TensorShape([]), *[unknown] * 5],
    )[1]


def _changes(values: tf.Tensor) -> tf.Tensor:
    """Tells where a value differs from the one before it; the first does."""
    return tf.concat([tf.ones_like(values[:1], tf.bool), values[1:] != values[:-1]], axis=0)


def _sizes(stretches: tf.Tensor) -> tf.Tensor:
    return tf.math.segment_sum(tf.ones_like(stretches), stretches)


def _sizes_in_order(stretches: tf.Tensor) -> tf.Tensor:
    """Returns at each point how many points its stretch has; numbers of stretches may be left out."""
    numbers = tf.cumsum(tf.cast(_changes(stretches), tf.int32)) - 1
    return tf.gather(_sizes(numbers), numbers)


def _find(keys: np.ndarray, values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the place of each value among sorted keys, and whether it is one of them."""
    places = tf.minimum(tf.searchsorted(tf.constant(keys), values), len(keys) - 1)
    return places, tf.gather(tf.constant(keys), places) == values


def _is_composing(points: tf.Tensor) -> tf.Tensor:
    ranges = _tables().composing
    places = tf.searchsorted(tf.constant(ranges[:, 0].copy()), points, side="right") - 1
    return (places >= 0) & (points <= tf.gather(tf.constant(ranges[:, 1].copy()), tf.maximum(places, 0)))


def _alone(points: tf.Tensor) -> tf.Tensor:
    return tf.pad(points[:, None], [[0, 0], [0, _LONGEST - 1]], constant_values=_NONE)


def _parts_of(points: tf.Tensor) -> tf.Tensor:
    """Returns what each code point decomposes to, `(points, 4)`; Hangul's syllables need not."""
    places, found = _find(_tables().decomposed, points)
    return tf.where(found[:, None], tf.gather(tf.constant(_tables().parts), places), _alone(points))


def _classes_of(points: tf.Tensor) -> tf.Tensor:
    places, found = _find(_tables().marks, points)
    return tf.where(found, tf.gather(tf.constant(_tables().classes), places), 0)


def _composite(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """Returns what two code points become together, -1 where they stay two."""
    pairs = tf.bitwise.left_shift(tf.cast(first, tf.int64), tf.constant(_POINT_BITS, tf.int64))
    places, found = _find(_tables().pairs, pairs + tf.cast(second, tf.int64))
    composite = tf.where(found, tf.gather(tf.constant(_tables().composites), places), _NONE)
    leading, vowel, trailing = first - _LEADING, second - _VOWEL, second - _TRAILING
    is_open = (leading >= 0) & (leading < _NUM_LEADING) & (vowel >= 0) & (vowel < _NUM_VOWEL)
    syllable = _SYLLABLE + (leading * _NUM_VOWEL + vowel) * _NUM_TRAILING
    composite = tf.where(is_open, syllable, composite)
    offset = first - _SYLLABLE
    takes_one = (offset >= 0) & (offset < _NUM_LEADING * _NUM_VOWEL * _NUM_TRAILING)
    closes = takes_one & (offset % _NUM_TRAILING == 0) & (trailing > 0) & (trailing < _NUM_TRAILING)
    return tf.where(closes, first + trailing, composite)
