import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax, softmax

from models.network.branches.bilateral_loss import BilateralLoss
from models.network.branches.class_groups_loss import ClassGroupsLoss, others_weights
from models.network.branches.experts_loss import ExpertsLoss, class_temperatures
from models.network.branches.member_loss import MemberLoss
from models.network.branches.training_loss import training_loss
from models.network.class_weights import class_weights
from models.network.losses.factory import make_loss
from models.network.losses.implied_prior import logit_shift
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy
from models.settings import LossSettings, ModelSettings

COUNTS = np.array([300, 50, 5])
WEIGHTS = [1.0, 2.0, 4.0]
LABELS = np.array([0, 2, 1, 1])
OTHER = np.array([1, 1, 0, 2])
SHARE = np.array([0.9, 0.5, 0.25, 1.0])
PAIRS = np.stack([LABELS, OTHER, SHARE], axis=1).astype(np.float32)
MEMBERS = np.random.default_rng(0).normal(0, 2, (4, 3, 3)).astype(np.float32)
KINDS = {
    "single": MemberLoss,
    "bilateral": BilateralLoss,
    "experts": ExpertsLoss,
    "class_groups": ClassGroupsLoss,
}


def cross_entropy(labels, logits):
    return -np.array(WEIGHTS)[labels] * log_softmax(logits, axis=-1)[np.arange(len(labels)), labels]


def inner():
    return WeightedCrossEntropy(class_weights=WEIGHTS)


@pytest.mark.parametrize("branches", KINDS)
def test_branches_get_their_loss_which_leaves_a_single_answer_alone(branches):
    loss = training_loss(inner(), ModelSettings(branches=branches), COUNTS)
    assert type(loss) is KINDS[branches]
    np.testing.assert_allclose(
        loss(LABELS, MEMBERS[:, 0]), cross_entropy(LABELS, MEMBERS[:, 0]).mean(), rtol=1e-5
    )


@pytest.mark.parametrize("branches", KINDS)
def test_two_labels_count_by_their_share_and_weights_of_records_too(branches):
    loss = training_loss(inner(), ModelSettings(branches=branches), COUNTS)
    both = SHARE * cross_entropy(LABELS, MEMBERS[:, 0]) + (1 - SHARE) * cross_entropy(OTHER, MEMBERS[:, 0])
    np.testing.assert_allclose(loss(PAIRS, MEMBERS[:, 0]), both.mean(), rtol=1e-5)
    only_last = np.array([0.0, 0.0, 0.0, 4.0])
    np.testing.assert_allclose(loss(PAIRS, MEMBERS[:, 0], sample_weight=only_last), both[3], rtol=1e-5)


def test_members_of_an_ensemble_are_trained_each_on_its_own():
    expected = np.mean([cross_entropy(LABELS, MEMBERS[:, m]) for m in range(3)])
    np.testing.assert_allclose(MemberLoss(inner())(LABELS, MEMBERS), expected, rtol=1e-5)


def test_two_branches_are_mixed_by_the_share_of_their_labels():
    share = SHARE[:, np.newaxis]
    logits = share * MEMBERS[:, 0] + (1 - share) * MEMBERS[:, 1]
    expected = SHARE * cross_entropy(LABELS, logits) + (1 - SHARE) * cross_entropy(OTHER, logits)
    loss = BilateralLoss(inner())
    np.testing.assert_allclose(loss(PAIRS, MEMBERS[:, :2]), expected.mean(), rtol=1e-5)
    mean = cross_entropy(LABELS, MEMBERS[:, :2].mean(axis=1))
    np.testing.assert_allclose(loss(LABELS, MEMBERS[:, :2]), mean.mean(), rtol=1e-5)


def test_experts_sum_their_losses_less_what_they_differ_by():
    temperatures = np.array([1.0, 0.8, 0.5])
    mean = softmax(MEMBERS.mean(axis=1) / temperatures, axis=-1)
    expected = np.zeros(4)
    for expert in range(3):
        own = softmax(MEMBERS[:, expert] / temperatures, axis=-1)
        divergence = (mean * np.log(mean / own)).sum(axis=-1)
        expected += cross_entropy(LABELS, MEMBERS[:, expert]) - 0.3 * temperatures.mean() ** 2 * divergence
    loss = ExpertsLoss(inner(), diversity=0.3, temperatures=temperatures)
    np.testing.assert_allclose(loss(LABELS, MEMBERS), expected.mean(), rtol=1e-4)


def test_diversity_drives_each_expert_away_from_the_mean():
    experts = tf.constant(MEMBERS)
    with tf.GradientTape() as tape:
        tape.watch(experts)
        plain, diverse = ExpertsLoss(inner(), 0)(LABELS, experts), ExpertsLoss(inner(), 0.2)(LABELS, experts)
        gained = (plain - diverse) * 4 / 0.2
    own = softmax(MEMBERS, axis=-1)
    mean = softmax(MEMBERS.mean(axis=1, keepdims=True), axis=-1)
    # KL(p || softmax(z)) has the gradient softmax(z) - p in z.
    np.testing.assert_allclose(tape.gradient(gained, experts), own - mean, atol=1e-5)


