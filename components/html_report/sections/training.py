"""Section on training: when the model was best, and the figures of every epoch."""

from dataclasses import dataclass

from components.html_report.charts.line_chart import LineChart
from components.html_report.charts.training_charts import constant_rate, history_columns, training_charts
from components.html_report.report_inputs import ReportInputs
from core.documents.history import Epoch
from core.documents.training import Training


@dataclass(frozen=True)
class TrainingView:
    """What the section shows.

    Attributes:
        training: What was trained.
        epochs: Figures of each epoch.
        columns: Names of the figures to tabulate.
        charts: The charts.
        constant_rate: The learning rate where all epochs share one, else None.
    """

    training: Training
    epochs: tuple[Epoch, ...]
    columns: list[str]
    charts: list[LineChart]
    constant_rate: float | None


def training(inputs: ReportInputs) -> TrainingView:
    """Returns charts and table of the epochs."""
    epochs = inputs.history.epochs
    return TrainingView(
        training=inputs.training,
        epochs=epochs,
        columns=history_columns(epochs),
        charts=training_charts(epochs, inputs.training),
        constant_rate=constant_rate(epochs),
    )
