"""Sizes of what is held out, against what `decision.unknown` takes."""

import pytest

from core.errors import InputError
from pipeline.config import load_experiment
from pipeline.configuration.check_with_data import check_with_data


@pytest.fixture
def check(tmp_path):
    """Checks an experiment on a table of 200 rows, or on tables of given sizes by split."""

    def check_data(data, *, share, folds=1):
        (tmp_path / "all.csv").write_text(_table(200))
        for split, size in (("train", 120), ("eval", 30), ("test", 50)):
            (tmp_path / f"{split}.csv").write_text(_table(size))
        path = tmp_path / "experiment.yaml"
        path.write_text(
            f"data: {{format: csv, label: kind, {data}}}\ntraining: {{folds: {folds}}}\n"
            f"decision: {{unknown: {{max_false_alarm: {share}}}}}\n"
        )
        return check_with_data(load_experiment(str(path), ()))

    return check_data


def _table(size):
    rows = [f"{row},{row % 2},{'good' if row % 3 else 'bad'}" for row in range(size)]
    return "\n".join(["number,flag,kind", *rows]) + "\n"


@pytest.mark.parametrize(
    ("data", "folds", "held_out"),
    [
        ("path: all.csv", 1, 30),
        ("path: all.csv, splits: {train: 0.6, eval: 0.2, test: 0.2}", 1, 40),
        ("path: all.csv", 5, 170),
        ("splits: {train: train.csv, eval: eval.csv, test: test.csv}", 1, 30),
        ("splits: {train: train.csv, eval: 0.25, test: test.csv}", 1, 30),
        ("splits: {train: train.csv, eval: eval.csv, test: test.csv}", 2, 150),
        ("splits: {train: train.csv, eval: 0.25, test: test.csv}", 2, 120),
    ],
)
def test_a_share_that_what_is_held_out_cannot_tell_is_refused_before_tensorflow(check, data, folds, held_out):
    check(data, share=1.001 / (held_out + 1), folds=folds)
    with pytest.raises(InputError, match=rf"with {held_out} held-out records\."):
        check(data, share=0.999 / (held_out + 1), folds=folds)
