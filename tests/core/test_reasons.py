from core.reasons import Reason, strongest_reasons

ANSWER = {
    "contributions": [0.5, -2.0, 0.0, 1e-9],
    "columns": [b"age", b"amount", b"line", b"colour"],
    "cells": [b"missing", b"known", b"not seen in train", b"known"],
}
VALUES = {"age": "", "amount": "912.5", "line": "Q", "colour": "red"}


def test_the_largest_of_either_sign_come_first():
    assert list(map(str, strongest_reasons(ANSWER, VALUES, 3))) == [
        "amount = 912.5 (-2.00)",
        "age missing (+0.50)",
        "colour = red (+0.00)",
    ]


def test_no_more_reasons_are_given_than_there_are_columns():
    assert len(strongest_reasons(ANSWER, VALUES, 9)) == 4


def test_a_value_that_was_not_seen_in_train_is_named_as_such():
    assert str(strongest_reasons(ANSWER, VALUES, 4)[3]) == "line = Q, not seen in train (+0.00)"


def test_a_missing_value_is_not_called_one_that_was_not_seen():
    assert str(Reason("line", "", "not seen in train", 0.0)) == "line missing (+0.00)"


def test_what_rounds_to_nothing_has_no_side():
    assert str(Reason("width", "3", "known", -0.001)) == "width = 3 (+0.00)"
