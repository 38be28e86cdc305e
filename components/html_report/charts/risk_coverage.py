"""Risk over coverage: how many mistakes are left as more of the doubtful records go to a person, class by class."""

from dataclasses import dataclass

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.html_report.charts.square_chart import Dot, SquareChart, Trace, place_x, place_y, polyline
from components.html_report.charts.thinning import thin
from components.html_report.number_format import score

CLASSES_DRAWN = 12
_ERROR, _DECIDED = 0, 1


@dataclass(frozen=True)
class RiskCurve:
    """What becomes of some records as the doubt up to which they are decided on rises.

    Attributes:
        coverage: Of all test records, those decided on, float `(steps,)`, rising to 1.
        decided: Of the records looked at, those decided on, float `(steps,)`.
        error: Of those decided on among them, those decided wrongly, float `(steps,)`; 0 where there are none.
    """

    coverage: np.ndarray
    decided: np.ndarray
    error: np.ndarray


def risk_curve(doubt: np.ndarray, wrong: np.ndarray, mine: np.ndarray) -> RiskCurve:
    """Computes error and share decided on of some records over the coverage of all.

    Reference:
        El-Yaniv and Wiener (2010), "On the foundations of noise-free selective classification",
        https://jmlr.org/papers/v11/el-yaniv10a.html

    Args:
        doubt: Of all records, float `(n,)`, at least one.
        wrong: Whether their decisions are wrong, bool `(n,)`.
        mine: Which records are looked at, bool `(n,)`, at least one.
    """
    order = np.argsort(doubt, kind="stable")
    rising = doubt[order]
    last_of_doubt = np.flatnonzero(np.append(rising[1:] > rising[:-1], True))
    decided = np.cumsum(mine[order])[last_of_doubt]
    mistakes = np.cumsum((mine & wrong)[order])[last_of_doubt]
    return RiskCurve(
        coverage=(last_of_doubt + 1) / len(doubt),
        decided=decided / mine.sum(),
        error=mistakes / np.maximum(decided, 1),
    )


def risk_coverage_chart(
    title: str, records: AnsweredRecords, doubt: np.ndarray, mine: np.ndarray
) -> SquareChart:
    """Draws error and share decided on over coverage, with dots where the model stands.

    Args:
        title: What the records are, as the chart is headed.
        records: The test records of a model that abstains.
        doubt: Of their decisions, float `(n,)`.
        mine: Which of them are looked at, bool `(n,)`, at least one.
    """
    wrong = records.decisions != records.labels
    answered = np.ones(len(mine), bool) if records.abstained is None else ~records.abstained
    curve = risk_curve(doubt, wrong, mine)
    now = (
        float((wrong & mine & answered).sum() / max(1, (mine & answered).sum())),
        float((mine & answered).sum() / mine.sum()),
    )
    traces, dots = [], []
    for name, values, here, style in (
        ("error of those decided on", curve.error, now[_ERROR], _ERROR),
        ("share decided on", curve.decided, now[_DECIDED], _DECIDED),
    ):
        kept = thin(curve.coverage, values)
        traces.append(Trace(name, polyline(zip(curve.coverage[kept], values[kept], strict=True)), style))
        dots.append(Dot(place_x(answered.mean()), place_y(here), 4.5, style))
    return SquareChart(
        title=title,
        description=(
            f"{title}: of those decided on {score(now[_ERROR])} are wrong, were all decided on "
            f"{score(float((wrong & mine).sum() / mine.sum()))}; {score(now[_DECIDED])} are decided on."
        ),
        x_label="share of all records decided on",
        y_label="share",
        traces=traces,
        dots=dots,
    )
