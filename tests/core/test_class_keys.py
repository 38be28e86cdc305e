"""A class that an experiment names is the one of the data, however its accents are encoded."""

import unicodedata

import pytest
from pydantic import ValidationError

from components.decision_calibrator.rules.cost_matrix import CostMatrix
from components.decision_calibrator.rules.min_precision import MinPrecision
from components.decision_calibrator.rules.min_recall import MinRecall
from components.decision_calibrator.settings import DecisionSettings
from core.augmentation.settings import AugmentationSettings

NFD = unicodedata.normalize("NFD", "größer")


@pytest.mark.parametrize("name", [NFD, "größer ", "größer\u200b", "größer"])
def test_names_of_classes_are_spelled_as_readers_spell_them(name):
    assert DecisionSettings(prior={name: 0.2, "b": 0.8}).prior == {"größer": 0.2, "b": 0.8}
    assert CostMatrix(cost_matrix={"b": {name: 3}}).cost_matrix == {"b": {"größer": 3.0}}
    assert MinRecall(min_recall={name: 0.9}).min_recall == {"größer": 0.9}
    assert MinPrecision(min_precision={name: 0.9}).min_precision == {"größer": 0.9}
    assert AugmentationSettings(target_ratio={name: 9}).target_ratio == {"größer": 9}


def test_names_that_look_alike_are_refused():
    with pytest.raises(ValidationError, match="look alike"):
        DecisionSettings(prior={"größer": 0.2, NFD: 0.8})
