"""Report of drift in new data and in a model's answers to them, with a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.drift_watch.confidence import Confidence
from components.drift_watch.feature_distance import FeatureDistance
from components.drift_watch.moved_prior import moved_classes, prior_to_set
from components.drift_watch.prior_estimate import PriorEstimate
from components.drift_watch.recall_change import RecallChange
from components.drift_watch.work_change import WorkChange

RETRAIN, NO_DRIFT = "retrain", "no sign of drift"


@dataclass(frozen=True)
class Limits:
    """Limits beyond which a change counts as drift.

    Attributes:
        max_distance: Of distances of columns, of rises in the share of missing and unknown values and of
            unreadable records, and of the change of the mean score, in (0, 1].
        max_prior_ratio: Times by which a class's share may grow or shrink, and what people get of the records, above 1.
    """

    max_distance: float = 0.1
    max_prior_ratio: float = 1.25


@dataclass(frozen=True)
class Column:
    """A column of the new data beside that of test and train.

    Attributes:
        distance: To train.
        missing: Share of missing values in test and in the new data.
        unknown: Share of categories the model does not know, likewise; None for numbers and without values.
    """

    distance: FeatureDistance
    missing: tuple[float, float]
    unknown: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True)
class DriftReport:
    """Measurements of new data beside test and train.

    Attributes:
        version: Of the pushed model.
        classes: Names in index order.
        num_records: New records that were read.
        unreadable: Those that were not, each as a sentence.
        columns: Of a table; none for images alone.
        assumed: Class shares that the served probabilities assume, `(classes,)`.
        em: Shares estimated from the probabilities.
        black_box: Shares estimated from the decisions, or None where these do not tell.
        labelled: Shares of the labelled new records; None unless all are.
        confidence: Mean score, on test and on the new data.
        recalls: By class, or None where no new record is labelled.
        new_classes: Labels that the model does not know, with their numbers of records.
        limits: What counts as drift.
        files_left_out: What lies among images and is no record at all, each as a sentence.
        mostly_unknown: Columns whose values the model mostly does not know, a sentence each.
        work: Shares of the records that people get, of a model with a queue, abstentions or unknown records.
    """

    version: int
    classes: tuple[str, ...]
    num_records: int
    unreadable: tuple[str, ...]
    columns: tuple[Column, ...]
    assumed: np.ndarray
    em: PriorEstimate
    black_box: PriorEstimate | None
    labelled: PriorEstimate | None
    confidence: Confidence
    recalls: tuple[RecallChange, ...] | None
    new_classes: dict[str, int]
    limits: Limits
    files_left_out: tuple[str, ...] = ()
    mostly_unknown: tuple[str, ...] = ()
    work: tuple[WorkChange, ...] = ()

    @property
    def moved(self) -> np.ndarray:
        """The classes whose share moved, bool `(classes,)`; labels, where all records have one, outdo estimates."""
        estimates = (
            [self.labelled] if self.labelled else [self.em, *([self.black_box] if self.black_box else [])]
        )
        return moved_classes(self.assumed, estimates, self.limits.max_prior_ratio)

    @property
    def prior_to_set(self) -> dict[str, float]:
        """What `decision.prior` takes, should the new shares last."""
        shares = prior_to_set((self.labelled or self.em).shares)
        return dict(zip(self.classes, shares.tolist(), strict=True))

    @property
    def verdict(self) -> str:
        return RETRAIN if self.reasons() else NO_DRIFT

    def reasons(self) -> list[str]:
        """Says what drifted, one sentence each; nothing where nothing did."""
        return [
            *self._of_records(),
            *(sentence for column in self.columns for sentence in self._of_column(column)),
            *self._of_prior(),
            *self._of_answers(),
        ]

    def _of_records(self) -> list[str]:
        sentences = []
        share = len(self.unreadable) / (self.num_records + len(self.unreadable))
        if share > self.limits.max_distance:
            sentences.append(f"{share:.1%} of the records cannot be read, the first: {self.unreadable[0]}.")
        for name, count in self.new_classes.items():
            sentences.append(f"Class {name!r}, with {count:,} records, is not one of the model's.")
        return sentences

    def _of_column(self, column: Column) -> list[str]:
        name, distance, sentences = column.distance.name, column.distance, []
        if distance.drifted:
            sentences.append(
                f"Column {name!r} lies {distance.distance:.3f} from train ({distance.measure}; limit "
                f"{distance.limit:.3g})."
            )
        shares = (("missing values", column.missing), ("categories unknown to the model", column.unknown))
        for what, (test, new) in shares:
            if new is not None and new - (test or 0.0) > self.limits.max_distance:
                sentences.append(f"Column {name!r} has {new:.1%} {what}; in test it had {test or 0.0:.1%}.")
        return sentences

    def _of_prior(self) -> list[str]:
        shares = (self.labelled or self.em).shares
        return [
            f"Class {self.classes[index]!r} makes up about {shares[index]:.2%}; the model assumes "
            f"{self.assumed[index]:.2%}."
            for index in np.flatnonzero(self.moved)
        ]

    def _of_answers(self) -> list[str]:
        sentences = []
        if self.confidence.moved(self.limits.max_distance):
            sentences.append(
                f"The mean score is {self.confidence.new:.3f}; on test it was {self.confidence.test:.3f}."
            )
        for work in self.work:
            if work.moved(self.limits.max_prior_ratio):
                sentences.append(
                    f"{work.what} makes up {work.new:.2%} of the records; on test it was {work.test:.2%}."
                )
        for name, recall in zip(self.classes, self.recalls or (), strict=False):
            if recall.fell:
                sentences.append(
                    f"Recall of {name!r} fell to {recall.new:.3f}; on test it was {recall.test:.3f}."
                )
        return sentences

    def as_json(self) -> Mapping[str, Any]:
        """Returns every number by name; None stands for what the data do not define."""
        return {
            "verdict": self.verdict,
            "reasons": self.reasons(),
            "version": self.version,
            "records": self.num_records,
            "unreadable": list(self.unreadable),
            "files_left_out": list(self.files_left_out),
            "limits": vars(self.limits),
            "columns": {column.distance.name: _column_json(column) for column in self.columns},
            "prior": {
                "assumed": self._by_class(self.assumed.tolist()),
                "em": self._estimate_json(self.em),
                "black_box": self._estimate_json(self.black_box),
                "labelled": self._estimate_json(self.labelled),
                "moved": [self.classes[index] for index in np.flatnonzero(self.moved)],
                "to_set": self.prior_to_set if self.moved.any() else None,
            },
            "confidence": vars(self.confidence),
            "recall": None
            if self.recalls is None
            else self._by_class([{**vars(recall), "fell": recall.fell} for recall in self.recalls]),
            "new_classes": self.new_classes,
            "mostly_unknown": list(self.mostly_unknown),
            "work": [{**vars(work), "moved": work.moved(self.limits.max_prior_ratio)} for work in self.work],
        }

    def _by_class(self, values: Any) -> Mapping[str, Any]:
        return dict(zip(self.classes, values, strict=True))

    def _estimate_json(self, estimate: PriorEstimate | None) -> Mapping[str, Any] | None:
        if estimate is None:
            return None
        parts = np.stack([estimate.shares, estimate.low, estimate.high], axis=1).tolist()
        return self._by_class([{"share": share, "interval": interval} for share, *interval in parts])


def _column_json(column: Column) -> Mapping[str, Any]:
    return {
        "measure": column.distance.measure,
        "distance": column.distance.distance,
        "limit": column.distance.limit,
        "drifted": column.distance.drifted,
        "missing": dict(zip(("test", "new"), column.missing, strict=True)),
        "unknown": dict(zip(("test", "new"), column.unknown, strict=True)),
    }
