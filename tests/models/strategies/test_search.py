"""Searches over real trainings, on eval and out of fold."""

import dataclasses
import json

import numpy as np
import pytest
from tensorflow.python.framework import config as tf_config

from components.strategy_search.describe import as_csv, described
from core.strategy_plan import PlannedStrategy, SearchTask, StrategyPlan
from models.settings import LossSettings, ModelSettings, TrainingSettings
from models.strategies import search
from models.strategies.oracle import Budget
from models.strategies.search import search_fn

STRATEGIES = (
    PlannedStrategy(name="rule_macro_f1", family="decision", rule="macro_f1"),
    PlannedStrategy(
        name="oversample", family="augmentation", settings={"augmentation.tabular": "oversample"}
    ),
    PlannedStrategy(name="tau_norm", family="second stage", settings={"training.second_stage": "tau_norm"}),
)
SEEDS = 2


@pytest.fixture(scope="module")
def task_of(data_of, tmp_path_factory):
    """Makes the task of a search on a table; each number of folds has a folder of its own."""
    data, folder = data_of("table"), tmp_path_factory.mktemp("strategies")
    for split, rows in (("train", range(data.num_train)), ("eval", range(data.num_train, len(data.records)))):
        data.transformed.write(folder / "examples" / f"Split-{split}", rows)

    def make(folds: int) -> SearchTask:
        training = TrainingSettings(epochs=2, batch_size=32, folds=folds, optimizer={"learning_rate": 0.02})
        settings = {
            "model": ModelSettings(tabular={"hidden_units": (8,), "numeric_embedding": "none"}).model_dump(
                mode="json"
            ),
            "loss": LossSettings(class_weights="none").model_dump(mode="json"),
            "training": training.model_dump(mode="json"),
            "label": "defect kind",
            "image": None,
            "augmentation": {"image": "none", "tabular": "none"},
            "seed": 3,
        }
        return SearchTask(
            examples=str(folder / "examples"),
            transform_graph=data.transformed.folder,
            training=settings,
            plan=StrategyPlan(strategies=STRATEGIES, seeds=SEEDS),
            folder=str(folder / f"folds {folds}"),
            judge_fn="components.strategy_search.judge.judge",
            augment_fn="components.minority_augmenter.augment.augment",
        )

    yield make
    # What trains has its process to itself; here other tests follow, and some draw without a seed.
    tf_config.disable_op_determinism()


@pytest.fixture(scope="module")
def on_eval(task_of):
    return search_fn(task_of(1))


def test_all_networks_answer_the_records_of_eval(on_eval, data_of):
    data = data_of("table")
    names = [record["defect kind"] for record in data.records[data.num_train :]]
    for one in (on_eval.plain, *on_eval.singles):
        assert set(one.answers) == set(range(SEEDS)) and one.failed == ()
        for answers in one.answers.values():
            assert [on_eval.names[label] for label in answers.labels] == names
            assert answers.probabilities.sum(axis=1) == pytest.approx(np.ones(len(names)), abs=1e-5)
            assert answers.prior.sum() == pytest.approx(1)


def test_a_rule_decides_what_plain_cross_entropy_answered(on_eval):
    rule = next(one for one in on_eval.singles if one.combination.rule == "macro_f1")
    for seed, answers in rule.answers.items():
        assert (answers.probabilities == on_eval.plain.answers[seed].probabilities).all()


def test_networks_of_another_seed_or_strategy_answer_otherwise(on_eval):
    # Where no tau is better than none, the normalised network is the plain one.
    others = [on_eval.plain, *(one for one in on_eval.singles if one.combination.names == ("oversample",))]
    answers = [answers.probabilities for one in others for answers in one.answers.values()]
    assert len({one.tobytes() for one in answers}) == len(others) * SEEDS


def test_records_are_made_for_one_strategy_alone(on_eval, task_of):
    oversample = next(one for one in on_eval.singles if one.combination.names == ("oversample",))
    for answers in oversample.answers.values():
        # Every class is as large as the largest.
        assert answers.prior == pytest.approx(np.full(3, 1 / 3))
    for answers in on_eval.plain.answers.values():
        assert answers.prior == pytest.approx(np.array(on_eval.classes.counts) / sum(on_eval.classes.counts))


def test_a_search_that_is_done_trains_nothing(on_eval, task_of, monkeypatch):
    monkeypatch.setattr(search.StrategyMeasure, "__call__", None)
    again = search_fn(task_of(1))
    plan = task_of(1).plan
    assert as_csv(described(again, plan, False)) == as_csv(described(on_eval, plan, False))


def test_the_results_are_described_in_full(on_eval, task_of):
    found = described(on_eval, task_of(1).plan, out_of_fold=False)
    assert found.judged_by == "eval" and found.records == 40 and found.looked_at == len(STRATEGIES)
    assert sum(found.per_class.values()) == 40 and list(found.per_class) == on_eval.names
    assert found.rarest == on_eval.names[2]
    assert [one.names for one in found.singles] == [(one.name,) for one in STRATEGIES]
    for one in found.singles:
        assert set(one.differences) == set(found.plain.figures) and one.verdict is not None
        for name, difference in one.differences.items():
            value = one.figures[name] - found.plain.figures[name]
            assert difference.value == pytest.approx(value, abs=1e-9)
    assert json.loads(found.to_bytes())["version"] == 1
    lines = as_csv(found).splitlines()
    assert len(lines) == 2 + len(STRATEGIES) and lines[1].startswith("plain cross entropy,")


def test_time_is_kept_for_a_training_with_all_folds(task_of, monkeypatch):
    kept = []
    monkeypatch.setattr(search, "budget_of", lambda minutes, folder, final: kept.append(final) or Budget())
    for folds, judging in ((5, 2), (5, None), (1, None)):
        task = task_of(folds)
        plan = task.plan.model_copy(update={"folds": judging})
        search.StrategySearch(dataclasses.replace(task, plan=plan, folder=f"{task.folder} {judging}"))
    assert kept == [4, 1, 1]


@pytest.mark.slow
def test_out_of_fold_every_record_of_train_and_eval_is_answered_once(task_of, data_of):
    found = search_fn(task_of(2))
    records = data_of("table").records
    expected = [
        record["defect kind"] for record in sorted(records, key=lambda one: one["record_key"].encode())
    ]
    for one in (found.plain, *found.singles):
        for answers in one.answers.values():
            assert [found.names[label] for label in answers.labels] == expected
    assert described(found, task_of(2).plan, out_of_fold=True).records == len(records)
    # Of an experiment with more folds, two judge alike where the plan says so.
    task = task_of(3)
    task = dataclasses.replace(task, plan=task.plan.model_copy(update={"folds": 2}))
    again = search_fn(task)
    for seed, answers in found.plain.answers.items():
        assert (again.plain.answers[seed].probabilities == answers.probabilities).all()
    assert described(again, task.plan, out_of_fold=True).folds == 2
