import pytest
from pydantic import ValidationError

from models.catalogue.row import (
    Exclusion,
    OwnField,
    Row,
    declared,
    in_order,
    listed,
    names_by_field,
    one_of,
    row_of,
    searched_names,
    settings_of,
)

SHARED = OwnField("shared", float, 1.0, "first and last only.", {"ge": 0})
OWN = OwnField("own", int, 3, "last only.", {"gt": 1, "le": 9})
ROWS = (
    Row("first", fields=(SHARED,), searched=True),
    Row("plain"),
    Row("last", fields=(SHARED, OWN), searched=True),
)


def test_a_key_has_an_effect_with_the_rows_that_list_it():
    assert names_by_field(ROWS) == {"shared": ("first", "last"), "own": ("last",)}


def test_settings_made_of_rows_have_their_defaults_and_bounds():
    settings = settings_of("Made", {"name": (one_of("first", "last"), "first"), **declared(ROWS)})
    assert settings().model_dump() == {"name": "first", "shared": 1.0, "own": 3}
    for key, value in (("shared", -1), ("own", 1), ("own", 10), ("name", "plain"), ("other", 1)):
        with pytest.raises(ValidationError, match=key):
            settings(**{key: value})
    with pytest.raises(ValidationError, match="frozen"):
        settings().own = 4


def test_keys_that_were_there_first_stay_first():
    assert list(in_order(declared(ROWS), first=("own",))) == ["own", "shared"]


def test_rows_are_found_by_name_and_searched_where_they_say_so():
    assert row_of(ROWS, "plain") is ROWS[1]
    assert searched_names(ROWS) == ("first", "last")
    with pytest.raises(KeyError):
        row_of(ROWS, "none")


def test_a_builder_is_imported_by_its_path():
    assert Row("row", "models.catalogue.row:Row").load() is Row


def test_an_exclusion_says_why_what_and_the_way_out():
    exclusion = Exclusion("model.kind", ("cosine",), "Lengths have no say.", "none", "linear")
    assert exclusion.sentence("training.stage", "'tau'", "cosine") == (
        "Lengths have no say. Received: training.stage='tau' with model.kind='cosine'. Set training.stage to none, or "
        "model.kind to linear."
    )


@pytest.mark.parametrize(
    ("names", "sentence"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_listed_as_a_sentence_does(names, sentence):
    assert listed(names) == sentence
