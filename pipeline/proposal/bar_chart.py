"""Draws the class distribution as a bar chart on the terminal."""

from rich.table import Table
from rich.text import Text

from core.printable import printable

_MOST_CLASSES = 20
_BAR_WIDTH = 24
_LONGEST_NAME = 26
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


def bar_chart(counts: dict[str, int], title: str = "") -> Table:
    """Draws a bar for every class, rarest last.

    Of more than 20 classes it shows the ten commonest and the ten rarest, for these are the ones that matter.

    Args:
        counts: Class to number of records, at least one class.
        title: Stands above.

    Returns:
        A table: class, records, share in per cent, and a bar in proportion to the commonest class.
    """
    table = Table(title=Text(title) if title else None, title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("Class", no_wrap=True)
    table.add_column("Records", justify="right", no_wrap=True)
    table.add_column("Share", justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    total, largest = sum(counts.values()), ranked[0][1]
    hidden = len(ranked) - _MOST_CLASSES
    for place, (name, count) in enumerate(ranked):
        if hidden > 0 and place == _MOST_CLASSES // 2:
            table.add_row(Text(f"… and {hidden:,} more"), "", "", "")
        if hidden > 0 and _MOST_CLASSES // 2 <= place < _MOST_CLASSES // 2 + hidden:
            continue
        table.add_row(
            _short(name), Text(f"{count:,}"), Text(_share(count, total)), Text(_bar(count, largest))
        )
    return table


def _short(name: str) -> Text:
    # Text is never read as markup, so a class may be called [bold] or [/].
    text = Text(printable(name[: _LONGEST_NAME + 1]))
    text.truncate(_LONGEST_NAME, overflow="ellipsis")
    return text


def _share(count: int, total: int) -> str:
    percent = 100 * count / total
    if percent >= 0.1:
        return f"{percent:.1f} %"
    return f"{percent:.3f} %" if percent >= 0.001 else "< 0.001 %"


def _bar(count: int, largest: int) -> str:
    """Returns blocks in eighths of a character; the smallest count has one eighth."""
    full, eighths = divmod(max(1, round(8 * _BAR_WIDTH * count / largest)), 8)
    return "█" * full + _EIGHTHS[eighths]
