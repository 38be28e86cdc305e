"""YAML of unknown hands: what is read, and what is refused before it costs anything."""

import contextlib
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.configuration.yaml_document import (
    MOST_LEVELS,
    NotYaml,
    PlainScalar,
    native_value,
    plain_scalar,
    read_yaml,
)

# Nine lists of nine aliases each, eleven times over: 9 ** 12 values in a few hundred characters.
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)


def refused(text):
    start = time.monotonic()
    with pytest.raises(NotYaml) as caught:
        read_yaml(text)
    assert time.monotonic() - start < 20
    assert len(str(caught.value)) < 500
    return str(caught.value)


def test_keys_are_what_was_written():
    text = "no: 1\n01: 1\n1.0: 1\nnull: 1\n2020-01-01: 1\non: 1\n'1': 1\n"
    assert list(read_yaml(text)) == ["no", "01", "1.0", "null", "2020-01-01", "on", "1"]


def test_scalars_keep_what_was_written():
    assert read_yaml("[yes, 010, ~, 1e3, '1', 2020-01-01, 1.5]") == [
        PlainScalar("bool", "yes"),
        PlainScalar("int", "010"),
        PlainScalar("null", "~"),
        "1e3",
        "1",
        "2020-01-01",
        PlainScalar("float", "1.5"),
    ]


@pytest.mark.parametrize("text", ["a: " + "[" * 100_000, "- " * 5_000, "a: &a {b: *a}", "a: &a [*a]"])
def test_what_is_nested_too_deep_is_refused(text):
    assert f"more than {MOST_LEVELS} levels deep (line 1, column" in refused(text)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "a: &a {x: 1, y: 2}\nb: {<<: [" + ", ".join(["*a"] * 60_000) + "]}",
        "a: &a '" + "x" * 100_000 + "'\nb: [" + ", ".join(["*a"] * 1_000) + "]",
    ],
    ids=["lists", "merges", "texts"],
)
def test_aliases_that_stand_for_too_much_are_refused(text):
    assert "its aliases stand for more than" in refused(text)


def test_what_is_too_long_is_refused():
    assert "has 3,000,000 characters" in refused("x" * 3_000_000)
    assert "more than 100,000 values" in refused(f"[{'a,' * 150_000}]")


@pytest.mark.parametrize("text", ["[a]: 1", "{a: 1}: 1", "? [a, b]\n: 1"])
def test_a_key_that_is_no_word_is_refused(text):
    assert "a key must be a word" in refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: !!binary aGk=",
        "a: !!set {b}",
        "a: !!python/name:os.system x",
        "a: !own 1",
        "!!timestamp x: 1\n!x y: 2",
    ],
)
def test_tags_of_other_types_are_refused(text):
    assert "means nothing here" in refused(text)


def test_merged_tables_lie_under_the_own_keys():
    assert read_yaml("a: &a {x: u, y: u}\nb: {<<: *a, y: v}")["b"] == {"x": "u", "y": "v"}
    assert read_yaml("a: &a {x: u}\nc: &c {x: v, z: v}\nb: {<<: [*a, *c]}")["b"] == {"x": "u", "z": "v"}
    assert "`<<` takes a table" in refused("a: {<<: b}")


def test_a_key_given_twice_is_refused():
    assert "the key 'a' is given twice" in refused("a: 1\na: 2")
    assert "the key 'no' is given twice" in refused("no: 1\n'no': 2")


def test_characters_that_no_yaml_holds_are_refused():
    for text in ("a: \x07", "a: \udc80", "a: b\x00"):
        refused(text)


def test_a_number_is_converted_up_to_a_hundred_characters():
    assert native_value(PlainScalar("int", "9" * 100)) == 10**100 - 1
    with pytest.raises(ValueError, match="int of 5,000 characters"):
        native_value(PlainScalar("int", "9" * 5_000))


@given(st.one_of(st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False)))
def test_a_scalar_is_taken_for_what_yaml_takes_it_for(value):
    text = yaml.safe_dump(value).removesuffix("\n...\n").removesuffix("\n")
    plain = plain_scalar(text)
    if plain is not None and len(text) <= 100:
        assert native_value(plain) == value
        assert read_yaml(text) == plain


# What PyYAML writes of U+0085 it reads as a blank itself.
_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x85"))


@given(st.recursive(_texts, lambda inner: st.lists(inner) | st.dictionaries(_texts, inner), max_leaves=20))
def test_text_in_lists_and_tables_comes_back(content):
    assert read_yaml(yaml.safe_dump(content, allow_unicode=True)) == content


@given(st.text(st.sampled_from("{}[]:,-?&*!|>'\"%@` \n\tab01.~<=#\\x")))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(NotYaml):
        read_yaml(text)
