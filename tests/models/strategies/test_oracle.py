"""Order, resumption and budget of the trials, on trainings that are not trained but computed."""

import time

import keras_tuner
import pytest

from core.strategy_plan import Combination, PlannedStrategy
from models.strategies.names import SEED, STRATEGIES, as_text, names_in
from models.strategies.oracle import Budget, StrategyOracle, space
from models.strategies.out_of_time import OutOfTimeError
from models.tuning.oracles import Rules
from models.tuning.search import Search

PLANNED = {name: PlannedStrategy(name=name, family="any") for name in ("focal", "mixup", "cbam")}
PLANNED["experts"] = PlannedStrategy(name="experts", family="branches", cost=5.0)
TOGETHER = Combination(("focal", "cbam"))


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def search_of(tmp_path):
    """Makes a search in one folder, so that another one goes on with it."""

    def make(measure=lambda names, seed: 0.5, wanted=lambda oracle: TOGETHER, budget=None, seeds=2):
        def measured(values, folder):
            return {"val_macro_f1": measure(names_in(values[STRATEGIES]), values[SEED])}

        oracle = StrategyOracle(
            Rules(),
            PLANNED,
            seeds,
            wanted,
            budget or Budget(),
            objective=keras_tuner.Objective("val_macro_f1", "max"),
            hyperparameters=space(),
            max_trials=None,
            seed=0,
        )
        return Search(oracle, measured, str(tmp_path / "search"))

    return make


def tried(search):
    values = [trial.hyperparameters.values for trial in search.oracle.trials.values()]
    return [(names_in(one[STRATEGIES]), one[SEED]) for one in values]


def in_turn(*names):
    return [(one, seed) for one in names for seed in (0, 1)]


ALL = in_turn((), ("focal",), ("mixup",), ("cbam",), ("experts",), TOGETHER.names)


def test_each_alone_with_every_seed_and_then_what_pays_together(search_of):
    search = search_of()
    search.search()
    assert tried(search) == ALL


@pytest.mark.parametrize("names", [(), ("focal",), ("focal", "cbam")])
def test_names_are_read_as_they_were_written(names):
    assert names_in(as_text(names)) == names


def test_a_trial_that_fails_is_recorded_and_the_others_go_on(search_of):
    def measure(names, seed):
        if names == ("mixup",):
            raise ValueError("no mixup here")
        return 0.5

    search = search_of(measure)
    search.search()
    assert tried(search) == ALL
    assert {trial.status for trial in search.oracle.of(("mixup",)).values()} <= {"INVALID", "FAILED"}
    assert len(search.oracle.of(("cbam",))) == 2


def test_a_search_that_was_killed_goes_on_without_a_trial_twice(search_of):
    done = []

    def until_killed(names, seed):
        if len(done) == 5:
            raise Killed
        done.append((names, seed))
        return 0.5

    with pytest.raises(Killed):
        search_of(until_killed).search()
    again = []
    search = search_of(lambda names, seed: again.append((names, seed)) or 0.5)
    search.search()
    assert done + again == ALL and tried(search) == ALL


def test_what_has_no_time_is_passed_over_for_what_is_cheaper(search_of):
    def measure(names, seed):
        time.sleep(0.4)
        return 0.5

    # There is time for ten trainings, but not for those that are to take five times as long.
    search = search_of(measure, lambda oracle: None, Budget(time.time(), time.time() + 8.5, 1.0))
    search.search()
    names = {one for one, _ in tried(search)}
    assert ("experts",) not in names and {(), ("focal",), ("mixup",)} <= names


def test_plain_cross_entropy_is_tried_whatever_the_time(search_of):
    search = search_of(
        lambda names, seed: 0.5, lambda oracle: None, Budget(time.time(), time.time() - 5, 1.0)
    )
    search.search()
    assert tried(search) == [((), 0)]


def test_a_training_that_ran_out_of_time_is_tried_again_where_there_is_more(search_of):
    def measure(names, seed):
        if names == ("mixup",):
            raise OutOfTimeError("stopped after epoch 3, as its time was over")
        return 0.5

    search_of(measure).search()
    again = []
    search = search_of(lambda names, seed: again.append((names, seed)) or 0.5)
    search.search()
    assert sorted(again) == in_turn(("mixup",))
    assert {trial.status for trial in search.oracle.of(("mixup",)).values()} == {"COMPLETED"}
