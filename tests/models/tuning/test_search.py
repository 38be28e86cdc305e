"""The search: which trials are run, in which order, what becomes of failures, how it goes on."""

import json

import pytest
from keras_tuner.engine.trial import TrialStatus

from models.tuning.leaderboard import as_csv, as_document, rows_of
from models.tuning.oracles import Rules
from models.tuning.search import NoTrialSucceededError
from models.tuning.trial_settings import plain_values

RATE = {"training.optimizer.learning_rate": {"float": [1e-4, 1e-2], "log": True, "default": 1e-3}}
LOSSES = {
    "loss.name": {"choice": ["focal", "cross_entropy", "balanced_softmax"]},
    "loss.gamma": {"float": [1, 3]},
    "loss.class_weights": {"choice": ["none", "inverse"]},
}
ALGORITHMS = ["random", "hyperband", "bayesian", "grid"]


def trials_of(algorithm, usual=8):
    """As many trials as a test takes: the Gaussian process thinks for long before each, but the first three."""
    return 6 if algorithm == "bayesian" else usual


class Killed(BaseException):
    """Stands for kill -9: nothing that is meant for errors sees it."""


def score(values):
    """A figure that depends on every value, whatever it is."""
    return sum(len(str(value)) for value in values.values()) % 17 / 17


def measured(values):
    return {"val_macro_f1": score(values), "epochs": float(values.get("tuner/epochs", 9))}


def run(search):
    search.search()
    return [(row.hyperparameters, row.score) for row in rows_of(search.oracle)]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_first_trial_has_the_defaults_and_all_are_different(search_of, algorithm):
    max_trials = trials_of(algorithm, 12)
    trials = run(search_of(measured, {**RATE, **LOSSES}, algorithm=algorithm, max_trials=max_trials))
    assert trials[0][0] == {
        "training.optimizer.learning_rate": 1e-3,
        "loss.name": "focal",
        "loss.gamma": 1.0,
    } | ({} if "balanced" in trials[0][0]["loss.name"] else {"loss.class_weights": "none"})
    if algorithm != "hyperband":
        assert len({json.dumps(values, sort_keys=True) for values, _ in trials}) == len(trials) == max_trials


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_settings_without_an_effect_are_never_sampled(search_of, algorithm):
    seen = []

    def measure(values):
        seen.append(plain_values(values))
        return measured(values)

    max_trials = trials_of(algorithm, 15)
    search_of(measure, {**RATE, **LOSSES}, algorithm=algorithm, max_trials=max_trials).search()
    for values in seen:
        assert ("loss.gamma" in values) == (values["loss.name"] == "focal")
        assert ("loss.class_weights" in values) == (values["loss.name"] != "balanced_softmax")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_same_seed_gives_the_same_trials_in_the_same_order(search_of, algorithm):
    settings = {"algorithm": algorithm, "max_trials": trials_of(algorithm)}
    one, other = (run(search_of(measured, {**RATE, **LOSSES}, name, **settings)) for name in ("one", "other"))
    assert one == other


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_combinations_that_are_refused_are_never_sampled(search_of, algorithm):
    space = {
        "model.branches": {"choice": ["single", "experts"]},
        "training.second_stage": {"choice": ["none", "crt"]},
        **RATE,
    }

    def admits(values):
        return values["model.branches"] == "single" or values["training.second_stage"] == "none"

    trials = run(search_of(measured, space, rules=Rules(admits), algorithm=algorithm, max_trials=12))
    assert all(admits(values) for values, _ in trials)
    if algorithm == "random":  # Which draws from the whole space.
        assert {values["model.branches"] for values, _ in trials} == {"single", "experts"}


def test_grid_goes_through_all_combinations_once(search_of):
    trials = run(
        search_of(measured, LOSSES | {"loss.gamma": {"choice": [1.0, 2.0]}}, algorithm="grid", max_trials=99)
    )
    names = [values["loss.name"] for values, _ in trials]
    # focal: 2 gammas x 2 weights; cross_entropy: 2 weights; balanced_softmax: neither.
    assert (names.count("focal"), names.count("cross_entropy"), names.count("balanced_softmax")) == (4, 2, 1)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_killed_search_goes_on_with_no_trial_done_twice(search_of, algorithm):
    runs = []

    def measure(values):
        runs.append(plain_values(values))
        if len(runs) == 5:
            raise Killed
        return measured(values)

    settings = {"algorithm": algorithm, "max_trials": trials_of(algorithm)}
    with pytest.raises(Killed):
        search_of(measure, {**RATE, **LOSSES}, **settings).search()
    resumed = run(search_of(measure, {**RATE, **LOSSES}, **settings))
    undisturbed = run(search_of(measured, {**RATE, **LOSSES}, "undisturbed", **settings))
    assert resumed == undisturbed
    assert len(runs) == len(undisturbed) + 1
    assert runs[4] == runs[5]


