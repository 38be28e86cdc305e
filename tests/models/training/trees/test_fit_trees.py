from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from catboost import CatBoostClassifier

from models.network.classifier import InputShape
from models.network.trees.trees_model import trees_model
from models.settings import TreesSettings
from models.training.trees import fit_trees as module
from models.training.trees.fit_trees import fit_trees
from models.training.trees.tree_features import tree_features
from models.training.trees.tree_records import TreeRecords
from tests.models.training.trees.made_records import SIZES, made_records

FEW = TreesSettings(iterations=8, depth=3, learning_rate=0.5)


def inputs_of(records):
    columns = {"numeric": records.numeric, "missing": records.missing, "categorical": records.categorical}
    return {name: tf.constant(values) for name, values in columns.items() if values.shape[1]}


def probabilities(fitted, records):
    model = trees_model(InputShape(None, fitted.num_numeric, fitted.categorical_sizes), fitted)
    return tf.nn.softmax(model(inputs_of(records))).numpy()


@pytest.fixture
def classifiers(monkeypatch):
    """CatBoost's classifiers of the fits in a test."""
    kept = []
    take = module.boosted_trees
    monkeypatch.setattr(module, "boosted_trees", lambda model: kept.append(model) or take(model))
    return kept


@pytest.mark.parametrize(("num_classes", "one_hot_max_size"), [(2, 8), (5, 0), (5, 20)])
def test_probabilities_are_those_of_catboost(num_classes, one_hot_max_size, classifiers):
    train = made_records(1, 300, num_classes, weighted=True)
    asked = FEW.model_copy(update={"one_hot_max_size": one_hot_max_size})
    fitted = fit_trees(train, None, num_classes, SIZES, asked, 0)
    new = made_records(2, 100, num_classes)
    features = tree_features(train, num_classes, SIZES, one_hot_max_size, 0).of(new)
    expected = classifiers[0].predict_proba(features)
    assert np.ptp(expected, axis=0).min() > 0.1
    np.testing.assert_allclose(probabilities(fitted, new), expected, rtol=0, atol=1e-6)


def test_without_categories_it_is_catboost_of_numbers_with_gaps_in_them():
    train, new = made_records(1, sizes=()), made_records(2, sizes=())
    own = CatBoostClassifier(
        iterations=8, depth=3, learning_rate=0.5, random_seed=4, allow_writing_files=False, verbose=0
    )
    own.fit(np.where(train.missing, np.nan, train.numeric), train.labels)
    expected = own.predict_proba(np.where(new.missing, np.nan, new.numeric))
    found = probabilities(fit_trees(train, None, 2, (), FEW, 4), new)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_a_seed_fixes_every_byte_and_another_one_gives_other_trees():
    train = made_records(1)
    first, again, other = (fit_trees(train, None, 2, SIZES, FEW, seed).to_arrays() for seed in (3, 3, 4))
    assert all(values.tobytes() == again[name].tobytes() for name, values in first.items())
    assert any(values.tobytes() != other[name].tobytes() for name, values in first.items())


@pytest.mark.parametrize("present", [[0, 1, 2], [1, 2]])
def test_classes_without_records_are_all_but_ruled_out(present):
    asked = FEW.model_copy(update={"one_hot_max_size": 20})
    train = made_records(1, num_classes=3)
    train = train.taken(np.isin(train.labels, present))
    shifted, alone = replace(train, labels=train.labels + 1), replace(train, labels=train.labels - present[0])
    found = probabilities(fit_trees(shifted, None, 5, SIZES, asked, 0), train)
    expected = probabilities(fit_trees(alone, None, len(present), SIZES, asked, 0), train)
    here = np.array(present) + 1
    assert np.delete(found, here, axis=1).max() < 1 / len(train)
    shares = found[:, here] / found[:, here].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("num_classes", "expected"), [(2, [1 / 12, 11 / 12]), (3, [1 / 13, 11 / 13, 1 / 13])]
)
def test_records_of_one_class_are_answered_with_its_share(num_classes, expected):
    train = replace(made_records(1, 10), labels=np.ones(10, int))
    found = probabilities(fit_trees(train, None, num_classes, SIZES, FEW, 0), made_records(2))
    np.testing.assert_allclose(found, np.tile(expected, (200, 1)), rtol=1e-6)


def test_records_that_are_all_alike_are_answered_with_the_weighted_shares_of_the_classes():
    zeros = np.zeros((4, 1), np.float32)
    train = TreeRecords(
        zeros, zeros, np.zeros((4, 1), int), np.array([0, 0, 0, 1]), np.array([2, 2, 2, 10.0])
    )
    found = probabilities(fit_trees(train, None, 2, (3,), FEW, 0), train)
    np.testing.assert_allclose(found, np.tile([(1.5 + 1) / 6, (2.5 + 1) / 6], (4, 1)), rtol=1e-6)


def test_held_out_records_may_have_gaps_and_classes_that_training_records_have_not(classifiers):
    train, held_out = made_records(1, 400), made_records(2, 400, num_classes=3, weighted=True)
    whole = replace(train, missing=np.zeros_like(train.missing))
    fitted = fit_trees(whole, held_out, 3, SIZES, FEW.model_copy(update={"iterations": None}), 0)
    losses = classifiers[0].get_evals_result()["validation"]["Logloss"]
    assert fitted.num_trees == np.argmin(losses) + 1 < len(losses)


def test_a_fit_without_records_of_its_classes_held_out_has_the_trees_it_may_have(monkeypatch):
    monkeypatch.setattr("models.training.trees.boosted_trees._MOST_ITERATIONS", 7)
    train = made_records(1)
    for held_out in (None, train.taken(np.arange(0)), replace(train, labels=np.full(200, 2))):
        assert fit_trees(train, held_out, 3, SIZES, TreesSettings(depth=2), 0).num_trees == 7


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": np.full(200, 2)}, r"`labels` must lie in \[0, 2\)"),
        ({"categorical": np.full((200, 2), 4)}, r"`categorical\[:, 0\]` must lie in \[0, 4\)"),
        ({"categorical": np.zeros((200, 1), int)}, "a column for each"),
        ({"weights": np.full(200, np.nan)}, "`weights` must be finite"),
        ({"weights": np.zeros(200)}, "not all 0"),
    ],
)
def test_records_that_do_not_fit_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        fit_trees(replace(made_records(1), **changes), None, 2, SIZES, FEW, 0)


def test_one_class_or_no_record_is_refused():
    train = made_records(1)
    for records, num_classes in ((train, 1), (train.taken(np.arange(0)), 2)):
        with pytest.raises(ValueError, match="two classes and a record"):
            fit_trees(records, None, num_classes, SIZES, FEW, 0)


def test_arrays_of_different_records_are_refused():
    with pytest.raises(ValueError, match="the same records"):
        replace(made_records(1), labels=np.zeros(3, int))
