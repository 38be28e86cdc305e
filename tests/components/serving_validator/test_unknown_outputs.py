import numpy as np

from components.serving_validator.unknown_outputs import wrong_unknown

DUE = np.array([0.5, 1.999999, 40.0, np.nan])


def wrong(unlikeness, unknown):
    said = {"unlikeness": np.array(unlikeness, np.float32), "unknown": np.array(unknown)}
    return {name: mask.tolist() for name, mask in wrong_unknown(said, DUE, 2.0, 1e-5).items()}


def test_what_is_due_is_not_wrong_and_near_the_threshold_either_is_right():
    for at_threshold in (False, True):
        assert wrong(DUE, [False, at_threshold, True, True]) == {
            "unlikeness": [False] * 4,
            "unknown": [False] * 4,
        }


def test_another_answer_is_told_by_output_and_record():
    assert wrong_unknown(
        {"unlikeness": np.array([np.inf]), "unknown": np.array([True])}, np.array([np.inf]), 2.0, 1e-5
    ) == {"unlikeness": [False], "unknown": [False]}
    found = wrong([0.5001, 2.0, 40.001, 1.0], [True, True, False, False])
    assert found == {"unlikeness": [True, False, True, True], "unknown": [True, False, True, True]}
    # Of a large one the same share is as near.
    assert wrong([0.5, 2.0, 40.0003, np.nan], [False, False, True, True])["unlikeness"] == [False] * 4
