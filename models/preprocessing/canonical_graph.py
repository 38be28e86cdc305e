"""Canonical spelling of a category, computed in the graph; see `core/canonical_text.py`."""

import tensorflow as tf

from core.canonical_text import BOOLEANS, INVISIBLE, SPACES, WHOLE, composing_ranges
from core.missing import missing_pattern
from models.preprocessing.compose_graph import composed

# What most batches are made of, and what cleaning leaves as it is.
_CLEAN_ASCII = "(?:[!-~]+(?: [!-~]+)*)?"


def canonical_categories(texts: tf.Tensor) -> tf.Tensor:
    """Spells categories as `canonical_category` does, all in one pass.

    Args:
        texts: UTF-8, of any shape. What is no UTF-8 is no category, and stays none.

    Returns:
        As many, "" where one stands for a missing value.
    """
    is_clean = tf.reduce_all(tf.strings.regex_full_match(texts, _CLEAN_ASCII))
    texts = tf.cond(is_clean, lambda: texts, lambda: _cleaned(texts))
    texts = tf.strings.regex_replace(texts, f"^{WHOLE}$", r"\1\2")
    is_word = tf.strings.regex_full_match(texts, "|".join(BOOLEANS.values()))
    texts = tf.where(is_word, tf.strings.lower(texts), texts)
    return tf.where(tf.strings.regex_full_match(texts, missing_pattern()), "", texts)


def _cleaned(texts: tf.Tensor) -> tf.Tensor:
    """Spells texts as `clean_text` does."""
    texts = tf.strings.regex_replace(texts, _class_of(INVISIBLE), "")
    texts = tf.strings.regex_replace(texts, f"{_class_of(SPACES)}+", " ")
    return tf.strings.strip(_composed_where_needed(texts))


def _composed_where_needed(texts: tf.Tensor) -> tf.Tensor:
    """Composes the few texts that hold a code point that asks for it."""
    asks = tf.strings.regex_full_match(texts, f"(?s).*{_class_of(composing_ranges())}.*")

    def compose_those() -> tf.Tensor:
        places = tf.where(asks)
        return tf.tensor_scatter_nd_update(texts, places, composed(tf.gather_nd(texts, places)))

    return tf.cond(tf.reduce_any(asks), compose_those, lambda: texts)


def _class_of(ranges: tuple[tuple[int, int], ...]) -> str:
    """Writes a class of characters as RE2 takes it."""
    return "[" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in ranges) + "]"
