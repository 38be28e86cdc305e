import numpy as np
import pytest

from models.catalogue.losses import LOSSES
from models.catalogue.row import names_of
from models.network.class_weights import class_weights
from models.network.losses.asymmetric_focal import AsymmetricFocal
from models.network.losses.balanced_softmax import BalancedSoftmax
from models.network.losses.factory import make_loss
from models.network.losses.focal import Focal
from models.network.losses.label_aware_smoothing import LabelAwareSmoothing
from models.network.losses.ldam import LDAM
from models.network.losses.logit_adjusted import LogitAdjusted
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy
from models.settings import LossSettings

COUNTS = np.array([90, 10])


def test_settings_choose_the_loss_and_the_class_weights():
    loss = make_loss(LossSettings(class_weights="inverse", label_smoothing=0.1), COUNTS)
    assert isinstance(loss, WeightedCrossEntropy)
    assert loss.class_weights == class_weights(COUNTS, "inverse", 0).tolist()
    assert loss.label_smoothing == 0.1


def test_settings_choose_the_focal_loss_and_its_gamma():
    loss = make_loss(LossSettings(name="focal", gamma=1.5, class_weights="none"), COUNTS)
    assert isinstance(loss, Focal)
    assert (loss.gamma, loss.class_weights) == (1.5, None)


def test_settings_choose_beta():
    loss = make_loss(LossSettings(class_weights="effective_number", beta=0.5), np.array([3, 1]))
    np.testing.assert_allclose(loss.class_weights, [16 / 19, 28 / 19], rtol=1e-6)


def test_settings_choose_the_base_of_the_class_balanced_loss():
    loss = make_loss(LossSettings(name="class_balanced", base="focal", gamma=0.5, beta=0.5), np.array([3, 1]))
    assert isinstance(loss, Focal)
    assert loss.gamma == 0.5
    np.testing.assert_allclose(loss.class_weights, [16 / 19, 28 / 19], rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "kind", "attributes"),
    [
        ({"name": "ldam", "max_margin": 0.4, "scale": 30}, LDAM, {"max_margin": 0.4, "scale": 30}),
        ({"name": "balanced_softmax"}, BalancedSoftmax, {}),
        ({"name": "logit_adjusted", "tau": 1.5}, LogitAdjusted, {"tau": 1.5}),
        (
            {"name": "asymmetric_focal", "gamma_positive": 1, "gamma_negative": 2, "margin": 0.1},
            AsymmetricFocal,
            {"gamma_positive": 1, "gamma_negative": 2, "margin": 0.1},
        ),
        (
            {
                "name": "label_aware_smoothing",
                "head_smoothing": 0.3,
                "tail_smoothing": 0.1,
                "smoothing_form": "linear",
            },
            LabelAwareSmoothing,
            {"head": 0.3, "tail": 0.1, "form": "linear"},
        ),
    ],
)
def test_settings_choose_every_loss_with_its_arguments(values, kind, attributes):
    loss = make_loss(LossSettings(**values, class_weights="inverse"), COUNTS)
    assert isinstance(loss, kind)
    assert {name: getattr(loss, name) for name in attributes} == attributes
    assert loss.class_weights == class_weights(COUNTS, "inverse").tolist()


@pytest.mark.parametrize("name", names_of(LOSSES))
def test_every_loss_is_made_from_its_name_alone_and_prefers_a_right_answer(name):
    loss = make_loss(LossSettings(name=name), COUNTS)
    assert float(loss([0, 1], np.eye(2) * 3)) < 0.5 * float(loss([0, 1], np.eye(2) * -3))


@pytest.mark.parametrize("name", names_of(LOSSES))
def test_before_deferred_weights_set_in_classes_weigh_alike(name):
    settings = LossSettings(name=name).model_copy(update={"class_weights": "none"})
    loss = make_loss(settings, COUNTS)
    assert loss.class_weights in (None, [1.0, 1.0])


@pytest.mark.parametrize("scheme", ["none", "inverse"])
def test_a_loss_for_a_class_without_records_is_refused(scheme):
    with pytest.raises(ValueError, match=r"the classes with index \[1\]. Add records"):
        make_loss(LossSettings(class_weights=scheme), np.array([5, 0]))