def test_search_that_is_done_runs_nothing_more(search_of):
    before = run(search_of(measured, RATE))

    def measure(values):
        raise AssertionError("no trial is left")

    assert run(search_of(measure, RATE)) == before


def test_a_larger_budget_goes_on_with_the_smaller_one(search_of):
    few = run(search_of(measured, RATE, max_trials=3))
    assert run(search_of(measured, RATE, max_trials=5))[:3] == few


def test_failed_trials_are_recorded_and_the_search_goes_on(search_of):
    count = iter(range(100))

    def measure(values):
        if next(count) in (1, 2, 3, 4):
            raise ValueError("the loss is NaN")
        return measured(values)

    search = search_of(measure, RATE)
    search.search()
    rows = rows_of(search.oracle)
    assert [row.status for row in rows] == ["completed"] + ["failed"] * 4 + ["completed"] * 3
    assert rows[2].message == "ValueError: the loss is NaN" and rows[2].score is None
    assert search.get_best_hyperparameters()[0].values == dict(
        max((row for row in rows if row.score is not None), key=lambda row: row.score).hyperparameters
    )


def test_hyperband_goes_on_with_the_best_though_some_have_failed(search_of):
    numbers = iter(range(100))

    def measure(values):
        # Six of the eight trials that begin in the largest bracket.
        if next(numbers) in (1, 2, 4, 5, 6, 8):
            raise MemoryError("out of memory")
        return measured(values)

    search = search_of(measure, {**RATE, **LOSSES}, algorithm="hyperband", max_trials=19, epochs=9)
    search.search()
    trials = list(search.oracle.trials.values())
    of_bracket = [trial for trial in trials if trial.hyperparameters.values.get("tuner/bracket") == 2]
    epochs = [trial.hyperparameters.values["tuner/epochs"] for trial in of_bracket]
    assert epochs == [1] * 8 + [3] * 2 + [9]
    done = [trial for trial in of_bracket[:8] if trial.status == TrialStatus.COMPLETED]
    assert {trial.hyperparameters.values["tuner/trial_id"] for trial in of_bracket[8:10]} == {
        trial.trial_id for trial in done
    }


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_trial_in_which_the_process_is_killed_twice_fails(search_of, algorithm):
    runs = []

    def measure(values):
        runs.append(plain_values(values))
        if len(runs) in (3, 4):
            raise Killed
        return measured(values)

    space = {**RATE, **LOSSES}
    settings = {"algorithm": algorithm, "max_trials": trials_of(algorithm)}
    for _ in range(2):
        with pytest.raises(Killed):
            search_of(measure, space, **settings).search()
    search = search_of(measure, space, **settings)
    search.search()
    rows = rows_of(search.oracle)
    assert runs[2] == runs[3]
    assert [row.trial for row in rows if row.status == "failed"] == [3]
    assert "killed 2 times" in rows[2].message
    assert len(runs) == len(rows) + 1


def test_search_that_somebody_stops_blames_no_trial(search_of):
    runs = []

    def measure(values):
        runs.append(values)
        if len(runs) in (3, 4, 5):
            raise KeyboardInterrupt
        return measured(values)

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            search_of(measure, RATE).search()
    search = search_of(measure, RATE)
    search.search()
    assert {row.status for row in rows_of(search.oracle)} == {"completed"}


def test_trial_with_a_score_that_is_no_number_fails(search_of):
    scores = iter([0.5, float("nan"), 0.25])
    search = search_of(lambda values: {"val_macro_f1": next(scores), "epochs": 1.0}, RATE, max_trials=3)
    search.search()
    assert [trial.status for trial in search.oracle.trials.values()] == [
        TrialStatus.COMPLETED,
        TrialStatus.FAILED,
        TrialStatus.COMPLETED,
    ]
    as_document(search.oracle).to_bytes()