def test_experts_differ_in_what_the_loss_sees_of_them_and_by_what_it_weighs_them():
    temperatures, shift = np.array([1.0, 0.8, 0.5]), np.array([-0.2, -2.0, -4.0])
    loss = ExpertsLoss(inner(), 0.3, temperatures, logit_shift=shift, class_weights=WEIGHTS)
    mean = softmax((MEMBERS.mean(axis=1) + shift) / temperatures, axis=-1)
    divergence = np.zeros(4)
    for expert in range(3):
        own = softmax((MEMBERS[:, expert] + shift) / temperatures, axis=-1)
        divergence += temperatures.mean() ** 2 * (mean * np.log(mean / own)).sum(axis=-1)
    weights = np.array(WEIGHTS)
    plain = sum(cross_entropy(LABELS, MEMBERS[:, expert]) for expert in range(3))
    expected = plain - 0.3 * weights[LABELS] * divergence
    np.testing.assert_allclose(loss(LABELS, MEMBERS), expected.mean(), rtol=1e-4)
    other = sum(cross_entropy(OTHER, MEMBERS[:, expert]) for expert in range(3))
    both = SHARE * plain + (1 - SHARE) * other
    weight = SHARE * weights[LABELS] + (1 - SHARE) * weights[OTHER]
    np.testing.assert_allclose(loss(PAIRS, MEMBERS), (both - 0.3 * weight * divergence).mean(), rtol=1e-4)


@pytest.mark.parametrize(
    "settings",
    [
        LossSettings(name="balanced_softmax", class_weights="none"),
        LossSettings(name="logit_adjusted", tau=2.0, class_weights="none"),
        LossSettings(name="cross_entropy", class_weights="inverse"),
        LossSettings(name="logit_adjusted", tau=0.5, class_weights="sqrt_inverse"),
    ],
)
def test_experts_that_agree_on_a_class_are_not_driven_apart_on_a_logit_that_the_loss_hardly_feels(settings):
    # From where each expert is right but for a small disagreement on the rarest class, a step down the loss must
    # bring them together: what divides them is weaker than what the labels ask of each.
    counts = np.array([5000.0, 100.0, 20.0])
    weights = class_weights(counts, settings.class_weights, settings.beta)
    model = ModelSettings(branches="experts", diversity=0.5)
    loss = training_loss(make_loss(settings, counts), model, counts, logit_shift(settings, counts), weights)
    experts = tf.constant([[[6.0, 0.0, 3.0], [6.0, 0.0, 0.0], [6.0, 0.0, 0.0]]])
    with tf.GradientTape() as tape:
        tape.watch(experts)
        value = loss(np.array([0]), experts)
    gradient = tape.gradient(value, experts)[0, :, 2].numpy()
    assert gradient[0] > gradient[1:].max() > 0


def test_rarer_classes_have_lower_temperatures():
    np.testing.assert_allclose(class_temperatures(np.array([90, 10])), [1, 0.96 / 1.04])
    np.testing.assert_allclose(class_temperatures(np.array([90, 10]), strength=0), [1, 1])


def test_groups_sum_their_losses_with_records_outside_at_their_weight():
    loss = ClassGroupsLoss(inner(), [[0], [1, 2]], [1.0, 0.125])
    outside = np.array([0.125, 1, 1, 1])  # Of group [1, 2]: record 0 is of class 0.
    expected = cross_entropy(LABELS, MEMBERS[:, 0]) + outside * cross_entropy(LABELS, MEMBERS[:, 1])
    np.testing.assert_allclose(loss(LABELS, MEMBERS[:, :2]), expected.mean(), rtol=1e-5)


def test_others_weigh_at_most_eight_times_a_groups_own_records():
    np.testing.assert_allclose(others_weights([[0, 1], [2]], np.array([400, 590, 10])), [1, 8 * 10 / 990])


@pytest.mark.parametrize(
    "make",
    [
        lambda: ExpertsLoss(inner(), diversity=1.5),
        lambda: ExpertsLoss(inner(), temperatures=[1, 0]),
        lambda: ExpertsLoss(inner(), logit_shift=[0, float("inf")]),
        lambda: ExpertsLoss(inner(), class_weights=[1, 0]),
        lambda: ClassGroupsLoss(inner(), [[0], [1]], [1.0]),
        lambda: ClassGroupsLoss(inner(), [[0], [1]], [1.0, 0.0]),
        lambda: ClassGroupsLoss(inner(), [[0], [0]], [1.0, 1.0]),
    ],
)
def test_an_argument_out_of_range_is_refused(make):
    with pytest.raises(ValueError, match="Received: "):
        make()
