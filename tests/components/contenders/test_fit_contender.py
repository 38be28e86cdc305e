"""Contenders against scikit-learn and imbalanced-learn called by hand on the same arrays."""

from typing import get_args

import numpy as np
import pytest
from imblearn.ensemble import BalancedRandomForestClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, recall_score

from components.contenders.estimators import MOST_CATEGORIES, make_contender, table_matrix
from components.contenders.fit_contender import ContenderData, fit_contender, not_fitted
from components.contenders.settings import ContenderName
from components.decision_calibrator.settings import DecisionSettings
from core.documents.contender_results import ContenderRule

CLASSES = ["good", "bad"]
PLAIN = DecisionSettings(calibrate=False)


def records(size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two numbers, two flags that say nothing, and a category of which the third is bad more often."""
    random = np.random.default_rng(seed)
    labels = (random.random(size) < 0.15).astype(np.int64)
    numbers = random.normal(labels[:, np.newaxis] * [1.0, -0.5], 1, (size, 2))
    line = np.where(labels & (random.random(size) < 0.6), 2, random.integers(0, 3, size))
    numeric = np.concatenate([numbers, np.zeros((size, 2))], axis=1)
    return table_matrix(numeric, line[:, np.newaxis]), labels


TRAIN, EVAL, TEST = records(900, 1), records(400, 2), records(700, 3)


def data(**changes) -> ContenderData:
    fields = {
        "train": TRAIN,
        "evaluation": EVAL,
        "test": TEST,
        "classes": CLASSES,
        "decision": PLAIN,
        "seed": 5,
    }
    return ContenderData(**{**fields, **changes})


def run(name: str, **changes):
    return fit_contender(name, make_contender(name, 4, 1, np.bincount(TRAIN[1]), seed=5), data(**changes))


def by_hand(name: str) -> np.ndarray:
    """Returns the probabilities of the rarer class on test."""
    if name == "logistic_regression":
        mean, deviation = TRAIN[0][:, :2].mean(axis=0), TRAIN[0][:, :2].std(axis=0)

        def inputs(matrix):
            return np.hstack([(matrix[:, :2] - mean) / deviation, np.eye(3)[matrix[:, 4].astype(int)]])

        model = LogisticRegression(max_iter=1000).fit(inputs(TRAIN[0]), TRAIN[1])
        return model.predict_proba(inputs(TEST[0]))[:, 1]
    if name == "balanced_random_forest":
        model = BalancedRandomForestClassifier(
            sampling_strategy="all", replacement=True, bootstrap=False, random_state=5
        )
    else:
        model = HistGradientBoostingClassifier(
            categorical_features=[4],
            class_weight="balanced" if name.startswith("weighted") else None,
            random_state=5,
        )
    return model.fit(*TRAIN).predict_proba(TEST[0])[:, 1]


@pytest.mark.parametrize(
    "name",
    ["logistic_regression", "gradient_boosting", "weighted_gradient_boosting", "balanced_random_forest"],
)
def test_ranking_is_that_of_the_library_called_by_hand(name):
    expected = average_precision_score(TEST[1], by_hand(name))
    tolerance = 1e-4 if name == "logistic_regression" else 1e-9
    assert run(name).per_class["bad"].average_precision == pytest.approx(expected, abs=tolerance)
    assert expected > 0.3


def test_plain_probabilities_and_decisions_are_those_of_the_library():
    rare = by_hand("gradient_boosting")
    result = run("gradient_boosting")
    decided = (rare > 0.5).astype(int)
    assert result.summary.macro_f1 == pytest.approx(f1_score(TEST[1], decided, average="macro"))
    brier = np.mean((np.stack([1 - rare, rare], axis=1) - np.eye(2)[TEST[1]]) ** 2) * 2
    assert result.summary.brier == pytest.approx(brier)
    assert result.rule == ContenderRule(name="argmax", weights={"good": 1.0, "bad": 1.0})


def test_probabilities_that_assume_balance_get_the_natural_prior_back():
    rare = by_hand("weighted_gradient_boosting")
    share = TRAIN[1].mean()
    odds = rare / (1 - rare) * share / (1 - share)
    decided = (odds > 1).astype(int)
    expected = f1_score(TEST[1], decided, average="macro")
    assert run("weighted_gradient_boosting").summary.macro_f1 == pytest.approx(expected)
    assert expected != pytest.approx(f1_score(TEST[1], rare > 0.5, average="macro"), abs=1e-3)


def test_the_rule_is_the_experiments_and_fitted_on_eval():
    result = run("gradient_boosting", decision=DecisionSettings(rule={"min_recall": {"bad": 0.8}}))
    model = HistGradientBoostingClassifier(categorical_features=[4], random_state=5).fit(*TRAIN)
    weight = result.rule.weights["bad"]
    assert result.rule.name == "min_recall" and weight > 1
    assert result.per_class["bad"].recall > run("gradient_boosting").per_class["bad"].recall
    # Calibration is monotone: the rule takes the eval records ranked highest, and 80 % of the bad ones with them.
    rare = model.predict_proba(EVAL[0])[:, 1]
    test = model.predict_proba(TEST[0])[:, 1]
    reached = np.sort(rare[EVAL[1] == 1])[::-1][int(np.ceil(0.8 * EVAL[1].sum())) - 1]
    recall = recall_score(TEST[1], test >= reached)
    assert result.per_class["bad"].recall >= recall - 0.02


def test_logistic_regression_has_its_threshold_tuned_for_macro_f1_where_the_experiment_says_argmax():
    result = run("logistic_regression")
    assert result.rule.name == "macro_f1" and result.rule.weights["bad"] != 1
    untuned = f1_score(TEST[1], by_hand("logistic_regression") > 0.5, average="macro")
    assert result.summary.macro_f1 > untuned
    asked = run("logistic_regression", decision=DecisionSettings(calibrate=False, rule="balanced_accuracy"))
    assert asked.rule.name == "balanced_accuracy"


@pytest.mark.parametrize("rule", ["argmax", "macro_f1", {"cost_matrix": {"bad": {"good": 1000}}}])
def test_the_majority_decides_for_the_commonest_class_whatever_the_rule(rule):
    result = run("majority", decision=DecisionSettings(rule=rule))
    assert result.confusion.counts == ((int((TEST[1] == 0).sum()), 0), (int(TEST[1].sum()), 0))
    assert result.per_class["bad"].average_precision == pytest.approx(TEST[1].mean())


def test_the_linear_probe_weighs_all_classes_alike():
    result = fit_contender(
        "linear_probe", make_contender("linear_probe", 0, 0, np.bincount(TRAIN[1]), 5), data()
    )
    centred = [
        (part[0] - TRAIN[0].mean(0)) / np.where(TRAIN[0].std(0), TRAIN[0].std(0), 1) for part in (TRAIN, TEST)
    ]
    model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(centred[0], TRAIN[1])
    expected = average_precision_score(TEST[1], model.predict_proba(centred[1])[:, 1])
    assert result.per_class["bad"].average_precision == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", ["gradient_boosting", "balanced_random_forest"])
def test_the_same_seed_gives_the_same_figures(name):
    first, second = (run(name) for _ in range(2))
    assert first.without_seconds() == second.without_seconds()


def test_every_name_in_the_settings_is_a_contender():
    for name in get_args(ContenderName):
        assert hasattr(make_contender(name, 1, 1, np.array([5, 5]), seed=0).estimator, "predict_proba")


def test_categories_beyond_what_boosting_tells_apart_are_one():
    matrix = table_matrix(np.zeros((3, 1)), np.array([[3], [MOST_CATEGORIES - 1], [4000]]))
    assert matrix[:, 1].tolist() == [3, 254, 254]
    labels = np.tile([0, 1], 500)
    many = table_matrix(np.zeros((1000, 1)), np.arange(1000)[:, np.newaxis])
    make_contender("gradient_boosting", 1, 1, np.bincount(labels), 0).estimator.fit(many, labels)


def test_a_class_with_one_record_is_learnt_from():
    inputs, labels = np.random.default_rng(0).normal(size=(12_000, 1)), np.zeros(12_000, int)
    labels[7] = 1
    for name in ("gradient_boosting", "balanced_random_forest"):
        make_contender(name, 1, 0, np.bincount(labels), 0).estimator.fit(inputs, labels)


def test_who_cannot_take_part_says_why():
    result = not_fitted("There is no image.")
    assert result.notes == ("There is no image.",) and result.as_dict()["summary"] == {}
    assert set(result.as_dict()) == set(run("majority").as_dict())


@pytest.mark.parametrize(("num_numeric", "num_categorical"), [(2, 0), (0, 2)])
def test_columns_of_one_kind_are_enough(num_numeric, num_categorical):
    inputs, labels = np.random.default_rng(0).integers(0, 3, (60, 2)).astype(float), np.arange(60) % 3
    for name in ("logistic_regression", "gradient_boosting", "balanced_random_forest"):
        made = make_contender(name, num_numeric, num_categorical, np.bincount(labels), seed=0)
        assert made.estimator.fit(inputs, labels).predict_proba(inputs).shape == (60, 3), name


def test_costs_of_the_record_decide_for_contenders_too():
    costs = {"class": "bad", "miss": {"column": "amount"}, "false_alarm": 5}
    decision = DecisionSettings(calibrate=False, costs=costs, abstain={"cost": 3})
    amounts = np.random.default_rng(0).gamma(1, 50, (len(TEST[1]), 1))
    result = run("gradient_boosting", decision=decision, test_amounts=amounts)
    p, miss, is_bad = by_hand("gradient_boosting"), amounts[:, 0], TEST[1] == 1
    acts = p * miss > 5 * (1 - p)
    expected = np.where(is_bad, np.where(acts, 0, miss), np.where(acts, 5, 0)).mean()
    assert result.mean_cost == pytest.approx(expected, rel=0.01) and result.rule.name == "costs"
    never = run("majority", decision=decision, test_amounts=amounts)
    assert never.mean_cost == pytest.approx(np.where(is_bad, miss, 0).mean())
    assert "mean_cost" not in run("majority").as_dict()
