"""Trainings by folds, and with trees: one model, answers that nobody has learnt, and no work done twice."""

import dataclasses
import os

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import log_loss

from core.features import KEY
from models.network.ensemble import members_of
from models.serving.embedder import embedder
from models.training.members import train_members as module
from models.training.members.parts import part_records
from models.training.members.train_members import train_members
from tests.models.training.trained import UNWEIGHTED

TREES = {"trees": {"enabled": True, "iterations": 5, "depth": 2}}
TABULAR = {"tabular": {"hidden_units": (16,), **TREES}}


@pytest.fixture(scope="module")
def by_folds(job_of, tmp_path_factory):
    """A training by three folds with trees, and what it kept."""
    job = job_of(model=TABULAR, loss=UNWEIGHTED, epochs=2, folds=3)
    folder = tmp_path_factory.mktemp("kept")
    return job, folder, train_members(job, str(folder), lambda member: [])


def inputs_of(files):
    inputs, labels = next(iter(files.batches(1000, 1000)))
    return inputs, labels.numpy()


def test_every_record_of_train_and_eval_is_answered_once_by_who_has_not_seen_it(by_folds, tmp_path):
    job, _, result = by_folds
    assert len(result.answers.keys) == len(set(result.answers.keys)) == 200
    assert sum(fold.records for fold in result.folds) == 200 and len(result.folds) == 3
    paths = [*job.train.paths, *job.evaluation.paths]
    parts = part_records(paths, job.train.feature_spec, str(tmp_path), 3, job.seed)
    assert {
        key.encode(): fold for key, fold in zip(result.answers.keys, result.answers.folds, strict=True)
    } == (parts.folds)
    for fold, network in enumerate(members_of(result.trained.model)):
        inputs, labels = inputs_of(dataclasses.replace(job.train, paths=[parts.own[fold]]))
        trees = result.trained.model.get_layer("trees")
        share = result.blend.network_share
        # Folds have nearly the same class shares, but not the very same.
        answer = share * softmax(network(inputs), axis=1) + (1 - share) * softmax(
            trees(inputs)[:, fold], axis=1
        )
        own = result.answers.folds == fold
        assert log_loss(labels, answer) == pytest.approx(
            log_loss(result.answers.labels[own], np.exp(result.answers.answers[own])), abs=0.02
        )


def test_model_answers_with_the_mean_of_all(by_folds):
    job, _, result = by_folds
    inputs, _ = inputs_of(job.evaluation)
    answers = np.exp(result.trained.model(inputs))
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    share, model = result.blend.network_share, result.trained.model
    mean = sum(
        share * softmax(model.get_layer(f"member_{fold}")(inputs), axis=1)
        + (1 - share) * softmax(model.get_layer("trees")(inputs)[:, fold], axis=1)
        for fold in range(3)
    )
    np.testing.assert_allclose(answers, mean / 3, atol=0.01)
    assert embedder(model)(inputs).shape == (len(answers), 3 * 8)


def test_network_and_trees_are_measured_out_of_fold(by_folds):
    _, _, result = by_folds
    together = log_loss(result.answers.labels, np.exp(result.answers.answers.astype(np.float64)))
    assert result.blend.log_loss["together"] == pytest.approx(together, rel=1e-5)
    assert result.blend.records == 200 and 0 < result.blend.network_share < 1


def test_epochs_are_counted_through_all_folds(by_folds):
    _, _, result = by_folds
    assert [row["epoch"] for row in result.trained.history] == [1, 2, 3, 4, 5, 6]
    assert [stage.name for stage in result.trained.stages] == ["fold 1", "fold 2", "fold 3"]
    best = [stage.best_epoch for stage in result.trained.stages]
    assert best == [2 * fold + figures.best_epoch for fold, figures in enumerate(result.folds)]
    values = [figures.monitor_value for figures in result.folds]
    assert result.trained.best.value == pytest.approx(np.mean(values))
    assert result.trained.best.best_epoch == best[int(np.argmax(values))]


def test_finished_folds_are_not_trained_again_and_come_to_the_same(by_folds, monkeypatch):
    job, folder, result = by_folds
    trained = []

    def train_member(own, callbacks):
        trained.append(own.seed)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "train_member", train_member)
    again = train_members(job, str(folder), lambda member: [])
    assert not trained
    np.testing.assert_array_equal(again.answers.log_probabilities, result.answers.log_probabilities)
    inputs, _ = inputs_of(job.evaluation)
    np.testing.assert_array_equal(again.trained.model(inputs), result.trained.model(inputs))
    with pytest.raises(KeyboardInterrupt):
        train_members(dataclasses.replace(job, seed=job.seed + 1), str(folder), lambda member: [])
    again.finish()
    assert len(trained) == 1 and not os.path.exists(folder)


def test_single_split_blends_by_eval(job_of):
    job = job_of(model={**TABULAR, "blend": 0.25}, loss={"class_weights": "inverse"}, epochs=1)
    result = train_members(job, None, lambda member: [])
    assert result.answers is None and not result.folds and result.blend.network_share == 0.25
    inputs, labels = inputs_of(job.evaluation)
    assert result.blend.records == len(labels)
    answers = np.exp(result.trained.model(inputs).numpy().astype(np.float64))
    assert log_loss(labels, answers) == pytest.approx(result.blend.log_loss["together"], rel=1e-4)
    # Class weights even the classes out; the answer is for the shares of train.
    assert result.trained.best.prior == pytest.approx([0.6, 0.3, 0.1], abs=0.01)


def test_trees_beside_one_network_need_no_keys(job_of):
    job = job_of(model=TABULAR, epochs=1)
    spec = {name: rule for name, rule in job.train.feature_spec.items() if name != KEY}
    train, evaluation = (
        dataclasses.replace(files, feature_spec=spec) for files in (job.train, job.evaluation)
    )
    result = train_members(
        dataclasses.replace(job, train=train, evaluation=evaluation), None, lambda member: []
    )
    assert result.blend.records == len(inputs_of(evaluation)[1])


def test_without_folds_and_trees_the_network_is_what_it_was(job_of, plain):
    result = train_members(job_of(loss=UNWEIGHTED), None, lambda member: [])
    assert result.trained.model.name == plain.model.name and result.kept is None and result.blend is None
