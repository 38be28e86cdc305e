"""The one spelling of a category, computed in the graph; see `models/canonical_text.py`."""

import re
from collections.abc import Iterable

import tensorflow as tf

from models.canonical_text import BOOLEANS, INVISIBLE, SPACES, WHOLE, composing_ranges
from models.compose_graph import composed
from models.missing import ANY_CASE, AS_SPELLED


def canonical_categories(texts: tf.Tensor) -> tf.Tensor:
    """Spells categories as `canonical_category` does, all in one pass.

    Args:
        texts: UTF-8, of any shape. What is no UTF-8 is no category, and stays none.

    Returns:
        As many, "" where one stands for a missing value.
    """
    texts = tf.strings.regex_replace(texts, _class_of(INVISIBLE), "")
    texts = tf.strings.regex_replace(texts, f"{_class_of(SPACES)}+", " ")
    texts = tf.strings.strip(_composed_where_needed(texts))
    texts = tf.strings.regex_replace(texts, f"^{WHOLE}$", r"\1\2")
    for word, pattern in BOOLEANS.items():
        texts = tf.strings.regex_replace(texts, f"^{pattern}$", word)
    # This puts ASCII alone in lower case, and the words are ASCII.
    missing = tf.strings.regex_full_match(tf.strings.lower(texts), _one_of(ANY_CASE))
    return tf.where(missing | tf.strings.regex_full_match(texts, _one_of(AS_SPELLED)), "", texts)


def _composed_where_needed(texts: tf.Tensor) -> tf.Tensor:
    """Composes the few texts that hold a code point that asks for it."""
    asks = tf.strings.regex_full_match(texts, f"(?s).*{_class_of(composing_ranges())}.*")

    def compose_those() -> tf.Tensor:
        places = tf.where(asks)
        return tf.tensor_scatter_nd_update(texts, places, composed(tf.gather_nd(texts, places)))

    return tf.cond(tf.reduce_any(asks), compose_those, lambda: texts)


def _one_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words))


def _class_of(ranges: tuple[tuple[int, int], ...]) -> str:
    """Writes a class of characters as RE2 takes it."""
    return "[" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in ranges) + "]"
