"""Reference of the catalogue as Markdown: a table for each kind of choice, a line for each row.

`python -m models.catalogue.reference docs/reference/catalogue.md` writes it.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.catalogue.attention import ATTENTION
from models.catalogue.backbones import BACKBONES, BackboneRow
from models.catalogue.branches import BRANCHES
from models.catalogue.contrast import CONTRAST_EXCLUDES
from models.catalogue.encoders import ENCODERS
from models.catalogue.losses import LOSSES, LossRow
from models.catalogue.mixing import MIXINGS
from models.catalogue.row import OwnField, Row, names_of
from models.catalogue.sampling import SAMPLINGS, SamplingRow
from models.catalogue.second_stages import SECOND_STAGES

Column = tuple[str, Callable[[Any], str]]

_BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "length ≥", "max_length": "length ≤"}
_HEAD = """# Catalogue

What an experiment can name, each with the settings that have an effect with it alone. Written from the rows in
`models/catalogue/` by `python -m models.catalogue.reference docs/reference/catalogue.md`.

Whoever adds a choice writes a file for it and a row in the catalogue; settings, checks, search space and this page
follow from the row. In the tables, n is the number of training records of a class and w its weight in the loss.
"""


@dataclass(frozen=True)
class Kind:
    """A table of the reference.

    Attributes:
        title: Heading.
        key: Key of the experiment that takes a name.
        table: File of the rows.
        files: Folder of what the rows build.
        rows: The choices.
        columns: Headings of the columns between name and source, and what stands in them.
    """

    title: str
    key: str
    table: str
    files: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]


def reference() -> str:
    """Renders all rows as Markdown."""
    return "\n".join([_HEAD, *(_table(kind) for kind in kinds())])


def kinds() -> tuple[Kind, ...]:
    """Returns the tables in their order."""
    settings = ("settings", _settings)
    searched = ("searched", lambda row: "yes" if row.searched else "")
    return (
        Kind(
            "Losses",
            "loss.name",
            "models/catalogue/losses.py",
            "models/network/losses/",
            LOSSES,
            (settings, ("class weights", _class_weights), ("implied prior", _prior), searched),
        ),
        Kind(
            "Sampling",
            "training.sampling",
            "models/catalogue/sampling.py",
            "",
            SAMPLINGS,
            (("drawn in proportion to", _drawn), searched),
        ),
        Kind(
            "Mixing",
            "augmentation.image",
            "core/augmentation/mixings.py",
            "models/input/mixings/",
            MIXINGS,
            (searched, _excludes("augmentation.image")),
        ),
        Kind(
            "Attention",
            "model.attention",
            "models/catalogue/attention.py",
            "models/network/attention/",
            ATTENTION,
            (searched, _excludes("model.attention")),
        ),
        Kind(
            "Encoders of columns",
            "model.tabular.encoder",
            "models/catalogue/encoders.py",
            "models/network/tabular/",
            ENCODERS,
            (settings, searched, _excludes("model.tabular.encoder")),
        ),
        Kind(
            "Branches",
            "model.branches",
            "models/catalogue/branches.py",
            "models/network/branches/",
            BRANCHES,
            (settings, searched, _excludes("model.branches")),
        ),
        Kind(
            "Backbones",
            "model.image.backbone",
            "models/catalogue/backbones.py",
            "models/network/backbones/",
            BACKBONES,
            (("smallest side", lambda row: str(row.smallest_side)), ("ImageNet weights of alpha", _alphas)),
        ),
        Kind(
            "Second stages",
            "training.second_stage",
            "models/catalogue/second_stages.py",
            "models/training/stages/",
            SECOND_STAGES,
            (("trained", lambda row: "yes" if row.trains else ""), _excludes("training.second_stage")),
        ),
    )


def _table(kind: Kind) -> str:
    heads = ["name", *(head for head, _ in kind.columns), "source"]
    lines = [[f"`{row.name}`", *(cell(row) for _, cell in kind.columns), _source(row)] for row in kind.rows]
    table = [heads, ["---"] * len(heads), *lines]
    files = f"; what they build stands in `{kind.files}`, a file for each" if kind.files else ""
    place = f"Rows stand in `{kind.table}`{files}.\n"
    return "\n".join(
        [f"## {kind.title}: `{kind.key}`\n", place, *("| " + " | ".join(line) + " |" for line in table), ""]
    )


def _settings(row: Row) -> str:
    return "<br>".join(_setting(field) for field in row.fields)


def _setting(field: OwnField) -> str:
    bounds = "".join(f", {_BOUNDS[name]} {bound:g}" for name, bound in field.bounds.items())
    return f"`{field.name}` = {_plain(field.default)}{bounds}: {field.description}"


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _class_weights(row: LossRow) -> str:
    return f"`{row.class_weights}`"


def _prior(row: LossRow) -> str:
    """Writes `n**(1 - log_prior) * w` of the row."""
    if isinstance(row.log_prior, str):
        return f"n^(1 − {row.log_prior}) w"
    return {0.0: "n w", 1.0: "w"}.get(row.log_prior, f"n^{1 - row.log_prior:g} w")


def _drawn(row: SamplingRow) -> str:
    first = _power(row.exponent)
    return first if row.last_exponent is None else f"{first}, in the end {_power(row.last_exponent)}"


def _power(exponent: float) -> str:
    return {0.0: "1", 1.0: "n"}.get(exponent, f"n^{exponent:g}")


def _alphas(row: BackboneRow) -> str:
    return ", ".join(f"{alpha:g}" for alpha in row.imagenet_alphas) or "none"


def _excludes(key: str) -> Column:
    """Makes the column of what a row does not go together with, whichever of the two declares it."""

    def cell(row: Any) -> str:
        return "<br>".join(
            f"`{other}` {', '.join(values)}".strip() for other, values in _excluded(key, row) if values
        )

    return "excludes", cell


def _excluded(key: str, row: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yields the other keys with the values that do not go together with a row."""
    yield from ((other.key, other.values) for other in row.excludes)
    by_second_stages = (second for second in SECOND_STAGES if _names(second.excludes, key, row.name))
    yield "training.second_stage", names_of(by_second_stages)
    mixes = key == "augmentation.image"
    if mixes or _names(CONTRAST_EXCLUDES, key, row.name):
        yield "loss.contrastive", ("above 0",)
    if mixes:
        yield "model.branches", names_of(branches for branches in BRANCHES if branches.draws_pairs)
    if getattr(row, "draws_pairs", False):
        yield "augmentation.image", names_of(MIXINGS)


def _names(exclusions: Iterable[Any], key: str, value: str) -> bool:
    return any(exclusion.key == key and value in exclusion.values for exclusion in exclusions)


def _source(row: Row) -> str:
    return re.sub(r'"([^"]+)"(.*), (https://\S+)$', r"[\1](\3)\2", row.source)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(reference(), encoding="utf-8")
