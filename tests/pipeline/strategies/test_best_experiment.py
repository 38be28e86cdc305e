"""The experiment of the strategies that pay, and the file that says so."""

import pytest
import yaml

from core.documents.strategies import FigureDifference, GreedyStep, Strategies, TriedStrategy
from pipeline.config import load_experiment
from pipeline.strategies.best_experiment import best_experiment, best_text
from pipeline.strategies.plain import plain_experiment
from pipeline.strategies.plan_strategies import plan_strategies


def difference(value):
    return FigureDifference(value=value, low=value - 0.01, high=value + 0.01)


def tried(plan, *names, verdict="pays", value=0.05):
    settings = {key: own for one in plan.strategies if one.name in names for key, own in one.settings.items()}
    figures = ("macro_f1", "balanced_accuracy")
    return TriedStrategy(
        names=names,
        family="" if len(names) != 1 else "any",
        settings=settings,
        seeds=3,
        figures=dict.fromkeys(figures, 0.5),
        differences=dict.fromkeys(figures, difference(value)) if names else {},
        verdict=verdict if names else None,
        seconds=1.0,
        parameters=9,
    )


def found_of(plan, chosen, prior=None):
    singles = [tried(plan, name, value=0.05 + 0.01 * place) for place, name in enumerate(chosen)]
    steps = [
        GreedyStep(names=tuple(chosen), added=name, difference=difference(0.02), verdict="pays", taken=True)
        for name in chosen[1:]
    ]
    return Strategies(
        judged_by="eval",
        records=100,
        seeds=3,
        rarest="y",
        groups={},
        looked_at=len(plan.strategies),
        plain=tried(plan),
        singles=tuple(singles),
        together=(tried(plan, *chosen, value=0.09),) if len(chosen) > 1 else (),
        steps=tuple(steps),
        chosen=tuple(chosen),
        decision_prior=prior,
        out_of_time=(),
        does_not_fit=(),
    )


@pytest.fixture
def plain(tmp_path):
    (tmp_path / "t.csv").write_text("a,b,kind\n" + "1.5,2.5,x\n" * 3 + "2.5,1.5,y\n" * 3)
    path = tmp_path / "e.yaml"
    data = {
        "format": "csv",
        "path": "t.csv",
        "label": "kind",
        "splits": {"train": 0.5, "eval": 0.3, "test": 0.2},
    }
    own = {
        "training": {"epochs": 7, "optimizer": {"name": "adam", "learning_rate": 0.01}},
        "loss": {"name": "focal"},
        "augmentation": {"neighbours": 3},
        "model": {"tabular": {"hidden_units": [16]}},
        "seed": 4,
    }
    path.write_text(yaml.safe_dump({"name": "claims", "recipe": "none", "data": data, **own}))
    return plain_experiment(load_experiment(str(path)))


@pytest.mark.parametrize(
    "chosen",
    [
        (),
        ("weights_sqrt_inverse",),
        ("balanced_softmax",),
        ("focal", "smote"),
        ("ldam_deferred", "experts", "sampling_sqrt"),
        ("rule_macro_f1", "feature_attention"),
    ],
)
def test_the_file_reads_back_as_the_experiment(plain, tmp_path, chosen):
    plan = plan_strategies(plain)
    found = found_of(plan, chosen, None if "rule_macro_f1" in chosen else {"x": 0.4, "y": 0.6})
    best = best_experiment(plain, plan, found)
    path = tmp_path / "best.yaml"
    path.write_text(best_text(best, plan, found, "counterpoise run best.yaml"))
    assert load_experiment(str(path)) == best


def test_nothing_that_pays_is_plain_cross_entropy(plain):
    plan = plan_strategies(plain)
    assert best_experiment(plain, plan, found_of(plan, ())) == plain


def test_what_is_chosen_stands_with_its_evidence(plain):
    plan = plan_strategies(plain)
    found = found_of(plan, ("weights_inverse", "rule_macro_f1"))
    best = best_experiment(plain, plan, found)
    assert best.loss.class_weights == "inverse" and best.decision.rule == "macro_f1"
    text = best_text(best, plan, found, "counterpoise run best.yaml")
    lines = text.splitlines()
    assert lines[0] == "# counterpoise run best.yaml"
    place = lines.index("  class_weights: inverse")
    assert "weights inverse: pays, macro-F1 +0.050 (+0.040 to +0.060)" in " ".join(lines[place - 3 : place])
    said = " ".join(line.strip("# ") for line in lines)
    assert "on top of the others macro-F1 +0.020 (+0.010 to +0.030)" in said
    assert "All together: pays, macro-F1 +0.090" in said


def test_what_weights_did_is_not_taken_back_in_serving(plain):
    plan, shares = plan_strategies(plain), {"x": 0.4, "y": 0.6}
    best = best_experiment(plain, plan, found_of(plan, ("weights_inverse",), shares))
    assert best.decision.prior == shares and best.decision.rule == "argmax"
