"""Artifact types that TFX does not bring."""

from tfx.types.artifact import Artifact


class Report(Artifact):
    """A folder with `report.html` for people and `metrics.json` for programs."""

    TYPE_NAME = "counterpoise.Report"
