import pytest
from pydantic import ValidationError

from components.decision_calibrator.settings import DecisionSettings
from core.named_in_data import mentions

COSTS = {"class": "fraud", "miss": {"column": "amount"}, "false_alarm": 5}


def settings(**changes):
    return DecisionSettings(costs={**COSTS, **changes})


def test_costs_come_back_from_json_as_they_were():
    made = settings(catch={"column": "fee", "times": 0.5, "plus": 2})
    assert DecisionSettings.model_validate_json(made.model_dump_json(by_alias=True)) == made
    assert made.costs.columns == ("amount", "fee") and made.costs.dearest is None
    assert settings(miss=9).costs.dearest == 9


def test_the_class_and_the_columns_are_named_as_such():
    found = {(one.key, one.kind, one.name) for one in mentions(settings(), "decision")}
    assert found == {
        ("decision.costs.class", "class", "fraud"),
        ("decision.costs.miss.column", "column", "amount"),
    }


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"miss": -1}, "greater than or equal to 0"),
        ({"miss": {"column": "amount", "times": 0}}, "greater than 0"),
        ({"miss": {"column": "amount", "plus": -1}}, "greater than or equal to 0"),
        ({"miss": {"times": 2}}, "Field required"),
        ({"miss": float("inf")}, "finite"),
        ({"false_alarm": "five"}, "valid number"),
        ({"false_alarm": 0}, r"costs nothing has every record.*Received: false_alarm=0"),
        ({"miss": 3, "catch": 3}, r"nowhere below decision.costs.miss.*catch=3, miss=3"),
        ({"catch": {"column": "amount"}}, r"nowhere below decision.costs.miss"),
        ({"miss": 3, "catch": {"column": "amount", "plus": 3}}, r"nowhere below decision.costs.miss"),
        ({"per_day": 3}, "Extra inputs"),
    ],
)
def test_costs_that_make_no_sense_are_refused(changes, says):
    with pytest.raises(ValidationError, match=says):
        settings(**changes)


def test_a_catch_that_is_dearer_for_some_records_alone_is_taken():
    assert settings(catch={"column": "amount", "times": 0.8, "plus": 10}).costs.catch.plus == 10


def test_a_rule_beside_costs_is_refused_but_for_the_default():
    with pytest.raises(
        ValidationError, match=r"decision.costs with decision.rule=macro_f1. Take one of them out"
    ):
        DecisionSettings(rule="macro_f1", costs=COSTS)
    with pytest.raises(ValidationError, match=r"decision\.rule=capacity"):
        DecisionSettings(rule={"capacity": {"class": "fraud", "share": 0.1}}, costs=COSTS)
    assert DecisionSettings(rule="argmax", costs=COSTS).costs is not None


def test_what_a_person_costs_is_held_against_costs_that_are_known():
    assert DecisionSettings(costs=COSTS, abstain={"cost": 1e6}).abstain.cost == 1e6
    assert DecisionSettings(costs={**COSTS, "miss": 9}, abstain={"cost": 8.5}).abstain.cost == 8.5
    with pytest.raises(ValidationError, match=r"the dearest mistake costs 9.*Received: 9"):
        DecisionSettings(costs={**COSTS, "miss": 9}, abstain={"cost": 9})
