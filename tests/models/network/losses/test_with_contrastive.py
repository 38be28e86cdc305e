import numpy as np
import pytest

from models.network.losses.supervised_contrastive import SupervisedContrastive
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy
from models.network.losses.with_contrastive import WithContrastive

LABELS = np.array([0, 0, 1])
LOGITS = np.zeros((3, 2), np.float32)
PROJECTIONS = np.array([[3.0, 0], [1, 0], [0, 2]], np.float32)


def value(weight: float, predicted: np.ndarray, **options) -> float:
    return float(WithContrastive(WeightedCrossEntropy(), 2, weight, 1.0)(LABELS, predicted, **options))


def test_the_loss_of_projections_is_added_by_its_weight():
    # log 2 for logits that know nothing, and log(1 + 1/e) for two records of three.
    by_hand = np.log(2) + 0.5 * 2 / 3 * np.log(1 + np.exp(-1))
    assert value(0.5, np.concatenate([LOGITS, PROJECTIONS], axis=1)) == pytest.approx(by_hand, rel=1e-5)


def test_logits_alone_get_their_loss_alone():
    assert value(0.5, LOGITS) == pytest.approx(np.log(2), rel=1e-5)


def test_sample_weights_weigh_both():
    both = np.concatenate([LOGITS, PROJECTIONS], axis=1)
    weights = np.array([2.0, 0.0, 1.0])
    record_losses = np.log(2) + 0.5 * SupervisedContrastive(1.0).call(LABELS, PROJECTIONS).numpy()
    assert value(0.5, both, sample_weight=weights) == pytest.approx(
        (weights * record_losses).mean(), rel=1e-5
    )


@pytest.mark.parametrize(("num_classes", "weight"), [(1, 0.5), (2, 0.0), (2, -1.0), (2, float("inf"))])
def test_numbers_out_of_range_are_refused(num_classes, weight):
    with pytest.raises(ValueError, match=rf"num_classes={num_classes}, weight={weight}"):
        WithContrastive(WeightedCrossEntropy(), num_classes, weight)
