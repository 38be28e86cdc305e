"""Scores of consecutive windows of the test records, by their time: a part of Metrics."""

from core.documents.decision_scores import Rate
from core.documents.document import Part
from core.documents.values import Count, Number


class WindowScores(Part):
    """Scores of one window.

    Attributes:
        begin: Its first time, as ISO 8601 has it.
        end: Its last time.
        n: Its records.
        support: Those of the rarest class.
        macro_f1: Of all classes; with a bootstrap interval.
        average_precision: Of the rarest class; with a bootstrap interval.
        recall: Of the rarest class; with Wilson's interval.
    """

    begin: str
    end: str
    n: Count
    support: Count
    macro_f1: Rate
    average_precision: Rate
    recall: Rate


class ScoreTrend(Part):
    """How a score moves from window to window.

    Attributes:
        slope: By the least squares over the windows, from one to the next.
        p_value: Of a fall as steep, were the records of each class spread over the windows by chance.
        falls: Whether that is so rare that the score falls, all scores together at .05.
    """

    slope: Number
    p_value: Number
    falls: bool


class TimeScores(Part):
    """Scores of test over time.

    Attributes:
        rarest: The rarest class.
        windows: In the order of time, of about as many records each.
        trends: `macro_f1`, `average_precision` and `recall` to how they move; a score that fewer than two windows have is
            left out.
        sentence: What that says, for people.
    """

    rarest: str
    windows: tuple[WindowScores, ...]
    trends: dict[str, ScoreTrend]
    sentence: str
