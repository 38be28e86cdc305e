"""Columns that costs are made of, looked at before TensorFlow is imported."""

import pytest

from components.stratified_example_gen.check_amounts import check_amounts
from components.stratified_example_gen.settings import DataSettings
from core.errors import InputError


@pytest.fixture
def check(tmp_path):
    def check_cells(*cells, columns=("amount",), **settings):
        rows = [f"{cell};{number};{'ab'[number % 2]}" for number, cell in enumerate(cells)]
        path = tmp_path / "t.csv"
        path.write_text("\n".join(["amount;other;kind", *rows]) + "\n")
        check_amounts(DataSettings(format="csv", path=str(path), label="kind", **settings), 0, columns)

    return check_cells


@pytest.mark.parametrize("cells", [("3", "0", "1e3"), ("1,5", "2,25", "3"), ("0.5", "7", "1e15")])
def test_amounts_in_every_record_pass(check, cells):
    check(*cells)


def test_no_column_is_no_check(tmp_path):
    check_amounts(DataSettings(format="image_folder", path=str(tmp_path)), 0, ())


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("", "nothing"), ("-3", "'-3'"), ("much", "'much'"), ("inf", "'inf'"), ("2e15", "'2e15'")],
)
def test_records_without_an_amount_are_counted_and_named(check, cell, shown):
    with pytest.raises(InputError) as error:
        check("3", cell, "4", cell)
    said = str(error.value)
    assert "column 'amount' has no amount from 0 to 1e+15 in 2 of 4 records" in said
    assert f"t.csv, row 2 ({shown}), t.csv, row 4 ({shown})" in said and "Fill it in" in said


def test_of_many_the_first_are_named(check):
    with pytest.raises(InputError, match=r"in 9 of 9 records.*row 5 \(nothing\) and more"):
        check(*[""] * 9)


def test_a_category_is_no_amount(check):
    with pytest.raises(InputError, match=r"column 'amount' is listed in data.categorical"):
        check("3", "4", categorical=("amount",))


def test_a_row_that_is_left_out_needs_none(check):
    check("3", "x", "4", numeric=("amount", "other"), on_bad_record="skip")


def test_a_folder_of_images_has_no_column(tmp_path):
    with pytest.raises(InputError, match=r"'amount', a column of a table; an image_folder has none"):
        check_amounts(DataSettings(format="image_folder", path=str(tmp_path)), 0, ("amount",))
