"""Artifact types that TFX does not bring."""

from tfx.types.artifact import Artifact


class Report(Artifact):
    """A folder with `report.html` for people and `metrics.json` for programs."""

    TYPE_NAME = "counterpoise.Report"


class ImbalanceReport(Artifact):
    """A folder with `report.json`, what was found in the data, and TFDV's statistics of train by class."""

    TYPE_NAME = "counterpoise.ImbalanceReport"


class ClassPriors(Artifact):
    """A folder with `priors.json`, the classes before and after augmentation, and `provenance.csv`."""

    TYPE_NAME = "counterpoise.ClassPriors"


class ContenderResults(Artifact):
    """A folder with `contenders.json`, the figures of plain baselines on the same splits."""

    TYPE_NAME = "counterpoise.Contenders"


class Predictions(Artifact):
    """A folder with `predictions.csv`, the pushed model's answers; empty where none was pushed."""

    TYPE_NAME = "counterpoise.Predictions"


class StrategyResults(Artifact):
    """A folder with `strategies.json`, what each strategy for imbalanced data was worth, and `strategies.csv`."""

    TYPE_NAME = "counterpoise.Strategies"
