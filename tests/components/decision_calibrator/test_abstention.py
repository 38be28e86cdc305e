import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from components.decision_calibrator.abstain_settings import AbstainSettings
from components.decision_calibrator.abstention import fit_abstention, threshold_of_error
from components.decision_calibrator.rule import Queue, QueueSize, Rule
from components.decision_calibrator.rules.rule_kind import HeldOutRecords
from components.decision_calibrator.settings import DecisionSettings

CLASSES = ("a", "b", "c")
COSTS = np.array([[0.0, 1, 1], [5, 0, 2], [20, 4, 0]])
QUEUE = Queue(2, QueueSize(0.1, 0.3, np.full(3, 0.3), 1))
RULES = {
    "argmax": Rule.of_weights("argmax", [1.0, 1.0, 1.0]),
    "weights": Rule.of_weights("macro_f1", [1.0, 2.0, 6.0]),
    "costs": Rule("cost_matrix", -COSTS),
    "queue": Rule.of_queue("capacity", 3, QUEUE),
}
SEEDS = st.integers(0, 10**6)


def records(seed, size=60):
    random = np.random.default_rng(seed)
    # In steps, so that doubts are alike.
    probabilities = random.dirichlet([2, 1, 1], size).round(1) + 0.05
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = np.array([random.choice(3, p=row) for row in probabilities])
    return HeldOutRecords(probabilities, labels, random.choice([0.5, 1, 2], size), CLASSES, 0)


def fitted(rule, held_out, **asked):
    return fit_abstention(AbstainSettings(**asked), rule, held_out)


def decided_sets(rule, held_out):
    """Every set that can be decided on in the order of the doubts: its share and its error."""
    doubt = rule.doubt(held_out.probabilities).round(9)
    wrong = rule.decide(held_out.probabilities) != held_out.labels
    for highest in [-1.0, *sorted(set(doubt.tolist()))]:
        kept = doubt <= highest
        weight = held_out.weights[kept].sum()
        error = (held_out.weights * wrong)[kept].sum() / weight if weight else 0.0
        yield weight / held_out.weights.sum(), error


@given(SEEDS, st.sampled_from(list(RULES)), st.floats(0.02, 0.6))
def test_an_error_is_held_by_as_few_abstentions_as_a_search_over_all_finds(seed, name, error):
    rule, held_out = RULES[name], records(seed)
    abstention = fitted(rule, held_out, max_error=error)
    best = max(share for share, of_set in decided_sets(rule, held_out) if of_set <= error + 1e-9)
    assert abstention.share == pytest.approx(1 - best, abs=1e-9)
    assert abstention.error is None or abstention.error <= error + 1e-9
    abstains = abstention.abstains(rule.doubt(held_out.probabilities))
    assert held_out.weights[abstains].sum() / held_out.weights.sum() == pytest.approx(abstention.share)


@given(SEEDS, st.sampled_from(list(RULES)), st.floats(0.2, 0.8))
def test_a_share_is_used_up_as_far_as_records_of_equal_doubt_allow(seed, name, share):
    rule, held_out = RULES[name], records(seed)
    abstention = fitted(rule, held_out, max_share=share)
    fitting = [1 - of_set for of_set, _ in decided_sets(rule, held_out) if 1 - of_set <= share + 1e-9]
    if max(fitting) > 1e-9:
        assert abstention.share == pytest.approx(max(fitting), abs=1e-9)
    else:  # The records of the highest doubt alone are more than the share.
        assert abstention.share < 2 * share


@given(SEEDS, st.floats(0.05, 0.9))
def test_a_cost_abstains_by_chows_rule(seed, cost):
    held_out = records(seed)
    abstains = fitted(RULES["argmax"], held_out, cost=cost).abstains(
        RULES["argmax"].doubt(held_out.probabilities)
    )
    certain = np.abs(held_out.probabilities.max(axis=1) - (1 - cost)) > 1e-9
    np.testing.assert_array_equal(abstains[certain], (held_out.probabilities.max(axis=1) < 1 - cost)[certain])


