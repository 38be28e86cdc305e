from hypothesis import given
from hypothesis import strategies as st

from core.documents.values import without_infinities


def test_numbers_that_are_not_finite_become_none_wherever_they_are():
    content = {"a": [float("nan"), 1, (float("inf"), -float("inf"))], "b": {"c": 0.5, "d": None, "e": "x"}}
    assert without_infinities(content) == {"a": [None, 1, [None, None]], "b": {"c": 0.5, "d": None, "e": "x"}}


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.booleans())
def test_any_other_number_is_left_as_it_is(number):
    assert without_infinities(number) is number
