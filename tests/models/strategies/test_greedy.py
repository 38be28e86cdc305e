"""Strategies put together one after the other, on verdicts that are given."""

import numpy as np

from core.documents.strategies import FigureDifference
from core.strategy_plan import Combination, HeldOutAnswers, PlannedStrategy, Standing
from models.strategies.combine import added
from models.strategies.greedy import greedy

NAMES = ("weights", "mixup", "cbam", "rule")
STRATEGIES = {
    name: PlannedStrategy(name=name, family=name, rule="macro_f1" if name == "rule" else None)
    for name in NAMES
}
ORDER = {name: number for number, name in enumerate(NAMES)}
DONE = {0: HeldOutAnswers(np.zeros(1), np.zeros(1), np.zeros((1, 2)), np.zeros(2))}


def standing(low, value=None, verdict=None):
    value = low + 0.02 if value is None else value
    word = verdict or ("pays" if low > 0 else "cannot be told")
    return Standing(FigureDifference(value=value, low=low, high=value + 0.02), word)


def of(*names):
    return Combination(names, "macro_f1" if "rule" in names else "argmax")


class Given:
    """Singles with their lower ends, and what pays on top."""

    def __init__(self, singles, pays=(), trained=True):
        self.singles = {of(name): one for name, one in singles.items()}
        self.pays = [of(*names) for names in pays]
        self.trained = trained
        self.asked = []

    def answers_of(self, one):
        return self.trained(one) if callable(self.trained) else DONE if self.trained else None

    def judge(self, baseline, others, looked_at):
        self.asked.append((baseline.names, [one.names for one in others], looked_at))
        return {one: standing(0.01 if one in self.pays else -0.01) for one in others}

    def found(self, add=None):
        return greedy(
            self.singles,
            STRATEGIES,
            add or (lambda one, more: added(one, more, ORDER)),
            self.answers_of,
            self.judge,
        )


def test_where_nothing_pays_alone_nothing_is_put_together():
    given = Given({"weights": standing(-0.01), "mixup": standing(-0.02)})
    assert given.found().chosen == Combination() and given.asked == []


def test_the_surest_comes_first_and_others_stay_as_long_as_that_pays():
    given = Given(
        {
            "weights": standing(0.01),
            "mixup": standing(0.03),
            "cbam": standing(-0.01),
            "rule": standing(-0.015),
        },
        pays=[("mixup", "weights"), ("weights", "mixup"), ("weights", "mixup", "rule")],
    )
    found = given.found()
    assert found.chosen == of("weights", "mixup", "rule")
    assert [(one.added, one.taken) for one in found.additions] == [
        ("weights", True),
        ("cbam", False),
        ("rule", True),
    ]
    # Each is held against what is chosen by then, and shares the error with all that are added.
    assert given.asked == [
        (("mixup",), [("weights", "mixup")], 3),
        (("weights", "mixup"), [("weights", "mixup", "cbam")], 3),
        (("weights", "mixup"), [("weights", "mixup", "rule")], 3),
    ]


def test_what_hurts_or_lies_below_is_not_tried_on_top():
    given = Given(
        {
            "weights": standing(0.01),
            "mixup": standing(-0.3, value=0.1, verdict="hurts"),
            "cbam": standing(-0.1, value=-0.01),
        }
    )
    assert given.found().chosen == of("weights") and given.asked == []


def test_the_next_trainings_are_asked_for():
    given = Given({"weights": standing(0.02), "mixup": standing(0.01)}, trained=False)
    found = given.found()
    assert found.wanted == of("weights", "mixup") and found.chosen == of("weights")


def test_what_failed_or_had_no_time_is_passed_over():
    given = Given(
        {"weights": standing(0.03), "mixup": standing(0.02), "cbam": standing(0.01)},
        pays=[("weights", "cbam")],
        trained=lambda one: {} if "mixup" in one.names else DONE,
    )
    assert given.found().chosen == of("weights", "cbam")


def test_what_does_not_go_together_is_passed_over():
    given = Given({"weights": standing(0.03), "mixup": standing(0.02)}, pays=[("weights", "mixup")])
    assert given.found(add=lambda one, more: None).chosen == of("weights")