def test_search_in_which_all_fail_says_why(search_of):
    def measure(values):
        raise MemoryError("out of memory")

    with pytest.raises(NoTrialSucceededError, match=r"All 3 trials .* MemoryError: out of memory"):
        search_of(measure, RATE, max_trials=3).search()


def test_objective_that_is_not_measured_fails_and_lists_what_is(search_of):
    with pytest.raises(NoTrialSucceededError, match=r"no val_accuracy\. Measured: epochs, val_macro_f1"):
        search_of(measured, RATE, objective="val_accuracy", max_trials=2).search()


def test_losses_are_minimised(search_of):
    losses = iter([0.9, 0.3, 0.6])
    search = search_of(lambda values: {"val_loss": next(losses)}, RATE, objective="val_loss", max_trials=3)
    search.search()
    assert as_document(search.oracle).best_trial == 2
    assert search.oracle.get_best_trials()[0].score == 0.3


def test_no_trial_begins_after_the_minutes(search_of):
    trials = run(search_of(measured, RATE, rules=Rules(max_minutes=1e-9), max_trials=9))
    assert len(trials) == 1


def test_of_equally_good_trials_the_first_is_taken(search_of):
    search = search_of(lambda values: {"val_macro_f1": 0.5}, RATE)
    search.search()
    assert search.get_best_hyperparameters()[0].values == {"training.optimizer.learning_rate": 1e-3}
    assert as_document(search.oracle).best_trial == 1


def test_hyperband_trains_the_best_for_longer(search_of):
    search = search_of(measured, {**RATE, **LOSSES}, algorithm="hyperband", max_trials=19, epochs=9)
    search.search()
    values = [trial.hyperparameters.values for trial in search.oracle.trials.values()]
    assert [one["tuner/epochs"] for one in values[:9]] == [9] + [1] * 8
    by_id = search.oracle.trials
    for trial in by_id.values():
        past = trial.hyperparameters.values.get("tuner/trial_id")
        if past is not None:
            assert (
                trial.hyperparameters.values["tuner/epochs"]
                == 3 * by_id[past].hyperparameters.values["tuner/epochs"]
            )
            assert plain_values(trial.hyperparameters.values) == plain_values(
                by_id[past].hyperparameters.values
            )
    assert len(values) <= 19 and sum("tuner/trial_id" in one for one in values) == 4


def test_lists_and_null_travel_through_keras_tuner(search_of):
    space = {
        "model.tabular.hidden_units": {"choice": [[64], [128, 64]]},
        "training.deferred": {"choice": [None, 20]},
        "augmentation.crop_flip": {"choice": [True, False]},
    }
    trials = run(search_of(measured, space, algorithm="grid", max_trials=99))
    assert len(trials) == 8
    assert {json.dumps(values["model.tabular.hidden_units"]) for values, _ in trials} == {"[64]", "[128, 64]"}
    assert {values["training.deferred"] for values, _ in trials} == {None, 20}
    assert {values["augmentation.crop_flip"] for values, _ in trials} == {True, False}


def test_table_has_a_line_for_each_trial(search_of):
    search = search_of(measured, LOSSES, algorithm="grid", max_trials=3)
    search.search()
    lines = as_csv(rows_of(search.oracle)).splitlines()
    assert lines[0].startswith("trial,status,score,epochs,seconds,loss.name")
    assert [line.split(",")[:2] for line in lines[1:]] == [[str(n), "completed"] for n in (1, 2, 3)]


def test_state_that_was_killed_between_two_writes_is_mended(search_of):
    search = search_of(measured, RATE, max_trials=4)
    before = run(search)
    path = search.oracle._get_oracle_fname()
    with open(path) as handle:
        state = json.load(handle)
    # The third trial had ended, and the fourth was written down, but nobody had been told yet.
    state.update(ongoing_trials={"tuner0": "2"}, start_order=["0", "1", "2"], end_order=["0", "1", "2"])
    state.update(seed_state=state["seed"] + 2)
    state["tried_so_far"].remove(state["id_to_hash"].pop("3"))
    with open(path, "w") as handle:
        json.dump(state, handle)
    runs = []

    def measure(values):
        runs.append(values)
        return measured(values)

    assert run(search_of(measure, RATE, max_trials=4)) == before
    assert len(runs) == 1
