import pytest

from models.network.tabular.column_inputs import column_inputs


def test_numeric_columns_come_with_flags_and_categorical_ones_as_indices():
    inputs = column_inputs(2, (3, 4, 5))
    assert {name: tuple(each.shape) for name, each in inputs.items()} == {
        "numeric": (None, 2),
        "missing": (None, 2),
        "categorical": (None, 3),
    }


@pytest.mark.parametrize(
    ("num_numeric", "sizes", "names"), [(1, (), {"numeric", "missing"}), (0, (2,), {"categorical"})]
)
def test_what_there_is_no_column_of_is_no_input(num_numeric, sizes, names):
    assert set(column_inputs(num_numeric, sizes)) == names


def test_a_table_without_columns_is_refused():
    with pytest.raises(ValueError, match=r"Name columns in `data.numeric` or `data.categorical`"):
        column_inputs(0, ())
