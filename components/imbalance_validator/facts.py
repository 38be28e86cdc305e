"""Facts that the checks are given: the data in numbers, without a file or an artifact in sight."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from core.documents.time_summary import TimeSummary


@dataclass(frozen=True)
class Column:
    """One feature of the sampled train records.

    Attributes:
        numeric: Whether the values are numbers.
        values: float64 `(records,)`, NaN where missing, for numbers; int64 `(records,)`, index into
            `categories`, -1 where missing, for text.
        categories: The different texts; empty for numbers.
    """

    numeric: bool
    values: np.ndarray
    categories: tuple[str, ...] = ()

    @property
    def missing(self) -> np.ndarray:
        """Bool `(records,)`."""
        return np.isnan(self.values) if self.numeric else self.values < 0


@dataclass(frozen=True)
class Sample:
    """Records of train.

    Attributes:
        labels: int64 `(records,)`, index of the class.
        order: uint64 `(records,)`, pseudo-random by the record's key.
        columns: Name to feature.
    """

    labels: np.ndarray
    order: np.ndarray
    columns: dict[str, Column]


@dataclass(frozen=True)
class Anomaly:
    """What TFDV has against a feature in a split; `feature` is empty where it is against the whole split."""

    split: str
    feature: str
    severity: Literal["hard", "soft"]
    description: str


@dataclass(frozen=True)
class Crossing:
    """What stands in several splits.

    Attributes:
        count: Number of contents, keys or groups that stand in more than one split.
        records: Number of records that have them.
        shown: The first of them, each as its records (or the group) with their splits, for people.
    """

    count: int = 0
    records: int = 0
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataFacts:
    """Everything the checks look at.

    Attributes:
        classes: Names of the classes, over all splits.
        splits: Names of the splits; the first is train.
        counts: int64 `(splits, classes)`.
        splits_given: Whether the data came split, and not by our shares.
        sample: Records of train.
        aucs: Feature to its AUC for each class, as `feature_aucs` measures it.
        anomalies: What TFDV's ExampleValidator found.
        contents: Equal contents, whatever their class, in several splits.
        keys: Equal record keys in several splits.
        groups: Groups in several splits.
        given_copies: Copies that StratifiedExampleGen found in data that came split.
        previous: Class to its count over all splits in the data of the last run; None where there are none.
        time_gap: Microseconds that splits by time lie apart at least; None where the splits are by something else.
        time_spans: Split to the earliest and the latest time of its records, in microseconds since 1970.
        over_time: What StratifiedExampleGen counted over time; None where records have no times.
    """

    classes: tuple[str, ...]
    splits: tuple[str, ...]
    counts: np.ndarray
    splits_given: bool
    sample: Sample
    anomalies: tuple[Anomaly, ...] = ()
    contents: Crossing = field(default_factory=Crossing)
    keys: Crossing = field(default_factory=Crossing)
    groups: Crossing = field(default_factory=Crossing)
    given_copies: int = 0
    aucs: dict[str, np.ndarray] = field(default_factory=dict)
    previous: dict[str, int] | None = None
    time_gap: int | None = None
    time_spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    over_time: TimeSummary | None = None

    def mean_aucs(self) -> dict[str, float | None]:
        """Returns each feature's AUC as the mean over the classes; None where no class can be judged."""
        return {
            name: None if np.isnan(aucs).all() else float(np.nanmean(aucs))
            for name, aucs in self.aucs.items()
        }
