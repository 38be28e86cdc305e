"""Scores of a classifier, of all classes together and of each, as documents hold them."""

from core.documents.document import Part
from core.documents.values import Count, Number


class Summary(Part):
    """Scores of all classes together; None where one is undefined, left out where it was not measured."""

    accuracy: Number | None = None
    balanced_accuracy: Number | None = None
    macro_f1: Number | None = None
    mcc: Number | None = None
    g_mean: Number | None = None
    harmonic_mean_recall: Number | None = None
    worst_recall: Number | None = None
    worst_recall_lower_bound: Number | None = None
    macro_average_precision: Number | None = None
    macro_roc_auc: Number | None = None
    brier: Number | None = None
    ece: Number | None = None

    def measured(self) -> dict[str, Number | None]:
        """Returns the scores that were measured, by name."""
        return {
            name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set
        }


class ClassScores(Part):
    """Scores of one class; None where one is undefined.

    Attributes:
        support: Records of the class.
        precision: In [0, 1].
        recall: In [0, 1].
        recall_interval: Ends of the recall's 95 % Wilson interval.
        f1: In [0, 1].
        average_precision: In [0, 1].
        roc_auc: In [0, 1].
    """

    support: Count
    precision: Number | None
    recall: Number | None
    recall_interval: tuple[Number | None, Number | None] | None
    f1: Number | None
    average_precision: Number | None
    roc_auc: Number | None


class Confusion(Part):
    """Confusion counts: a row for each actual class, a column for each class decided for."""

    classes: tuple[str, ...] = ()
    counts: tuple[tuple[Count, ...], ...] = ()


class SliceScores(Part):
    """Scores of a part of the records: their number, those of all classes and of each."""

    n: Count
    summary: Summary
    per_class: dict[str, ClassScores]


class UncalibratedScores(Part):
    """Scores of the network's probabilities before calibration and rule."""

    summary: Summary
