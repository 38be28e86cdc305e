"""Geometry of parallel coordinates: an axis for each setting, a line for each trial; the template draws it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.html_report.charts.line_chart import ticks
from components.html_report.number_format import significant
from core.documents.tuning import Trial

# In units of the SVG's viewBox. The axes lie one below the other: their names then fit on a phone.
WIDTH, LEFT, RIGHT, TOP, GAP = 360, 10, 350, 28, 54
UNUSED_PLACE, RIGHT_BESIDE_UNUSED = 350, 294
UNUSED = "unused"
_BOTTOM_MARGIN = 22
_LETTER = 6.2  # Width of an average letter of the chart's font.
_LOG_FROM = 20.0
_CLOSE = 0.2  # Labels nearer to an end than this share of the axis would touch the end's own.
_FAINTEST, _STRONGEST = 0.2, 0.75

Dimension = Mapping[str, Any]


@dataclass(frozen=True)
class Label:
    """A value written below an axis; `anchor` is the SVG's: start, middle or end."""

    position: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Axis:
    """One setting, or the score.

    Attributes:
        name: Its key.
        note: `log scale`, or what else is to be said beside the name.
        y: Where the axis lies.
        labels: Values written below it; a text is cut to the room it has.
    """

    name: str
    note: str
    y: float
    labels: list[Label]


@dataclass(frozen=True)
class TrialLine:
    """One trial, in viewBox units.

    Attributes:
        name: What it is called.
        points: Where it crosses the axes, first to last.
        style: `best`, `own` for the experiment's own settings, or `other`.
        opacity: In [0, 1]; the better the trial, the nearer to 1.
    """

    name: str
    points: list[tuple[float, float]]
    style: str
    opacity: float


@dataclass(frozen=True)
class ParallelChart:
    """Parallel coordinates in viewBox units; the line to be seen above all comes last."""

    height: float
    description: str
    axes: list[Axis]
    lines: list[TrialLine]


@dataclass(frozen=True)
class _Scale:
    places: Mapping[str, float]
    limits: tuple[float, float]
    is_log: bool
    right: float

    def place(self, value: Any) -> float:
        """Returns where a value stands; None is beside the axis."""
        if value is None:
            return UNUSED_PLACE
        if self.places:
            return self.places[as_text(value)]
        return round(LEFT + self.share(value) * (self.right - LEFT), 1)

    def share(self, value: float) -> float:
        low, high, value = (
            math.log(one) if self.is_log else float(one) for one in (*self.limits, float(value))
        )
        return (value - low) / (high - low) if high > low else 0.5


def parallel_chart(
    trials: Sequence[Trial],
    objective: str,
    direction: str,
    best_trial: int,
    space: Mapping[str, Dimension],
) -> ParallelChart | None:
    """Lays out the trials that have a score.

    A setting's axis is logarithmic where the space says so; where the space does not name the setting, if its
    values are above 0 and the largest is at least 20 times the smallest. Values that are listed, or are no
    numbers, are levels at equal distances. A setting that has no effect in a trial is beside its axis.

    Reference: Inselberg, "The plane with parallel coordinates", 1985, https://doi.org/10.1007/BF01898350

    Args:
        trials: Those of the search.
        objective: What the score is.
        direction: `max` or `min`.
        best_trial: Number of the trial to emphasise.
        space: Dotted key to `choice`, `float` or `int`, and `log`, as experiments have it; may be empty.

    Returns:
        The chart, with the score as the last axis; None where fewer than two trials have a score.
    """
    scored = [trial for trial in trials if trial.score is not None]
    keys = list(dict.fromkeys(key for trial in scored for key in trial.hyperparameters))
    if len(scored) < 2 or not keys:
        return None
    columns: dict[str, list[Any]] = {
        key: [trial.hyperparameters.get(key) for trial in scored] for key in keys
    }
    scales = {key: _scale(values, space.get(key, {})) for key, values in columns.items()}
    scores = [float(trial.score) for trial in scored if trial.score is not None]
    scales[""] = _Scale({}, (min(scores), max(scores)), False, RIGHT)
    columns[""] = scores
    heights = [float(TOP + GAP * row) for row in range(len(scales))]
    better = f"{'lower' if direction == 'min' else 'higher'} is better"
    axes = [
        Axis(key or objective, better if not key else _note(scale), y, _labels(scale, columns[key]))
        for (key, scale), y in zip(scales.items(), heights, strict=True)
    ]
    lines = [
        TrialLine(
            f"trial {trial.trial}",
            [
                (scales[key].place(values[row]), y)
                for (key, values), y in zip(columns.items(), heights, strict=True)
            ],
            _style(trial.trial, best_trial),
            _opacity(scores[row], scores, direction),
        )
        for row, trial in enumerate(scored)
    ]
    order = ("other", "own", "best")
    return ParallelChart(
        height=heights[-1] + _BOTTOM_MARGIN,
        description=_describe(scored, scales, objective, best_trial),
        axes=axes,
        lines=sorted(lines, key=lambda line: (order.index(line.style), line.opacity)),
    )


