"""Documents of which a test names what it looks at, and the rest is of no matter."""

from typing import Any

from core.documents.contender_results import ContenderResult, ContenderRule
from core.documents.decision import CalibrationFigures, DecisionFigures, RuleFigures
from core.documents.metrics import ClassPriors, Metrics
from core.documents.scores import ClassScores, Confusion, Summary, UncalibratedScores
from core.documents.tuning import SearchResult, Trial

SCORES = ("precision", "recall", "recall_interval", "f1", "average_precision", "roc_auc")


def class_scores(support: int = 0, **scores: Any) -> ClassScores:
    return ClassScores(**{"support": support, **dict.fromkeys(SCORES), **scores})


def contender(summary: dict[str, Any] | None = None, **per_class: ClassScores) -> ContenderResult:
    return ContenderResult(
        summary=Summary(**summary or {}),
        per_class=per_class,
        confusion=Confusion(),
        rule=ContenderRule(),
        notes=(),
    )


def metrics_of(
    per_class: dict[str, ClassScores], summary: dict[str, Any] | None = None, **further: Any
) -> Metrics:
    weights = dict.fromkeys(per_class, 1.0)
    content: dict[str, Any] = {
        "name": "made up",
        "split": "test",
        "n": sum(scores.support for scores in per_class.values()),
        "blessed": True,
        "not_blessed_because": (),
        "summary": Summary(**summary or {}),
        "per_class": per_class,
        "confusion": Confusion(),
        "slices": {},
        "gate": (),
        "decision": DecisionFigures(
            version="0123456789ab",
            settings={"rule": "argmax"},
            calibration=CalibrationFigures(formula="", slope=weights, offset=weights),
            rule=RuleFigures(
                name="argmax", formula="", matrix=(), weights=weights, weights_spread=None, thresholds=None
            ),
        ),
        "uncalibrated": UncalibratedScores(summary=Summary()),
        "contenders": {},
        "priors": ClassPriors(natural={}, training={}),
        "parameters": 9,
    }
    return Metrics(**content | further)


def trial(number: int, score: float | None, epochs: int = 4, message: str = "", **values: Any) -> Trial:
    return Trial(
        trial=number,
        status="failed" if score is None else "completed",
        score=score,
        epochs=None if score is None else epochs,
        seconds=None if score is None else 7.39,
        message=message,
        hyperparameters=values,
    )


def search(*trials: Trial, best: int = 1, **further: Any) -> SearchResult:
    chosen = next(one for one in trials if one.trial == best)
    content: dict[str, Any] = {
        "objective": "val_macro_f1",
        "direction": "max",
        "best_trial": best,
        "best_score": chosen.score,
        "hyperparameters": chosen.hyperparameters,
        "importance": {},
        "trials": trials,
    }
    return SearchResult(**content | further)
