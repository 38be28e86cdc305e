"""The graph spells categories as the readers do."""

import unicodedata

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from core.canonical_text import MOST_COMPOSED, canonical_category, composing_ranges
from models.preprocessing.canonical_graph import canonical_categories
from tests.core.test_canonical_text import MISSING, ONE_CATEGORY, TWO_CATEGORIES

in_graph = tf.function(canonical_categories, input_signature=[tf.TensorSpec([None], tf.string)])


def by_graph(texts: list[str]) -> list[str]:
    return [text.decode() for text in in_graph(tf.constant(texts, tf.string, [len(texts)])).numpy()]


def by_readers(texts: list[str]) -> list[str]:
    return [canonical_category(text) or "" for text in texts]


def test_every_kind_of_spelling_is_spelled_by_the_graph_as_by_the_readers():
    texts = [one for _, spellings in ONE_CATEGORY for one in spellings]
    texts += [one for pair in TWO_CATEGORIES for one in pair] + MISSING
    assert by_graph(texts) == by_readers(texts)


def test_every_code_point_alone_and_behind_a_letter_is_spelled_as_by_the_readers():
    # Unicode has given out none between.
    ranges = (range(0xD800), range(0xE000, 0x32000), range(0xE0000, 0xE1000))
    points = [chr(point) for some in ranges for point in some]
    texts = [f"{point}a{point}" for point in points]
    assert by_graph(texts) == by_readers(texts)


composing = st.sampled_from(
    [chr(point) for first, last in composing_ranges() for point in range(first, last + 1)]
)
letters = st.characters(blacklist_categories=["Cs"])
decomposed = letters.map(lambda letter: unicodedata.normalize("NFD", letter))
odd = st.sampled_from(" \n\r\t\u2028\u00a0\u200b\ufeff\u00ad\ufe0f.0013-+eEtrufalsTRUFALSE?naNA/")
texts = st.lists(letters | decomposed | composing | odd, max_size=2 * MOST_COMPOSED).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(texts, max_size=20))
def test_graph_and_readers_agree_on_any_text(many):
    assert by_graph(many) == by_readers(many)


def test_heaps_of_marks_stay_as_they_are():
    heaps = ["e" + "\u0301" * size for size in range(MOST_COMPOSED - 2, MOST_COMPOSED + 3)]
    assert by_graph([*heaps, "e\u0301"]) == by_readers([*heaps, "e\u0301"])


def test_what_is_no_utf8_becomes_no_category():
    broken = [b"S\xff", b"\xffe\xcc\x81", b"\xed\xa0\x80", b"\xc3", b"\x80"]
    assert not {b"S", "é".encode(), b""} & set(in_graph(tf.constant(broken)).numpy())


def test_columns_are_spelled_at_once_and_keep_their_shape():
    columns = tf.constant([["3.0", "cafe\u0301"], ["?", "TRUE"]])
    expected = np.array([["3", "café"], ["", "true"]])
    assert (np.char.decode(canonical_categories(columns).numpy().astype(bytes), "utf-8") == expected).all()
