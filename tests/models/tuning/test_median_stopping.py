"""Trials that fall behind the median end early."""

import itertools
from types import SimpleNamespace

import pytest

from models.tuning.median_stopping import MedianStopping


@pytest.fixture
def run(tmp_path):
    names = map(str, itertools.count())

    def trial(figures, objective="val_macro_f1", name=None):
        """Lets a trial have these figures, epoch by epoch, and returns the number of its epochs."""
        stopping = MedianStopping(objective, str(tmp_path / "medians"), name or next(names))
        stopping.set_model(SimpleNamespace(stop_training=False))
        stopping.on_train_begin()
        for epoch, figure in enumerate(figures):
            stopping.on_epoch_end(epoch, {objective: figure})
            if stopping.model.stop_training:
                break
        stopping.on_train_end()
        return epoch + 1

    return trial


def test_trial_below_the_median_of_four_stops_after_four_epochs(run):
    for level in (0.4, 0.5, 0.6, 0.7):
        assert run([level] * 8) == 8
    # The median of the four is 0.55.
    assert run([0.54] * 8) == 4
    assert run([0.56] * 8) == 8


def test_best_figure_so_far_counts(run):
    for _ in range(4):
        run([0.5] * 8)
    assert run([0.6, 0.1, 0.1, 0.1, 0.1, 0.1]) == 6
    assert run([0.1, 0.1, 0.1, 0.6, 0.1, 0.1]) == 6


def test_losses_are_better_when_smaller(run):
    for _ in range(4):
        run([0.5] * 8, "val_loss")
    assert run([0.6] * 8, "val_loss") == 4
    assert run([0.4] * 8, "val_loss") == 8


def test_the_first_four_trials_never_stop(run):
    assert [run([level] * 6) for level in (0.9, 0.8, 0.1, 0.05)] == [6] * 4


def test_trial_that_is_run_again_is_not_held_against_itself(run):
    for level in (0.4, 0.5, 0.6):
        run([level] * 6)
    assert [run([0.1] * 6, name="again") for _ in range(3)] == [6] * 3
