"""Trials that are scored by folds."""

import numpy as np
import pytest

from models.settings import TrainingSections
from models.training.members.parts import part_records, read_bookkeeping
from models.tuning.measure import EPOCHS, Measure, mean_figures


def test_a_trial_is_scored_by_the_mean_of_its_folds(job_of, tmp_path):
    job = job_of(epochs=1, folds=2, monitor="val_accuracy")
    own = TrainingSections(
        model=job.model, loss=job.loss, training=job.training, augmentation=job.augmentation, seed=job.seed
    )
    measure = Measure(lambda settings: job, own, 1, False, by_folds=True)
    figures = measure({}, str(tmp_path))
    assert figures[EPOCHS] == 2
    paths = [*job.train.paths, *job.evaluation.paths]
    parts = part_records(paths, job.train.feature_spec, str(tmp_path), 2, job.seed)
    sizes = [len(read_bookkeeping([path], job.train.feature_spec).keys) for path in parts.own]
    with np.load(tmp_path / "answers.npz") as answers:
        hits = answers["probabilities"].argmax(axis=1) == answers["labels"]
    assert len(hits) == sum(sizes) == 200
    folds = np.split(hits, [sizes[0]])
    assert figures["val_accuracy"] == pytest.approx(np.mean([fold.mean() for fold in folds]), rel=1e-6)


def test_figures_that_only_some_folds_have_are_left_out():
    folds = [{"val_loss": 1.0, "val_recall_2": 0.5, EPOCHS: 3.0}, {"val_loss": 2.0, EPOCHS: 4.0}]
    assert mean_figures(folds) == {"val_loss": 1.5, EPOCHS: 7.0}
