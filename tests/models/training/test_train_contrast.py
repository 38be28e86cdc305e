"""The contrastive loss beside that of a classifier, through all stages."""

import pytest

from models.network.variable_path import variable_path
from models.training.job import Trained
from tests.models.training.trained import SMOTE, UNWEIGHTED, changed_layers, eval_figures


def test_contrast_is_part_of_the_loss_in_training_and_leaves_no_projection(job_of, trained_by, plain):
    job = job_of(loss={**UNWEIGHTED, "contrastive": 2.0}, epochs=8)
    trained = trained_by(job)
    assert trained.history[0]["loss"] > plain.history[0]["loss"] + 1
    assert trained.history[-1]["loss"] < trained.history[0]["loss"]
    assert "embedding" in changed_layers(trained, plain)
    assert [w.shape for w in trained.model.weights] == [w.shape for w in plain.model.weights]
    assert not any("projection" in layer.name for layer in trained.model.layers)
    accuracy = trained.history[trained.best.best_epoch - 1]["val_accuracy"]
    assert eval_figures(trained, job)[0] == pytest.approx(accuracy, abs=1e-6)


@pytest.fixture(scope="module")
def contrasted(job_of, trained_by) -> Trained:
    return trained_by(job_of(loss={**UNWEIGHTED, "contrastive": 1.0}, epochs=2))


@pytest.mark.parametrize("second", ["crt", "lws"])
def test_contrast_ends_before_a_second_stage(job_of, trained_by, second, contrasted, keep_the_last):
    loss = {**UNWEIGHTED, "contrastive": 1.0}
    trained = trained_by(job_of(loss=loss, epochs=2, second_stage=second, second_stage_epochs=1))
    assert changed_layers(trained, contrasted) == {"logits" if second == "crt" else "class_scales"}


def test_contrast_works_on_the_features_of_a_frozen_backbone_too(job_of, trained_by, pretrained):
    image = {"size": (10, 8), "channels": 1, "alpha": 0.25, "weights": pretrained, "frozen_epochs": 1}
    model = {"image": {**image, "fine_tune": "last_block"}, "embedding_units": 8}
    job = job_of("image", model, {**UNWEIGHTED, "contrastive": 1.0}, SMOTE, epochs=2, ema=0.9)
    trained = trained_by(job)
    assert [stage.name for stage in trained.stages] == ["head", "last_block"]
    accuracy = trained.history[trained.best.best_epoch - 1]["val_accuracy"]
    assert eval_figures(trained, job)[0] == pytest.approx(accuracy, abs=1e-6)
    assert not any("projection" in variable_path(weight) for weight in trained.model.weights)
