"""ReportInputs: what the page is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from components.evaluation.answered_records import AnsweredRecords
from components.html_report.experiment import Experiment
from core.documents.history import History
from core.documents.imbalance_report import ImbalanceReport
from core.documents.metrics import Metrics
from core.documents.priors import Priors
from core.documents.split_summary import SplitSummary
from core.documents.strategies import Strategies
from core.documents.training import Training

if TYPE_CHECKING:  # These modules import TensorFlow, which a page does not need.
    from components.html_report.records.class_gallery import GalleryPicture
    from components.html_report.records.explanations import Explanations
    from components.html_report.records.projection import Projection
    from components.html_report.records.synthetic_gallery import SyntheticImage
    from components.html_report.records.unknown_records import UnknownRecord
    from components.html_report.records.worst_records import WrongRecord


@dataclass(frozen=True)
class ReportInputs:
    """What the page is made of: documents of the stages, and what was read out of the records.

    Attributes:
        metrics: What the run measured.
        split_summary: What became of the data.
        training: What was trained.
        history: Figures of every epoch.
        experiment: The settings of the run.
        priors: What augmentation did.
        imbalance: What was found in the data; None leaves its section out.
        records: The test records with the model's answers; None leaves out all that is drawn of them.
        gallery: Examples of each class; empty where the records hold no image.
        worst: The surest mistakes.
        synthetic: Synthetic images beside their parents.
        projection: Real and synthetic rows on a plane, or None.
        explanations: What the model looked at, or None.
        versions: Package to version.
        strategies: What each strategy for imbalanced data was worth, or None.
        unknown: Test records that were called unknown, the most unlike first.
    """

    metrics: Metrics
    split_summary: SplitSummary
    training: Training
    history: History
    experiment: Experiment
    priors: Priors
    imbalance: ImbalanceReport | None = None
    records: AnsweredRecords | None = None
    gallery: Mapping[str, Sequence["GalleryPicture"]] = field(default_factory=dict)
    worst: Sequence["WrongRecord"] = ()
    synthetic: Sequence["SyntheticImage"] = ()
    projection: "Projection | None" = None
    explanations: "Explanations | None" = None
    versions: Mapping[str, str] = field(default_factory=dict)
    strategies: Strategies | None = None
    unknown: Sequence["UnknownRecord"] = ()
