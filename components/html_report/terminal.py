"""Builds the per-class result for the terminal."""

from rich.table import Table
from rich.text import Text

from components.html_report.decision_lines import decision_lines
from components.html_report.headline import headlines, lowest_recall, rarest_first
from components.html_report.number_format import count, interval, score
from core.documents.metrics import Metrics
from core.printable import printable


def per_class_table(metrics: Metrics) -> Table:
    """Builds the table of the classes, rarest first, with the headline numbers under it.

    Args:
        metrics: What the run measured.

    Returns:
        The table: class, support, precision, recall with its 95 % interval, F1 and average precision.
    """
    table = Table(
        title=Text(f"{printable(metrics.name)}: {count(metrics.n)} test records, rarest class first"),
        caption=_summary(metrics),
        caption_justify="left",
        title_justify="left",
    )
    table.add_column("Class", overflow="fold")
    for heading in ("Support", "Precision", "Recall (95 % interval)", "F1", "Avg. precision"):
        table.add_column(heading, justify="right")
    worst = lowest_recall(metrics)
    for name in rarest_first(metrics):
        scores = metrics.per_class[name]
        mark = " (lowest recall)" if name in worst and len(worst) < len(metrics.per_class) else ""
        cells = (
            printable(name) + mark,
            count(scores.support),
            score(scores.precision),
            f"{score(scores.recall)} ({interval(scores.recall_interval)})",
            score(scores.f1),
            score(scores.average_precision),
        )
        # Text is never read as markup, so a class may be called [bold] or [/].
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _summary(metrics: Metrics) -> Text:
    verdict = "Blessed" if metrics.blessed else "Not blessed"
    figures = (f"{headline.title} {score(headline.value)}" for headline in headlines(metrics))
    lines = (" · ".join((verdict, *figures)), *decision_lines(metrics))
    return Text("\n".join(map(printable, lines)))
