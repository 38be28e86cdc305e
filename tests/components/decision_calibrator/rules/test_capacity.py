import numpy as np
import pytest
from pydantic import ValidationError

from components.decision_calibrator.daily_queue import with_share_of_day
from components.decision_calibrator.rules.rule_kind import HeldOutRecords
from components.decision_calibrator.rules.table import rule_kind
from components.decision_calibrator.settings import DecisionSettings
from core.errors import InputError

CLASSES = ("common", "rare", "other")


def settings(**capacity):
    return DecisionSettings(rule={"capacity": capacity}).rule


def records(size=200, seed=0, weights=None):
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet([4, 1, 2], size)
    labels = np.array([random.choice(3, p=row) for row in probabilities])
    return HeldOutRecords(probabilities, labels, np.ones(size) if weights is None else weights, CLASSES, 0)


def fitted(held_out, **capacity):
    choice = settings(**capacity)
    return rule_kind(choice).fit(choice, held_out)


@pytest.mark.parametrize("share", [0.005, 0.05, 0.3])
def test_the_queue_holds_the_likeliest_records_and_no_others_are_decided_for_its_class(share):
    held_out = records()
    decisions = fitted(held_out, **{"class": "rare"}, share=share).decide(held_out.probabilities)
    likeliest = np.argsort(-held_out.probabilities[:, 1])[: round(share * 200)]
    assert set(np.flatnonzero(decisions == 1)) == set(likeliest)
    outside = np.setdiff1d(np.arange(200), likeliest)
    without = held_out.probabilities[outside] * [1, 0, 1]
    assert (decisions[outside] == without.argmax(axis=1)).all()


def test_records_count_as_they_do_where_the_model_is_used():
    held_out = records()
    # A given eval split with three times as many of the rare class as there are where the model is used.
    weights = np.where(held_out.labels == 1, 1 / 3, 1.0)
    weighted = records(weights=weights)
    rule = fitted(weighted, **{"class": "rare"}, share=0.1)
    inside = rule.decide(held_out.probabilities) == 1
    assert 0.08 < weights[inside].sum() / weights.sum() <= 0.1
    assert inside.mean() > 0.1


def test_queues_of_half_and_twice_the_size_stand_beside_it_with_their_spread():
    queue = fitted(records(), **{"class": "rare"}, share=0.1).queue
    assert [size.share for size in (*queue.others, queue.size)] == [0.05, 0.2, 0.1]
    assert queue.others[0].threshold > queue.size.threshold > queue.others[1].threshold
    assert [size.num_records for size in (*queue.others, queue.size)] == [10, 40, 20]
    assert queue.size.spread[0] < queue.size.threshold < queue.size.spread[2]


def test_a_queue_of_more_than_half_has_no_double():
    assert [size.share for size in fitted(records(), **{"class": "rare"}, share=0.6).queue.others] == [0.3]


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValidationError, match="share"):
        settings(**{"class": "rare"}, share=share)


@pytest.mark.parametrize("sizes", [{}, {"share": 0.1, "per_day": 200}])
def test_neither_size_and_both_are_refused(sizes):
    with pytest.raises(ValidationError, match="Expected either share, of all records, or per_day"):
        settings(**{"class": "rare"}, **sizes)


def test_so_many_a_day_are_their_share_of_a_days_records():
    asked = DecisionSettings(rule={"capacity": {"class": "rare", "per_day": 20}})
    resolved = with_share_of_day(asked, 400.0)
    assert resolved.rule.capacity.share == 0.05
    held_out = records()
    decisions = rule_kind(resolved.rule).fit(resolved.rule, held_out).decide(held_out.probabilities)
    assert (decisions == 1).sum() == 10


@pytest.mark.parametrize(
    ("records_per_day", "said"),
    [(None, "the records have no times"), (20.0, "20 records arrive in a day.*all can be")],
)
def test_so_many_a_day_are_refused_where_that_is_no_choice(records_per_day, said):
    with pytest.raises(InputError, match=said):
        with_share_of_day(
            DecisionSettings(rule={"capacity": {"class": "rare", "per_day": 20}}), records_per_day
        )


def test_a_queue_of_a_share_and_other_rules_stay_as_they_are():
    for rule in ("argmax", {"capacity": {"class": "rare", "share": 0.1}}):
        asked = DecisionSettings(rule=rule)
        assert with_share_of_day(asked, None) is asked


def test_the_class_is_spelled_as_the_readers_spell_it():
    assert settings(**{"class": " cafe\u0301 "}, share=0.1).capacity.class_name == "caf\u00e9"
