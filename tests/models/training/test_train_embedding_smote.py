"""Synthetic embeddings in the frozen phase of a training."""

import math
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from core.features import MISSING, NUMERIC
from tests.models.training.trained import SMOTE, UNWEIGHTED, changed_layers, figures, head_only, step_ends


def test_synthetic_embeddings_train_the_head_and_count_in_its_prior(job_of, trained_by, pretrained):
    without = trained_by(head_only(job_of, pretrained))
    grown, again = (trained_by(head_only(job_of, pretrained, augmentation=SMOTE)) for _ in range(2))
    assert changed_layers(grown, without) == {"embedding", "logits"}
    assert changed_layers(grown, again) == set()
    assert figures(grown) == figures(again)
    counts = grown.class_counts
    assert counts.tolist() == without.class_counts.tolist() and counts.max() > counts.min()
    np.testing.assert_allclose(grown.best.prior, 1 / 3)
    np.testing.assert_allclose(without.best.prior, counts / counts.sum())


def test_an_epoch_of_the_head_goes_over_as_many_embeddings_as_planned(job_of, trained_by, pretrained):
    job = head_only(job_of, pretrained, epochs=1, batch_size=8, augmentation=SMOTE)
    trained = []
    ends = step_ends(lambda callbacks: trained.append(trained_by(job, callbacks, traced=False)))
    counts = trained[0].class_counts
    assert ends[-1] + 1 == math.ceil(3 * counts.max() / 8) > math.ceil(counts.sum() / 8)


def test_later_phases_learn_from_the_real_images_alone(job_of, trained_by, pretrained, keep_the_last):
    image = {"size": (10, 8), "channels": 1, "alpha": 0.25, "weights": pretrained, "frozen_epochs": 1}
    model = {"image": {**image, "fine_tune": "last_block"}, "embedding_units": 8}
    trained = trained_by(job_of("image", model, UNWEIGHTED, SMOTE, epochs=2), traced=False)
    head, last_block = trained.stages
    np.testing.assert_allclose(head.prior, 1 / 3)
    np.testing.assert_allclose(last_block.prior, trained.class_counts / trained.class_counts.sum())


def test_embeddings_beside_a_table_are_refused(job_of, trained_by, pretrained):
    job = head_only(job_of, pretrained, augmentation=SMOTE)
    # No record holds these columns: their defaults stand beside the images.
    columns = {name: tf.io.FixedLenFeature([1], tf.float32, [0.0]) for name in (NUMERIC, MISSING)}
    splits = {
        split: replace(files, feature_spec={**files.feature_spec, **columns})
        for split, files in (("train", job.train), ("evaluation", job.evaluation))
    }
    with pytest.raises(ValueError, match=r"no columns to stand beside it.*'numeric'.*rotate_scale"):
        trained_by(replace(job, inputs=replace(job.inputs, num_numeric=1), **splits))


def test_a_training_without_a_frozen_epoch_says_that_nothing_was_made(job_of, trained_by, pretrained):
    image = {"size": (10, 8), "channels": 1, "alpha": 0.25, "weights": pretrained, "fine_tune": "all"}
    trained = trained_by(
        job_of("image", {"image": image, "embedding_units": 8}, augmentation=SMOTE, epochs=1)
    )
    assert any("of 1 epochs none is frozen" in warning for warning in trained.warnings)
