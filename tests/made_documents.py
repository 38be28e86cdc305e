"""Documents of stages that did not run: what a test names is as it says, the rest is of no matter."""

from typing import Any

from core.documents.decision import (
    CalibrationFigures,
    Decision,
    DecisionPriors,
    FittedOn,
    RuleFigures,
)
from core.documents.priors import ClassCounts, ClassShares, GrowthPlan, Priors
from core.documents.raw_inputs import RawFeature, RawInputs
from core.documents.training import TrainedStage, Training


def training(classes: list[str], **changes: Any) -> Training:
    shares = (1 / len(classes),) * len(classes)
    stage = TrainedStage(
        name="training",
        epochs=3,
        value=0.75,
        best_epoch=2,
        prior=shares,
        trained_parameters=9,
        chosen={},
    )
    content = {
        "classes": tuple(classes),
        "class_counts": (10,) * len(classes),
        "parameters": 9,
        "trained_parameters": 9,
        "best_epoch": 2,
        "best_stage": "training",
        "monitor": "val_macro_f1",
        "monitor_value": 0.75,
        "implied_prior": shares,
        "stages": (stage,),
        "warnings": (),
        "seed": 0,
        "hyperparameters": {},
    }
    return Training(**content | changes)


def priors(shares: dict[str, float], **changes: Any) -> Priors:
    counts, none = {name: round(100 * share) for name, share in shares.items()}, dict.fromkeys(shares, 0)
    content = {
        "classes": tuple(shares),
        "counts": ClassCounts(before=counts, after=counts),
        "priors": ClassShares(before=shares, after=shares),
        "made": none,
        "removed": none,
        "strategy": {"tabular": "none", "image": "none"},
        "plan": GrowthPlan(make={}, keep={}),
        "notes": (),
    }
    return Priors(**content | changes)


def decision(classes: list[str], **changes: Any) -> Decision:
    ones = dict.fromkeys(classes, 1.0)
    content = {
        "version": "0123456789ab",
        "classes": tuple(classes),
        "settings": {"calibrate": True, "prior": "train", "rule": "argmax"},
        "calibration": CalibrationFigures(
            formula="softmax(slope * log(raw_probabilities) + offset)",
            slope=ones,
            offset=dict.fromkeys(classes, 0.0),
        ),
        "priors": DecisionPriors(
            implied=dict.fromkeys(classes, 1 / len(classes)), natural=dict.fromkeys(classes, 1 / len(classes))
        ),
        "rule": RuleFigures(
            name="argmax",
            formula="argmax(probabilities @ matrix)",
            matrix=tuple(tuple(float(row == column) for column in classes) for row in classes),
            weights=ones,
            weights_spread=None,
            thresholds=None,
        ),
        "fitted_on": FittedOn(split="eval", records=dict.fromkeys(classes, 5)),
    }
    return Decision(**content | changes)


def raw_inputs(*features: dict[str, str], label: str = "kind", image: str | None = None) -> RawInputs:
    return RawInputs(label=label, image=image, features=tuple(RawFeature(**one) for one in features))