def as_text(value: Any) -> str:
    """Writes a setting's value: numbers shortly, text as it is, all else as JSON; no value is an en dash."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return significant(value)
    return json.dumps(value, ensure_ascii=False)


def _scale(values: Sequence[Any], dimension: Dimension) -> _Scale:
    given = [value for value in values if value is not None]
    right = RIGHT_BESIDE_UNUSED if len(given) < len(values) else RIGHT
    are_numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in given)
    listed = dimension.get("choice")
    if listed or not are_numbers:
        levels = [as_text(value) for value in listed or ()]
        # A search that an earlier space began may have values that this one does not list.
        levels += sorted({as_text(value) for value in given} - set(levels))
        return _Scale(_level_places(levels, right), (0.0, 1.0), False, right)
    limits = dimension.get("float") or dimension.get("int") or ()
    low, high = min(*given, *limits, math.inf), max(*given, *limits, -math.inf)
    is_log = dimension["log"] if "log" in dimension else low > 0 and high >= _LOG_FROM * low
    return _Scale({}, (float(low), float(high)), is_log and low > 0, right)


def _level_places(levels: Sequence[str], right: float) -> dict[str, float]:
    if len(levels) == 1:
        return {levels[0]: (LEFT + right) / 2}
    apart = (right - LEFT) / (len(levels) - 1)
    return {level: round(LEFT + apart * row, 1) for row, level in enumerate(levels)}


def _labels(scale: _Scale, values: Sequence[Any]) -> list[Label]:
    if scale.places:
        room = _room(len(scale.places), scale.right)
        found = [_label(scale, place, _cut(level, room)) for level, place in scale.places.items()]
    else:
        found = [_label(scale, scale.place(mark), significant(mark)) for mark in _marks(scale)]
    is_unused = any(value is None for value in values)
    return [*found, Label(UNUSED_PLACE, UNUSED, "end")] if is_unused else found


def _label(scale: _Scale, place: float, text: str) -> Label:
    return Label(place, text, "start" if place <= LEFT else "end" if place >= scale.right else "middle")


def _room(num_levels: int, right: float) -> int:
    """Returns the letters of a level: those at the ends stand inside the axis, others to both sides of their place."""
    share = {1: 1.0, 2: 2.0}.get(num_levels, 1.5)
    return max(int((right - LEFT) / max(num_levels - 1, 1) / share / _LETTER), 2)


def _marks(scale: _Scale) -> list[float]:
    low, high = scale.limits
    if low == high:
        return [low]
    between = (
        [10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
        if scale.is_log
        else ticks(low, high, 4)
    )
    return [low, *(mark for mark in between if _CLOSE < scale.share(mark) < 1 - _CLOSE), high]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _note(scale: _Scale) -> str:
    return "log scale" if scale.is_log else ""


def _style(trial: int, best_trial: int) -> str:
    return "best" if trial == best_trial else "own" if trial == 1 else "other"


def _opacity(score: float, scores: Sequence[float], direction: str) -> float:
    """Goes by rank: one trial that diverged would make all others equally dark."""
    worse = sum(other > score if direction == "min" else other < score for other in scores)
    return round(_FAINTEST + (_STRONGEST - _FAINTEST) * worse / max(len(scores) - 1, 1), 2)


def _describe(scored: Sequence[Trial], scales: Mapping[str, _Scale], objective: str, best_trial: int) -> str:
    axes = [f"{key or objective} ({_extent(scale)})" for key, scale in scales.items()]
    best = next(trial for trial in scored if trial.trial == best_trial)
    values = [f"{key} {as_text(value)}" for key, value in best.hyperparameters.items()]
    return (
        f"Parallel coordinates of {len(scored)} trials over {', '.join(axes)}. The best one, trial {best_trial}, "
        f"has {', '.join(values)} and reached {significant(best.score)}."
    )


def _extent(scale: _Scale) -> str:
    if scale.places:
        return ", ".join(scale.places)
    low, high = map(significant, scale.limits)
    return f"{low} to {high}{', logarithmic' if scale.is_log else ''}"