@given(SEEDS, st.floats(0.05, 3))
def test_with_a_cost_matrix_the_cheapest_of_deciding_and_asking_is_taken_by_hand(seed, cost):
    held_out, rule = records(seed, 15), RULES["costs"]
    abstains = fitted(rule, held_out, cost=cost).abstains(rule.doubt(held_out.probabilities))
    for row, asks in zip(held_out.probabilities, abstains, strict=True):
        cheapest = min(sum(row[true] * COSTS[true, decided] for true in range(3)) for decided in range(3))
        if abs(cheapest - cost) > 1e-9:
            assert asks == (cost < cheapest)


def test_the_doubt_is_largest_where_the_decision_turns():
    rare = np.linspace(0.001, 0.999, 999)
    probabilities = np.stack([1 - rare, rare], axis=1)
    size = QueueSize(0.1, 0.2, np.full(3, 0.2), 1)
    for rule in (Rule.of_weights("macro_f1", [1.0, 4.0]), Rule.of_queue("capacity", 2, Queue(1, size))):
        doubt = rule.doubt(probabilities)
        assert doubt.max() == pytest.approx(0.5) and rare[doubt.argmax()] == pytest.approx(0.2)
        assert (np.diff(doubt)[:199] > 0).all() and (np.diff(doubt)[199:] < 0).all()


@given(SEEDS, st.sampled_from(list(RULES)))
def test_no_doubt_exceeds_the_most_there_is(seed, name):
    doubt = RULES[name].doubt(np.random.default_rng(seed).dirichlet(np.ones(3), 50))
    assert doubt.min() >= 0 and doubt.max() <= RULES[name].most_doubt


def test_where_no_error_is_small_enough_nothing_is_decided_on():
    doubt, wrong = np.array([0.1, 0.2]), np.array([True, True])
    assert threshold_of_error(doubt, wrong, np.ones(2), 0.5, 1.0) < 0
    held_out = HeldOutRecords(np.full((4, 3), 1 / 3), np.array([1, 1, 2, 2]), np.ones(4), CLASSES, 0)
    abstention = fitted(RULES["argmax"], held_out, max_error=0.1)
    assert (abstention.share, abstention.error) == (1.0, None)


def test_a_fitted_threshold_has_its_spread_and_a_given_one_has_none():
    held_out = records(0, 400)
    for asked in ({"max_share": 0.2}, {"max_error": 0.2}):
        low, middle, high = fitted(RULES["weights"], held_out, **asked).spread
        assert low <= middle <= high and low < high
    assert fitted(RULES["argmax"], held_out, cost=0.3).spread is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"abstain": {}}, "Expected one of max_share, max_error, cost. Received: none of them"),
        ({"abstain": {"max_share": 0.1, "cost": 0.2}}, "Received: max_share=0.1, cost=0.2"),
        ({"abstain": {"max_share": 1.0}}, "less than 1"),
        ({"abstain": {"max_error": 0}}, "greater than 0"),
        ({"abstain": {"cost": 2.0}}, "dearest mistake costs 1, so that a person is never asked. Received: 2"),
        (
            {"abstain": {"cost": 0.2}, "rule": "macro_f1"},
            "which only decision.costs and the rules argmax .* and cost_matrix know",
        ),
        (
            {"abstain": {"cost": 9.0}, "rule": {"cost_matrix": {"a": {"b": 8.0}}}},
            "dearest mistake costs 8, .* Received: 9",
        ),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_with_the_way_out(settings, message):
    with pytest.raises(ValidationError, match=message):
        DecisionSettings(**settings)


def test_a_cost_below_the_dearest_mistake_is_taken():
    settings = DecisionSettings(abstain={"cost": 2.0}, rule={"cost_matrix": {"a": {"b": 8.0}}})
    assert settings.abstain is not None and settings.abstain.cost == 2.0
