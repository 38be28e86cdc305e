"""One class under several spellings is found, and shown so that a person sees the difference."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.stratified_example_gen.class_names import (
    class_place,
    look_alikes,
    refuse_look_alikes,
    refuse_spellings,
    same_but_for_spelling,
    visible,
)
from core.errors import InputError

SAME = [
    ["Cat", "cat ", "CAT"],
    ["New York", "newyork", "NEW  YORK"],
    ["Straße", "STRASSE"],
    ["0", "0.0", "00", "-0", "0e5", ".0"],
    ["1", "01", "1e0", "1.", "+1", "0.1e1", "1.00", "１"],
    ["-2.50", "-2.5", "\u22122.5", "-25e-1"],
    ["True", "true", "TRUE"],
    ["a\u00a0b", "a b"],
    ["a", "a\u200b", "\ufeffa", "a\u00ad", "a\ufe0f", "\u202aa\u202c"],
    ["café", "cafe\u0301"],
    ["Ａ", "A"],
]
LOOK_ALIKE = [
    ["café", "cafe\u0301"],
    ["a b", "a\u00a0b", "a  b", "a\tb", " a b", "a\u2003b"],
    ["a", "a\u200b", "\ufeffa", "a\u00ad", "a\ufe0f", "\u202aa\u202c", "a\u2060", "a "],
    ["한글", unicodedata.normalize("NFD", "한글")],
    ["Å", "\u212b", "A\u030a"],
]
DIFFERENT = ["a-b", "ab", "é", "e", "0", "1", "10", "100", "0.1", "-1", "1e1000", "b1", "1b", "1.1", "1,1"]


@pytest.mark.parametrize("names", SAME + LOOK_ALIKE)
def test_names_that_say_the_same_are_found(names):
    assert same_but_for_spelling([*names, "other"]) == [names]


@pytest.mark.parametrize("names", LOOK_ALIKE)
def test_names_that_look_alike_are_found(names):
    assert look_alikes([*names, "other"]) == [names]


def test_names_that_say_something_else_are_different_classes():
    assert same_but_for_spelling(DIFFERENT[:6] + DIFFERENT[7:]) == []
    assert look_alikes([*DIFFERENT, "B", "b", "True", "true", "1.0"]) == []


def test_numbers_of_any_length_are_told_apart():
    assert same_but_for_spelling(["1" * 40, "1" * 39 + "2", "9" * 5000, "9" * 5001]) == []


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"])), unique=True))
def test_names_that_are_shown_alike_are_one_name(names):
    assert len({visible(name) for name in names}) == len(names)
    assert all(visible(name).isprintable() for name in names)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("café", "'café'"),
        ("cafe\u0301", r"'cafe\u0301'"),
        ("a\u200b", r"'a\u200b'"),
        ("a\u00a0b", r"'a\xa0b'"),
    ],
)
def test_what_is_invisible_is_shown(name, shown):
    assert visible(name) == shown


def test_look_alikes_are_refused_with_the_count_of_each_spelling():
    with pytest.raises(InputError, match="look alike") as refused:
        refuse_look_alikes({"café": 1200, "cafe\u0301": 1, "tea": 5}, "t.csv")
    assert r"t.csv: " in str(refused.value)
    assert r"'café' (1,200 examples) and 'cafe\u0301' (1 example)" in str(refused.value)
    refuse_look_alikes({"0": 5, "0.0": 5, "b": 3, "B": 4}, "t.csv")


def test_spellings_are_refused_with_the_way_on():
    with pytest.raises(
        InputError, match=r"'0' \(7 examples\) and '0\.0' \(5 examples\) are one number"
    ) as refused:
        refuse_spellings({"0.0": 5, "0": 7, "1": 3}, "t.csv")
    assert "validation.skip to [label_spelling]" in str(refused.value)
    refuse_spellings({"0": 5, "1": 5}, "t.csv")


def test_a_new_table_may_spell_a_class_otherwise_where_one_is_meant():
    assert [class_place(["0", "1"], name) for name in ("1", "1.0", "01", "0.0", "2", "")] == [
        1,
        1,
        1,
        0,
        -1,
        -1,
    ]
    assert [class_place(["true", "false"], name) for name in ("True", "FALSE\u200b")] == [0, 1]
    assert [class_place(["b", "B"], name) for name in ("b", "B", "b ", "Ｂ")] == [0, 1, 0, -1]
