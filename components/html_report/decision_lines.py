"""Sentences on what decisions are worth to those who act on them, for the terminal."""

from collections.abc import Iterator, Sequence

from components.html_report.headline import rarest_first
from components.html_report.number_format import MISSING, amount, amount_rate, rate, score, share, share_rate
from core.documents.decision import CoverageFigures
from core.documents.decision_scores import AbstentionScores, CoverageScores, QueueScores
from core.documents.metrics import Metrics
from core.documents.money import MoneyScores
from core.documents.unknown import UnknownScores
from core.printable import listed


def decision_lines(metrics: Metrics) -> list[str]:
    """Says what came of queue and of what else was asked of the decision, and how scores move, a line each."""
    # A terminal is shown no character that does not print, which a blank that may not break is taken for.
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in _lines(metrics)]


def _lines(metrics: Metrics) -> Iterator[str]:
    if metrics.queue is not None:
        yield _queue_line(metrics.queue)
    if metrics.money is not None:
        yield _money_line(metrics.money)
    if metrics.unknown is not None:
        yield _unknown_line(metrics.unknown)
    if metrics.abstention is not None:
        yield _abstention_line(metrics.abstention, rarest_first(metrics))
    if metrics.coverage is not None:
        yield from _coverage_lines(metrics.coverage, metrics.decision.coverage)
    if metrics.over_time is not None:
        yield metrics.over_time.sentence.removesuffix(".")


def _unknown_line(unknown: UnknownScores) -> str:
    measured = {name: one.unknown for name, one in unknown.per_class.items() if one.unknown.value is not None}
    most = max(measured, key=lambda name: (measured[name].value, name))
    return (
        f"Called unknown: {rate(unknown.unknown)} of test, all of known classes ({share(unknown.asked)} asked for, by "
        f"{unknown.held_out:,} held-out records), most of {most}: {rate(measured[most])}"
    )


def _abstention_line(abstention: AbstentionScores, names: Sequence[str]) -> str:
    rarest = next((name for name in names if abstention.per_class[name].support), names[0])
    of_rarest = abstention.per_class[rarest].abstained.value
    return (
        f"Left to a person: {share(abstention.abstained.value)} of test, {share(of_rarest)} of {rarest}; error of the "
        f"rest {rate(abstention.error)}, were all decided on {score(abstention.error_without.value)}"
    )


def _coverage_lines(coverage: CoverageScores, figures: CoverageFigures | None) -> Iterator[str]:
    measured = {
        name: one.covered for name, one in coverage.per_class.items() if one.covered.value is not None
    }
    lowest = min(measured, key=lambda name: (measured[name].value, name))
    yield (
        f"Sets: {share(coverage.covered.value)} hold the true class ({share(coverage.asked)} of every class asked for), least "
        f"of {lowest}: {rate(measured[lowest])}; {coverage.mean_size:.2f} classes in the mean"
    )
    few = [] if figures is None else [name for name, weight in figures.own_weight.items() if weight < 1]
    if few and figures is not None:
        yield (
            f"Fewer than the {figures.fewest_records} held-out records that a threshold of its own takes, so that no share "
            f"is promised: {listed(few)}"
        )


def _money_line(money: MoneyScores) -> str:
    others = {
        f"never {money.class_name}": money.always_no,
        f"always {money.class_name}": money.always_yes,
        "argmax": money.argmax,
    }
    beside = ", ".join(f"{name} {amount(one.total.value)}" for name, one in others.items())
    return (
        f"Costs: {amount_rate(money.rule.total)} on test, {amount(money.rule.mean.value)} a record; {beside}; saves "
        f"{share_rate(money.savings)} of the cheaper of never and always"
    )


def _queue_line(queue: QueueScores) -> str:
    size = queue.size
    lift = MISSING if size.lift.value is None else f"{size.lift.value:.1f}"
    return (
        f"Queue of {queue.class_name}: {share(size.share.value)} of test ({share(size.asked)} asked for), precision "
        f"{rate(size.precision)}, recall {rate(size.recall)}, lift {lift}"
    )
