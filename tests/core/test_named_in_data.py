"""Names of classes and columns, found and respelled wherever settings hold them."""

from typing import Literal

import pytest
from pydantic import Field

from core.errors import InputError
from core.named_in_data import ClassName, ColumnName, Mention, mentions, require_classes, respelled
from core.settings import Settings


class Inner(Settings):
    floors: dict[ClassName, float] = Field(min_length=1)


class Outer(Settings):
    label: ColumnName = Field("label", min_length=1)
    group: ColumnName | None = None
    columns: Literal["auto"] | tuple[ColumnName, ...] = "auto"
    costs: dict[ClassName, dict[ClassName, float]] = Field(default_factory=dict)
    rule: Literal["argmax"] | Inner = "argmax"
    path: str = "path"
    counts: dict[str, int] = Field(default_factory=dict)


def test_every_marked_name_is_found_with_the_path_of_its_setting():
    settings = Outer(
        columns=("a", "b"), costs={"x": {"y": 2}}, rule=Inner(floors={"z": 1}), counts={"no name": 1}
    )
    assert mentions(settings, "own") == [
        Mention("own.label", "column", "label"),
        Mention("own.columns", "column", "a"),
        Mention("own.columns", "column", "b"),
        Mention("own.costs", "class", "x"),
        Mention("own.costs", "class", "y"),
        Mention("own.rule.floors", "class", "z"),
    ]


def test_a_choice_is_no_name():
    assert [one.name for one in mentions(Outer())] == ["label"]


def test_names_are_respelled_in_their_places_and_nothing_else_is():
    settings = Outer(
        group="g", columns=("a",), costs={"x": {"y": 2}}, rule=Inner(floors={"z": 1}), counts={"k": 1}
    )
    assert respelled(settings, lambda mention: mention.name.upper()) == Outer(
        label="LABEL",
        group="G",
        columns=("A",),
        costs={"X": {"Y": 2}},
        rule=Inner(floors={"Z": 1}),
        counts={"k": 1},
    )


def test_two_names_that_become_one_are_refused():
    with pytest.raises(InputError, match="floors: 'a' and 'A' both name 'A'"):
        respelled(Inner(floors={"a": 1, "A": 2}), lambda mention: mention.name.upper())


def test_a_class_that_is_not_there_is_refused_with_the_nearest_and_the_first_of_the_others():
    classes = ["scratch", *(f"class {number}" for number in range(100))]
    with pytest.raises(InputError) as caught:
        require_classes(mentions(Inner(floors={"scrach": 1})), classes)
    message = str(caught.value)
    assert message.startswith(
        "floors: there is no class 'scrach' in the data. Did you mean 'scratch'? Classes: "
    )
    assert message.endswith("and 51 more.")
