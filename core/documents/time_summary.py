"""Times of the records, as StratifiedExampleGen found them: a part of SplitSummary."""

from core.documents.document import Part
from core.documents.values import Count, Number


class TimeSpan(Part):
    """The first and the last time of some records, as ISO 8601 has them, and their number."""

    first: str
    last: str
    records: Count


class TimeSplit(Part):
    """Where splits by time begin, and what that leaves out.

    Attributes:
        eval_from: First time that may be in eval.
        test_from: First time that may be in test.
        gap: How long before each of them records are left out.
        in_gap: Records in the gaps.
        continuing: Records left out because their group goes on in a later split.
        repeated_later: Records left out because an equal one stands in a later split.
    """

    eval_from: str
    test_from: str
    gap: str
    in_gap: Count
    continuing: Count
    repeated_later: Count


class TimePeriod(Part):
    """One of several periods of equal length: when it begins, and how many records of each class and split it holds."""

    begin: str
    classes: dict[str, Count]
    splits: dict[str, Count]


class ClassTrend(Part):
    """How a class's share moves.

    Attributes:
        early: Its share of the first third of the records, in the order of their times, in [0, 1].
        late: Its share of the last third.
        p_value: Of the hypothesis that its records come at the times of all others, by their rank sums.
    """

    early: Number
    late: Number
    p_value: Number


class TimeSummary(Part):
    """The records over time.

    Attributes:
        column: Column of the times.
        rule: How they were read, for people.
        first: The earliest, as ISO 8601 has it.
        last: The latest.
        records_per_day: How many arrive in a day in the mean, in the time of eval where the splits are by time; None of a
            single time.
        splits: Split to its first and last time.
        split: The split by time; None where it is by something else.
        periods: Counts over time.
        trends: Class to how its share moves.
    """

    column: str
    rule: str
    first: str
    last: str
    records_per_day: Number | None
    splits: dict[str, TimeSpan]
    split: TimeSplit | None = None
    periods: tuple[TimePeriod, ...]
    trends: dict[str, ClassTrend]

    def moved_classes(self, level: float = 0.01) -> list[str]:
        """Names the classes whose share moves beyond chance, all tests together at a level; the surest first."""
        bound = level / max(len(self.trends), 1)
        moved = [name for name, trend in self.trends.items() if trend.p_value < bound]
        return sorted(moved, key=lambda name: (self.trends[name].p_value, name))
