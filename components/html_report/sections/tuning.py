"""Section on the search over settings: its trials, what mattered, and what it gained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from components.evaluation.intervals import wilson_interval
from components.html_report.charts.parallel_coordinates import ParallelChart, as_text, parallel_chart
from components.html_report.number_format import count, counted, interval, percent, score, significant
from components.html_report.report_inputs import ReportInputs
from core.documents.split_summary import SplitSummary
from core.documents.tuning import SearchResult, Trial

# The one objective that is a share of records that are right, for which alone a score gives an interval.
_SHARE = "val_accuracy"
_LOSS = "val_loss"
_TALL = 20


@dataclass(frozen=True)
class TrialRow:
    """A trial, its figures and values in words.

    Attributes:
        trial: Its number.
        is_best: Whether it is the best one.
        is_own: Whether it has the experiment's own settings.
        has_failed: Whether it failed.
        score: The objective.
        epochs: Epochs it trained for.
        seconds: Its time.
        values: Its settings, in the order of the keys.
        message: Why it failed.
    """

    trial: int
    is_best: bool
    is_own: bool
    has_failed: bool
    score: str
    epochs: str
    seconds: str
    values: list[str]
    message: str


@dataclass(frozen=True)
class SettingRow:
    """A setting searched over.

    Attributes:
        key: Dotted key.
        bar: Its importance beside the largest, in per cent.
        share: Its importance, in words.
        own: The experiment's own value.
        best: The value that the model was trained with.
    """

    key: str
    bar: float
    share: str
    own: str
    best: str


@dataclass(frozen=True)
class SearchView:
    """What the section shows.

    Attributes:
        objective: Figure that ranks the trials.
        best_trial: Number of the best one.
        keys: Settings searched over, the most important first.
        rows: Trials, the best first, the failed ones last.
        failed: Number of trials that failed.
        settings: A row for each setting.
        is_ranked: Whether it can be told what mattered.
        chart: Parallel coordinates, or None.
        comparison: Sentences on the gain.
        is_tall: Whether there are many trials.
    """

    objective: str
    best_trial: int
    keys: list[str]
    rows: list[TrialRow]
    failed: int
    settings: list[SettingRow]
    is_ranked: bool
    chart: ParallelChart | None
    comparison: list[str]
    is_tall: bool


def search(inputs: ReportInputs) -> SearchView | None:
    """Returns the trials, what mattered, and the best one against the experiment's own settings; None without a search."""
    found, trained = inputs.metrics.tuning, inputs.metrics.hyperparameters
    if found is None:
        return None
    trials = found.trials
    keys = list(dict.fromkeys(key for trial in trials for key in trial.hyperparameters))
    keys = sorted(keys, key=lambda key: (-found.importance.get(key, 0.0), keys.index(key)))
    return SearchView(
        objective=found.objective,
        best_trial=found.best_trial,
        keys=keys,
        rows=[_row(trial, keys, found.best_trial) for trial in _ranked(trials, found.direction)],
        failed=sum(trial.status == "failed" for trial in trials),
        settings=[_setting(key, found, trained or found.hyperparameters) for key in keys],
        is_ranked=bool(found.importance),
        chart=parallel_chart(
            trials, found.objective, found.direction, found.best_trial, inputs.experiment.search_space
        ),
        comparison=comparison(found, scored_counts(inputs.split_summary, inputs.experiment.search_by_folds)),
        is_tall=len(trials) > _TALL,
    )


def scored_counts(split_summary: SplitSummary, by_folds: bool) -> dict[str, int]:
    """Returns the records of each class that trials are scored by: those of eval, by folds those of train too."""
    scored = ("train", "eval") if by_folds else ("eval",)
    return {
        name: sum(splits.get(split, 0) for split in scored) for name, splits in split_summary.classes.items()
    }


