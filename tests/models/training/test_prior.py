import numpy as np
import pytest

from models.settings import LossSettings, ModelSettings
from models.training.plan import Stage
from models.training.prior import prior_after

COUNTS = np.array([90, 10])


def prior(epoch: int = 10, loss=None, model=None, **stage) -> list[float]:
    planned = Stage(
        **{"name": "s", "epochs": 10, "part": "all", "sampling": "natural", "learning_rate": 1, **stage}
    )
    return prior_after(
        planned, epoch, LossSettings(**(loss or {})), ModelSettings(**(model or {})), COUNTS
    ).tolist()


UNWEIGHTED = {"class_weights": "none"}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"loss": UNWEIGHTED}, [0.9, 0.1]),
        # Weights in proportion to 1/sqrt n: sqrt(90) to sqrt(10), that is 3 to 1.
        ({"loss": {"class_weights": "sqrt_inverse"}}, [0.75, 0.25]),
        ({"loss": UNWEIGHTED, "sampling": "class_balanced"}, [0.5, 0.5]),
        # Drawn alike, and 3 times as heavy when rare.
        ({"loss": {"class_weights": "sqrt_inverse"}, "sampling": "class_balanced"}, [0.25, 0.75]),
        ({"loss": {"name": "balanced_softmax"}}, [0.5, 0.5]),
        ({"balanced": True, "sampling": "class_balanced", "class_weights_from": None}, [0.5, 0.5]),
        ({"model": {"branches": "bilateral"}}, [0.5, 0.5]),
    ],
)
def test_what_was_drawn_and_weighed_makes_the_prior(settings, expected):
    assert prior(**settings) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("epoch", "expected"), [(8, 0.9), (9, 0.5)])
def test_deferred_weights_count_from_the_epoch_they_set_in(epoch, expected):
    loss = {"class_weights": "inverse"}
    assert prior(epoch, loss=loss, class_weights_from=8)[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("epoch", "expected"), [(1, 0.9), (10, 0.5), (4, 0.9 * 2 / 3 + 0.5 / 3)])
def test_progressive_sampling_ends_at_equal_shares(epoch, expected):
    assert prior(epoch, loss=UNWEIGHTED, sampling="progressive")[0] == pytest.approx(expected)
