"""Describes what a search for strategies found: the document of it, and a table."""

import io
from collections.abc import Mapping, Sequence

import numpy as np

from components.evaluation.resampled_figures import Tail, figures
from components.strategy_search.evidence import Evidence
from components.strategy_search.judge import RuledAnswers, decided_by_seed, evidence
from core.documents.strategies import FigureDifference, GreedyStep, NotTried, Strategies, TriedStrategy
from core.spreadsheet_csv import SpreadsheetWriter
from core.strategy_plan import ClassFacts, SearchOutcome, StrategyPlan, TrainedCombination

_SURE = 1e-3


def described(found: SearchOutcome, plan: StrategyPlan, out_of_fold: bool) -> Strategies:
    """Describes what a search found.

    Args:
        found: What its trainings came to.
        plan: What was to be tried.
        out_of_fold: Whether the networks answered records out of fold, and not those of eval.

    Raises:
        ValueError: Every training of plain cross entropy failed.
    """
    if not found.plain.answers:
        raise ValueError(
            f"Every training of plain cross entropy failed. The first one said: {found.plain.failed[0]} Mend that "
            "before anything is compared to it."
        )
    classes, tail = found.classes, Tail(np.asarray(found.classes.counts))
    # The single ones as the search judged them; what came of them comes after.
    singles = _judged(found, found.singles, plan, tail, looked_at=found.looked_at)
    together = _judged(found, found.together, plan, tail, looked_at=found.looked_at + len(found.together))
    first = next(iter(found.plain.answers.values()))
    return Strategies(
        judged_by="out of fold" if out_of_fold else "eval",
        records=len(first.labels),
        seeds=plan.seeds,
        rarest=found.names[tail.rarest],
        groups={
            name: tuple(one for one, inside in zip(found.names, members, strict=True) if inside)
            for name, members in tail.groups.items()
        },
        looked_at=found.looked_at,
        plain=_tried(found.plain, None, plan, classes, tail),
        singles=singles,
        together=together,
        steps=tuple(
            GreedyStep(
                names=one.combination.names,
                added=one.added,
                difference=one.standing.difference,
                verdict=one.standing.verdict,
                taken=one.taken,
            )
            for one in found.additions
        ),
        chosen=found.chosen.names,
        decision_prior=_decision_prior(found),
        out_of_time=tuple(
            NotTried(name=name, reason="There was no time for it.") for name in found.out_of_time
        ),
        does_not_fit=tuple(NotTried(name=one.name, reason=one.reason) for one in plan.does_not_fit),
        folds=plan.folds,
        per_class=dict(
            zip(
                found.names,
                np.bincount(first.labels, minlength=len(found.names)).tolist(),
                strict=True,
            )
        ),
    )


def _judged(
    found: SearchOutcome,
    tried: Sequence[TrainedCombination],
    plan: StrategyPlan,
    tail: Tail,
    looked_at: int,
) -> tuple[TriedStrategy, ...]:
    numbered = {str(number): one for number, one in enumerate(tried)}
    answered = {
        number: _ruled(one) for number, one in numbered.items() if set(one.answers) & set(found.plain.answers)
    }
    evidences = evidence(found.classes, _ruled(found.plain), answered, looked_at)
    return tuple(
        _tried(one, evidences.get(number), plan, found.classes, tail) for number, one in numbered.items()
    )


def _ruled(one: TrainedCombination) -> RuledAnswers:
    return one.combination.rule, one.answers


def _tried(
    one: TrainedCombination,
    found: Evidence | None,
    plan: StrategyPlan,
    classes: ClassFacts,
    tail: Tail,
) -> TriedStrategy:
    planned = {strategy.name: strategy for strategy in plan.strategies}
    own = [planned[name] for name in one.combination.names]
    settings = {key: value for strategy in own for key, value in strategy.settings.items()}
    if one.combination.rule != "argmax":
        settings["decision.rule"] = one.combination.rule
    return TriedStrategy(
        names=one.combination.names,
        family=own[0].family if len(own) == 1 else "",
        settings=settings,
        seeds=len(one.answers),
        figures=_means(one, classes, tail),
        differences=dict(found.differences) if found else {},
        verdict=found.verdict if found else None,
        seconds=None if one.seconds is None else round(one.seconds, 1),
        parameters=one.parameters,
        failed=one.failed,
    )


def _means(one: TrainedCombination, classes: ClassFacts, tail: Tail) -> dict[str, float | None]:
    decided = decided_by_seed(_ruled(one), classes)
    by_seed = [
        figures(one.answers[seed].labels, answers, np.ones((1, len(answers.decisions))), tail)
        for seed, answers in decided.items()
    ]
    means = {name: float(np.mean([values[name] for values in by_seed])) for name in (by_seed or [{}])[0]}
    return {name: value if np.isfinite(value) else None for name, value in means.items()}


def _decision_prior(found: SearchOutcome) -> Mapping[str, float] | None:
    """Returns the class shares that the chosen network's own answers assume, where these are not those of train.

    The served probabilities are those for the shares of train, which would take back what a loss, weights or sampling
    did to the decisions. Where no rule draws them, what was measured is what the network says itself.
    """
    chosen = found.chosen
    trained = [one for one in (*found.singles, *found.together) if one.combination == chosen]
    if not trained or chosen.rule != "argmax" or found.classes.prior is not None:
        return None
    prior = np.mean([one.prior for one in trained[0].answers.values()], axis=0)
    prior = prior / prior.sum()
    natural = np.asarray(found.classes.counts) / np.sum(found.classes.counts)
    if np.abs(prior - natural).max() < _SURE:
        return None
    shares = np.round(prior, 6)
    shares[0] = round(1 - shares[1:].sum(), 6)
    return dict(zip(found.names, shares.tolist(), strict=True))


def as_csv(found: Strategies) -> str:
    """Writes a line for plain cross entropy, each strategy, several together, and what was not tried."""
    names = list(found.plain.figures)
    table = io.StringIO()
    writer = SpreadsheetWriter(table)
    ends = [f"{name}{end}" for name in names for end in ("", "_difference", "_low", "_high")]
    writer.writerow(
        ["strategy", "family", "verdict", "chosen", "seeds", "seconds", "parameters", *ends, "reason"]
    )
    for one in (found.plain, *found.singles, *found.together):
        figures_of = [text for name in names for text in _figure(one, name)]
        writer.writerow(
            [
                title(one.names),
                one.family,
                one.verdict or "",
                "yes" if one.names == found.chosen else "",
                str(one.seeds),
                _text(one.seconds),
                _text(one.parameters),
                *figures_of,
                " ".join(dict.fromkeys(one.failed)),
            ]
        )
    for left_out in (*found.out_of_time, *found.does_not_fit):
        writer.writerow([left_out.name, "", "not tried", "", "0", *[""] * (2 + len(ends)), left_out.reason])
    return table.getvalue()


def title(names: Sequence[str]) -> str:
    """Names strategies together."""
    return " + ".join(names) or "plain cross entropy"


def _figure(one: TriedStrategy, name: str) -> list[str]:
    difference = one.differences.get(name) or FigureDifference(value=None, low=None, high=None)
    return [_text(value) for value in (one.figures.get(name), *difference.as_dict().values())]


def _text(value: float | int | None) -> str:
    return "" if value is None else f"{value:.6g}"
