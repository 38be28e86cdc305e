"""One spelling of a category, read or served."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.canonical_text import INVISIBLE, MOST_COMPOSED, SPACES, canonical_category, clean_text
from core.missing import MISSING as ANY_CASE
from core.missing import MISSING_AS_SPELLED

ONE_CATEGORY = [
    ("3", ["3", "3.0", "3.00", " 3.000\t", "\ufeff3", "3\u200b.0"]),
    ("0", ["0", "0.0", "-0.0", "-0"]),
    ("-12", ["-12", "-12.0"]),
    ("12345678901234567890", ["12345678901234567890", "12345678901234567890.0"]),
    ("true", ["true", "True", "TRUE", "tRUE\u00ad"]),
    ("false", ["false", "False", "FALSE"]),
    ("a b", ["a b", "a\nb", "a\r\nb", "a\rb", "a\x0bb", "a\x0cb", "a\x1cb", "a\x1d\x1eb", "a\x85b"]),
    ("a b", ["a\u2028b", "a\u2029b", "a\u00a0b", "a\u202fb", "\u3000a  b ", "a\tb", "a\u2800b"]),
    ("ab", ["a\u200bb", "a\u200db", "a\u2060b", "\u202aab\u202c", "a\u00adb", "a\ufe0fb", "a\x00b", "a\u3164b"]),
    ("café", ["café", "cafe\u0301", "cafe\u200d\u0301"]),
    ("ậ", ["ậ", "a\u0323\u0302", "a\u0302\u0323", "â\u0323", "ạ\u0302"]),
    ("한글", ["한글", unicodedata.normalize("NFD", "한글")]),
    ("Å", ["Å", "A\u030a", "\u212b"]),
]  # fmt: skip
TWO_CATEGORIES = [
    ("01234", "1234"),
    ("01234.0", "1234"),
    ("1e5", "100000"),
    ("1.10", "1.1"),
    ("+3", "3"),
    ("yes", "true"),
    ("b", "B"),
    ("Ａ", "A"),
    ("a b", "ab"),
    ("ﬁ", "fi"),
    ("none", "None"),
    ("\u212a", "k"),
    ("fal\u017fe", "false"),
    ("\U0001f3f4\U000e0067\U000e0073\U000e007f", "\U0001f3f4\U000e0067\U000e0065\U000e007f"),
]
# Sorted, as every worker has to collect the tests in one order.
_WORDS = sorted({*MISSING_AS_SPELLED, *ANY_CASE, *map(str.upper, ANY_CASE)})
MISSING = ["  ", " ?\n", "\u200b", "N\u00adA", "\x00", *_WORDS]


@pytest.mark.parametrize(("spelling", "spellings"), ONE_CATEGORY)
def test_spellings_of_one_category_become_one(spelling, spellings):
    assert [canonical_category(one) for one in spellings] == [spelling] * len(spellings)


@pytest.mark.parametrize(("one", "other"), TWO_CATEGORIES)
def test_what_may_be_two_categories_stays_two(one, other):
    assert canonical_category(one) != canonical_category(other)


@pytest.mark.parametrize("text", MISSING)
def test_what_says_missing_has_no_spelling(text):
    assert canonical_category(text) is None


texts = st.text(st.characters(blacklist_categories=["Cs"]))


@given(texts)
def test_the_spelling_is_its_own_spelling(text):
    spelling = canonical_category(text)
    assert spelling is None or canonical_category(spelling) == spelling


@given(texts)
def test_no_form_of_a_text_is_another_category(text):
    forms = {clean_text(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")} | {clean_text(text)}
    assert len(forms) == 1


@given(
    st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["{}", " {}", "{}\u00a0", "\ufeff{}"])
)
def test_numbers_mean_the_same_after_as_before(number, wrapped):
    assert float(clean_text(wrapped.format(number))) == number
    assert float(canonical_category(str(number))) == number


def test_composition_leaves_nothing_to_remove():
    gone = {point for first, last in (*SPACES, *INVISIBLE) for point in range(first, last + 1)} - {0x20}
    others = [chr(point) for point in range(0x110000) if point not in gone and not 0xD800 <= point < 0xE000]
    assert not gone & {ord(one) for one in unicodedata.normalize("NFC", "\n".join(others))} - {0x0A}


def test_a_letter_under_a_heap_of_marks_stays_as_it_is():
    heap = "e" + "\u0301" * MOST_COMPOSED
    assert clean_text(heap) == heap
    assert clean_text(heap[:-1]) == "é" + heap[2:-1]