def comparison(found: SearchResult, counts: Mapping[str, int]) -> list[str]:
    """Says how much the search gained over the experiment's own settings, and how far to trust it.

    The gain has its interval, where the trials' answers are known. A score alone has one only if it is a share
    of records: accuracy gets Wilson's, of 95 %. Besides, the number of records is said, and what one record
    of the rarest class weighs.

    Args:
        found: What the search found.
        counts: Records of each class that trials are scored by.

    Returns:
        Sentences.
    """
    by_number = {trial.trial: trial for trial in found.trials}
    own, best, objective = by_number[1], by_number[found.best_trial], found.objective
    if own.score is None or best.score is None:
        return [
            f"The experiment's own settings, trial 1, failed: there is nothing to hold trial {best.trial} against."
        ]
    num_scored = sum(trial.score is not None for trial in found.trials)
    if best is own:
        # Of equally good trials the first is the best one.
        first = (
            f"None of {counted(num_scored, 'trial')} did better than the experiment's own settings, trial 1"
        )
        return [f"{first}: {objective} {_with_interval(own.score, objective, counts)}."]
    difference = _signed(best.score - own.score)
    between = found.gain
    if between:
        difference += f", 95 % interval {_signed(between.low)} to {_signed(between.high)}"
    sentences = [
        f"Trial {best.trial} reached {objective} {_with_interval(best.score, objective, counts)}, the "
        f"experiment's own settings (trial 1) {_with_interval(own.score, objective, counts)}: a difference "
        f"of {difference}."
    ]
    if best.epochs != own.epochs:
        epochs = [counted(one.epochs, "epoch") for one in (best, own) if one.epochs is not None]
        sentences.append(f"They did not train equally long: {' against '.join(epochs)}.")
    if between and between.low <= 0:
        sentences.append("The interval holds 0: on these records the two cannot be told apart.")
    return [*sentences, _caution(objective, num_scored, counts)]


def _caution(objective: str, num_scored: int, counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    chosen = f"The best of {counted(num_scored, 'score')} on the same {counted(total, 'record')} looks better than it is"
    if objective == _SHARE:
        return f"{chosen}, which intervals leave out of account; test, which no trial saw, decides."
    rarest = min(counts, key=lambda name: (counts[name], name))
    weighs = (
        f", and one of the {counted(counts[rarest], 'record')} of {rarest} moves its recall by "
        f"{percent(1, counts[rarest])}"
        if objective != _LOSS and counts[rarest]
        else ""
    )
    return f"{chosen}{weighs}. No interval takes that into account; test, which no trial saw, decides."


def _with_interval(value: float, objective: str, counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    if objective != _SHARE or not total:
        return score(value)
    return f"{score(value)} ({interval(wilson_interval(round(value * total), total))})"


def _signed(value: float) -> str:
    return f"{'+' if round(value, 3) > 0 else ''}{score(value)}"


def _ranked(trials: Sequence[Trial], direction: str) -> list[Trial]:
    sign = 1 if direction == "min" else -1
    return sorted(trials, key=lambda trial: (trial.score is None, sign * (trial.score or 0.0), trial.trial))


def _row(trial: Trial, keys: list[str], best_trial: int) -> TrialRow:
    return TrialRow(
        trial=trial.trial,
        is_best=trial.trial == best_trial,
        is_own=trial.trial == 1,
        has_failed=trial.status == "failed",
        score=score(trial.score),
        epochs=count(trial.epochs),
        seconds=significant(trial.seconds),
        values=[as_text(trial.hyperparameters.get(key)) for key in keys],
        message=trial.message,
    )


def _setting(key: str, found: SearchResult, trained: Mapping[str, JsonValue]) -> SettingRow:
    share = found.importance.get(key, 0.0)
    own = next(trial for trial in found.trials if trial.trial == 1).hyperparameters
    largest = max(found.importance.values(), default=0.0)
    return SettingRow(
        key=key,
        bar=round(100 * share / largest, 1) if largest else 0.0,
        share=percent(share, 1.0),
        own=as_text(own.get(key)),
        best=as_text(trained.get(key)),
    )
