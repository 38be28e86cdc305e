"""Greedy search for strategies that pay together: the best one, and others beside it as long as that pays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.strategy_plan import Addition, AnswersBySeed, Combination, PlannedStrategy, Standing

# So many are added at most, or tried in vain.
MOST_ADDITIONS = 6

# Takes a baseline, combinations and the number of comparisons to how each stands.
Judge = Callable[[Combination, Sequence[Combination], int], Mapping[Combination, Standing]]


@dataclass(frozen=True)
class GreedyOutcome:
    """What a search came to.

    Attributes:
        chosen: The best combination so far.
        additions: What was tried beside it.
        wanted: The combination whose trainings are needed to go on; None at the end.
    """

    chosen: Combination
    additions: tuple[Addition, ...] = field(default_factory=tuple)
    wanted: Combination | None = None


def greedy(
    singles: Mapping[Combination, Standing],
    strategies: Mapping[str, PlannedStrategy],
    add: Callable[[Combination, PlannedStrategy], Combination | None],
    answers_of: Callable[[Combination], AnswersBySeed | None],
    judge: Judge,
) -> GreedyOutcome:
    """Goes through the search as far as trainings are done.

    It begins with the strategy that pays with the surest gain. Each of the next best is then held against those chosen
    before it, and stays where that pays. Nothing is put together where no strategy pays alone, so that what the
    intervals of the single strategies promise holds for the combinations, too.

    Args:
        singles: Each strategy alone and how it stands against plain cross entropy.
        strategies: By name.
        add: Adds a strategy to others; None where they do not go together.
        answers_of: Answers of a combination's networks; None where they are not trained yet, empty where all
            failed or there is no time for them.
        judge: Holds combinations against a baseline.
    """
    ranked = sorted(singles, key=lambda one: -_low(singles[one]))
    paying = [one for one in ranked if singles[one].verdict == "pays"]
    if not paying:
        return GreedyOutcome(Combination())
    chosen = paying[0]
    additions: list[Addition] = []
    candidates = [one for one in ranked if one != chosen and (singles[one].difference.value or 0) > 0]
    candidates = [one for one in candidates if singles[one].verdict != "hurts"][:MOST_ADDITIONS]
    for candidate in candidates:
        strategy = strategies[candidate.names[0]]
        together = add(chosen, strategy)
        if together is None:
            continue
        answers = answers_of(together)
        if answers is None:
            return GreedyOutcome(chosen, tuple(additions), wanted=together)
        if not answers:
            continue
        standing = judge(chosen, [together], len(candidates))[together]
        taken = standing.verdict == "pays"
        additions.append(Addition(together, strategy.name, standing, taken))
        chosen = together if taken else chosen
    return GreedyOutcome(chosen, tuple(additions))


def _low(standing: Standing) -> float:
    low = standing.difference.low
    return float("-inf") if low is None else low
