"""Judges combinations of strategies by what their networks answered, for search and component alike."""

from collections.abc import Mapping, Sequence

import numpy as np

from components.evaluation.resampled_figures import Tail
from components.strategy_search.decide import decided
from components.strategy_search.evidence import BySeed, Evidence, Judged
from components.strategy_search.evidence import judge as evidence_of
from core.documents.strategies import PAYS_BY
from core.strategy_plan import AnswersBySeed, ClassFacts, Standing

_SEED = 0
RuledAnswers = tuple[str, AnswersBySeed]


def judge(
    classes: ClassFacts,
    baseline: RuledAnswers,
    strategies: Mapping[str, RuledAnswers],
    looked_at: int,
) -> dict[str, Standing]:
    """Holds combinations against a baseline by the figures that decide; see `core.strategy_plan.JudgeFn`."""
    found = evidence(classes, baseline, strategies, looked_at, PAYS_BY)
    return {name: Standing(one.differences[PAYS_BY[0]], one.verdict) for name, one in found.items()}


def evidence(
    classes: ClassFacts,
    baseline: RuledAnswers,
    strategies: Mapping[str, RuledAnswers],
    looked_at: int,
    names: Sequence[str] | None = None,
) -> dict[str, Evidence]:
    """Holds combinations against a baseline, by some figures or all of them."""
    if not strategies:
        return {}
    first = next(iter(baseline[1].values()))
    records = Judged(first.labels, first.units, Tail(np.asarray(classes.counts)), _SEED)
    return evidence_of(
        records,
        decided_by_seed(baseline, classes),
        {name: decided_by_seed(answers, classes) for name, answers in strategies.items()},
        looked_at,
        names,
    )


def decided_by_seed(answers: RuledAnswers, classes: ClassFacts) -> BySeed:
    """Decides by a rule what the networks of every seed answered."""
    rule, by_seed = answers
    return {seed: decided(rule, one, classes, _SEED) for seed, one in by_seed.items()}
