"""Table in a document that a benchmark writes anew, between two marks that Markdown does not show."""

from collections.abc import Sequence
from pathlib import Path


def replace_block(path: Path, name: str, lines: Sequence[str]) -> None:
    """Puts lines between the marks of a name, in place of what stands there.

    Args:
        path: The document.
        name: Of the block, which begins at `<!-- name -->` and ends at `<!-- /name -->`.
        lines: What is to stand there.

    Raises:
        ValueError: The document does not have the two marks, each once and in this order.
    """
    text = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, begins, rest = text.partition(begin)
    _, ends, after = rest.partition(end)
    if not begins or not ends or begin in rest or end in after:
        raise ValueError(f"{path}: expected the marks {begin} and {end}, each once.")
    path.write_text(f"{before}{begin}\n{chr(10).join(lines)}\n{end}{after}", encoding="utf-8")
