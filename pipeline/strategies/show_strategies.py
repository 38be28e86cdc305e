"""Shows on the terminal what each strategy was worth."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from components.html_report.sections.strategies import (
    signed_interval,
    strategy_title,
    told_apart,
    verdict_counts,
)
from core.documents.strategies import Strategies, TriedStrategy

_STYLES = {"pays": "bold green", "hurts": "red", "cannot be told": "dim", None: "red"}


def show_strategies(found: Strategies, best: str, console: Console) -> None:
    """Prints a line for each strategy, what was chosen, and what was not tried.

    Args:
        found: What was found.
        best: The experiment that was written.
        console: Where it is shown.
    """
    console.print(_table(found))
    for sentence in _sentences(found, best):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _table(found: Strategies) -> Table:
    table = Table(title="Strategies against plain cross entropy", title_justify="left")
    for head in ("Strategy", "Verdict"):
        table.add_column(head, overflow="fold")
    for head in ("Macro-F1", "Interval", "Worst recall", "Seconds"):
        table.add_column(head, justify="right")
    for one in (found.plain, *found.singles, *found.together):
        table.add_row(*_row(one, found))
    return table


def _row(one: TriedStrategy, found: Strategies) -> list[Text]:
    if one.names:
        shown = [signed_interval(one.differences[name]) if one.differences else ("", "") for name in _SHOWN]
    else:
        shown = [(f"{one.figures.get(name) or 0:.3f}", "") for name in _SHOWN]
    verdict = "" if not one.names else one.verdict or "failed"
    chosen = " *" if one.names == found.chosen else ""
    seconds = "" if one.seconds is None else f"{one.seconds:.1f}"
    texts = [f"{strategy_title(one.names)}{chosen}", verdict, shown[0][0], shown[0][1], shown[1][0], seconds]
    return [
        Text(text, style=_STYLES[one.verdict] if place == 1 and one.names else "")
        for place, text in enumerate(texts)
    ]


_SHOWN = ("macro_f1", "worst_recall")


def _sentences(found: Strategies, best: str) -> list[str]:
    sentences = [f"* chosen: {strategy_title(found.chosen)}. {verdict_counts(found)}"]
    sentences += [told_apart(found)] if told_apart(found) else []
    if found.out_of_time:
        names = ", ".join(one.name for one in found.out_of_time)
        sentences.append(f"Not tried, for lack of time: {names}. A larger --minutes goes on with them.")
    if found.does_not_fit:
        sentences.append(
            f"Does not fit: {', '.join(one.name for one in found.does_not_fit)}; the report says why."
        )
    failed = [one for one in (*found.singles, *found.together) if one.failed]
    sentences += [f"Failed: {strategy_title(one.names)}: {one.failed[0]}" for one in failed]
    return [*sentences, f"Experiment: {best}"]
