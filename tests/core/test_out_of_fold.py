"""Answers out of fold, written and read."""

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from core.out_of_fold import OutOfFold


def made_answers():
    random = np.random.default_rng(0)
    log_probabilities = log_softmax(random.normal(size=(3, 5, 2)), axis=2).astype(np.float32)
    labels, folds = np.array([0, 1, 0, 0, 1]), np.array([2, 0, 1, 1, 0])
    return OutOfFold(
        [f"row {n}" for n in range(5)], ["good", "größerer Riss"], labels, folds, log_probabilities
    )


def test_what_is_read_is_what_was_written(tmp_path):
    answers = made_answers()
    answers.write(str(tmp_path / "a"))
    read = OutOfFold.read_if_there(str(tmp_path / "a"))
    assert (list(read.keys), list(read.classes)) == (list(answers.keys), list(answers.classes))
    for name in ("labels", "folds", "log_probabilities", "answers"):
        np.testing.assert_array_equal(getattr(read, name), getattr(answers, name))
    np.testing.assert_array_equal(answers.answers[0], answers.log_probabilities[2, 0])
    answers.write(str(tmp_path / "b"))
    name = "out_of_fold.parquet"
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert OutOfFold.read_if_there(str(tmp_path)) is None


def test_people_read_it_with_pandas(tmp_path):
    answers = made_answers()
    answers.write(str(tmp_path))
    frame = pd.read_parquet(tmp_path / "out_of_fold.parquet")
    assert frame["class"].tolist()[1] == "größerer Riss" and frame["fold"].tolist() == [2, 0, 1, 1, 0]
    np.testing.assert_allclose(np.stack(frame["probabilities"]), np.exp(answers.answers), rtol=1e-6)
