import numpy as np
import pytest

from models.catalogue.losses import LOSSES
from models.catalogue.row import names_of
from models.network.branches.experts_loss import ExpertsLoss, class_temperatures
from models.network.losses.factory import make_loss
from models.network.losses.supervised_contrastive import SupervisedContrastive
from models.settings import LossSettings, ModelSettings
from models.training.objective import stage_objective
from models.training.plan import Stage

COUNTS = np.array([80, 15, 5])
LABELS, LOGITS = np.array([0, 1, 2, 2]), np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


def value(name: str, counts: np.ndarray = COUNTS, **stage) -> float:
    planned = Stage(
        **{"name": "s", "epochs": 4, "part": "all", "sampling": "natural", "learning_rate": 1, **stage}
    )
    loss, _ = stage_objective(LossSettings(name=name), ModelSettings(), counts, planned, first_epoch=0)
    return float(loss(LABELS, LOGITS))


@pytest.mark.parametrize("name", names_of(LOSSES))
def test_balanced_records_get_the_loss_of_classes_of_one_size(name):
    balanced = value(name, balanced=True, class_weights_from=None)
    assert np.isfinite(balanced)
    assert balanced == pytest.approx(value(name, np.array([7, 7, 7]), class_weights_from=None), rel=1e-5)


def test_a_projection_is_contrasted_while_features_are_learnt_and_not_after():
    settings = LossSettings(contrastive=0.5, contrastive_temperature=0.3, class_weights="none")
    projected = np.concatenate(
        [LOGITS, np.random.default_rng(1).normal(size=(4, 6))], axis=1, dtype=np.float32
    )

    def of(**stage) -> float:
        planned = Stage("s", 4, "all", "natural", 1.0, **stage)
        loss, _ = stage_objective(settings, ModelSettings(), COUNTS, planned, first_epoch=0)
        return float(loss(LABELS, LOGITS if stage else projected))

    plain = value("cross_entropy", class_weights_from=None)
    assert of() == pytest.approx(
        plain + 0.5 * float(SupervisedContrastive(0.3)(LABELS, projected[:, 3:])), rel=1e-5
    )
    assert np.isfinite(of(balanced=True, class_weights_from=None))


def test_without_deferral_the_weights_count_from_the_start():
    assert value("cross_entropy") != pytest.approx(value("cross_entropy", class_weights_from=None))


def test_deferred_weights_are_switched_by_a_callback_in_their_epoch():
    stage = Stage("s", 4, "all", "natural", 1.0, class_weights_from=2)
    loss, [switch] = stage_objective(LossSettings(), ModelSettings(), COUNTS, stage, first_epoch=10)
    values = []
    for epoch in (10, 11, 12, 13):
        switch.on_epoch_begin(epoch)
        values.append(float(loss(LABELS, LOGITS)))
    unweighted, weighted = value("cross_entropy", class_weights_from=None), value("cross_entropy")
    assert values == pytest.approx([unweighted, unweighted, weighted, weighted])


def test_experts_are_divided_as_the_loss_of_the_stage_sees_them():
    model = ModelSettings(branches="experts")
    members = np.random.default_rng(1).normal(size=(4, 3, 3)).astype(np.float32)
    settings = LossSettings(name="logit_adjusted", tau=0.5, class_weights="inverse")
    shift, weights = 0.5 * (np.log(COUNTS) - np.log(COUNTS).mean()), 100 / 3 / COUNTS

    def of(**stage) -> float:
        planned = Stage("s", 4, "all", "natural", 1.0, **stage)
        loss, switches = stage_objective(settings, model, COUNTS, planned, first_epoch=0)
        for switch in switches:
            switch.on_epoch_begin(3)
        return float(loss(LABELS, members))

    def due(shift, weights, counts) -> float:
        scheme = "none" if weights is None else "inverse"
        inner = make_loss(settings.model_copy(update={"class_weights": scheme}), counts)
        temperatures = class_temperatures(COUNTS)
        return float(ExpertsLoss(inner, model.diversity, temperatures, shift, weights)(LABELS, members))

    assert of() == pytest.approx(due(shift, weights, COUNTS), rel=1e-5)
    assert of(class_weights_from=2) == pytest.approx(due(shift, weights, COUNTS), rel=1e-5)
    assert of(class_weights_from=None) == pytest.approx(due(shift, None, COUNTS), rel=1e-5)
    balanced = due(None, None, np.full(3, 100 / 3))
    assert of(class_weights_from=None, balanced=True) == pytest.approx(balanced, rel=1e-5)
