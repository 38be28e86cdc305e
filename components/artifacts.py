"""Artifact types that TFX does not bring."""

from tfx.types.artifact import Artifact


class Report(Artifact):
    """A folder with `report.html` for people and `metrics.json` for programs."""

    TYPE_NAME = "counterpoise.Report"


class ImbalanceReport(Artifact):
    """A folder with `report.json`, what was found in the data, and TFDV's statistics of train by class."""

    TYPE_NAME = "counterpoise.ImbalanceReport"
