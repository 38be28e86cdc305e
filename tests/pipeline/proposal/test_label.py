"""Which column is taken for the class."""

import pytest

from core.errors import InputError
from tests.pipeline.proposal.tables import facts_of, measured, of_two

NUMBERS = measured(100)
TWO = of_two(100, 10)
OTHER_TWO = of_two(100, 37, ("m", "f"))
FIVE = [str(row % 5) for row in range(100)]


def label_of(tmp_path, columns, asked=None):
    return facts_of(tmp_path, columns, asked).roles.label.name


@pytest.mark.parametrize("name", ["label", "Class", "TARGET", "target_class", "y", "outcome", "class label"])
def test_name_decides_wherever_it_stands(tmp_path, name):
    columns = {"size": NUMBERS, name: FIVE, "sex": OTHER_TWO, "smoker": of_two(100, 21)}
    assert label_of(tmp_path, columns) == name


def test_two_values_in_the_last_or_else_first_column_decide_without_a_name(tmp_path):
    assert label_of(tmp_path, {"size": NUMBERS, "sex": OTHER_TWO, "bought": TWO}) == "bought"
    assert label_of(tmp_path, {"bought": TWO, "sex": OTHER_TWO, "size": NUMBERS}) == "bought"
    assert label_of(tmp_path, {"bought": TWO, "size": NUMBERS, "children": [*FIVE[:-1], ""]}) == "bought"


def test_classes_spelled_as_floats_are_classes(tmp_path):
    columns = {"size": NUMBERS, "kind": of_two(100, 20, ("0.0", "1.0"))}
    assert label_of(tmp_path, columns) == "kind"


@pytest.mark.parametrize(
    "columns",
    [
        {"sex": OTHER_TWO, "size": NUMBERS, "bought": TWO},
        {"size": NUMBERS, "sex": OTHER_TWO, "bought": TWO, "weight": NUMBERS},
        {"class": FIVE, "size": NUMBERS, "target": TWO},
    ],
)
def test_about_equally_good_columns_are_asked_about(tmp_path, columns):
    with pytest.raises(InputError, match="Several columns") as error:
        facts_of(tmp_path, columns)
    assert "--label" in str(error.value)
    rivals = str(error.value).partition("class: ")[2].partition(". Name")[0]
    assert set(rivals.split(", ")) == set(columns) - {"size", "weight"}


def test_named_column_ends_the_doubt(tmp_path):
    columns = {"sex": OTHER_TWO, "size": NUMBERS, "bought": TWO}
    assert label_of(tmp_path, columns, "sex") == "sex"


def test_numbers_of_many_values_are_never_the_class(tmp_path):
    with pytest.raises(InputError, match="'target' is called like the class, but holds 100 different values"):
        facts_of(tmp_path, {"sex": OTHER_TWO, "size": FIVE, "target": NUMBERS})
    with pytest.raises(InputError, match="No column looks like the class"):
        facts_of(tmp_path, {"size": NUMBERS, "weight": NUMBERS})
    with pytest.raises(InputError, match="100 different values"):
        facts_of(tmp_path, {"sex": OTHER_TWO, "weight": NUMBERS}, "weight")


def test_single_value_is_no_class(tmp_path):
    with pytest.raises(InputError, match="'label' is called like the class, but holds a single value"):
        facts_of(tmp_path, {"size": NUMBERS, "label": ["a"] * 100})
    with pytest.raises(InputError, match="at least two"):
        facts_of(tmp_path, {"size": NUMBERS, "kind": ["a"] * 100}, "kind")


def test_misspelled_column_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="Did you mean 'bought'"):
        facts_of(tmp_path, {"size": NUMBERS, "bought": TWO}, "bougt")
