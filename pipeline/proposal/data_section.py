"""Proposes the `data` section of an experiment."""

import os

from components.stratified_example_gen.settings import SplitShares
from core.printable import listed, printable
from pipeline.proposal.choice import Choice
from pipeline.proposal.csv_checks import separator_notes
from pipeline.proposal.data_facts import DataFacts
from pipeline.proposal.roles import Roles
from pipeline.proposal.time_column import TimeColumn

_MOST_SHOWN = 40  # Characters of a cell.


def data_choices(facts: DataFacts, folder: str) -> list[Choice]:
    """Says where the data lie and what their columns are for.

    Args:
        facts: The data.
        folder: Folder of the experiment file, to which paths are relative.
    """
    read = separator_notes(facts.sample) if facts.sample is not None else []
    reason = " ".join(map(printable, read)).removesuffix(".")
    choices = [Choice("data.format", facts.layout.format, reason)]
    paths = {split: _relative(path, folder) for split, path in facts.layout.paths.items()}
    if None in paths:
        choices.append(Choice("data.path", paths[None], "Relative to this file"))
    else:
        cut = "" if "eval" in paths else "; eval is cut from train"
        choices.append(Choice("data.splits", paths, f"The data come split{cut}. Relative to this file"))
    if facts.roles is not None:
        choices += _column_choices(facts.roles, facts.time)
    if facts.repeats is not None and facts.repeats.are_many:
        choices.append(Choice("data.duplicates", "keep_together", facts.repeats.reason()))
    if facts.bad_records:
        choices.append(
            Choice(
                "data.on_bad_record",
                "skip",
                f"{'; '.join(map(printable, facts.bad_records))}. The report lists what is left out",
            )
        )
    return choices


def _relative(path: str, folder: str) -> str:
    """Writes a path as the experiment file reads it, which takes a leading ~ for the home folder."""
    path, folder = os.path.abspath(path), os.path.abspath(folder)
    relative = os.path.relpath(path, folder)
    if relative.startswith("~"):
        relative = os.path.join(".", relative)
    return relative if os.path.normpath(os.path.join(folder, relative)) == path else path


def _column_choices(roles: Roles, time: TimeColumn | None) -> list[Choice]:
    choices = [Choice("data.label", roles.label.name, roles.label.why)]
    if roles.image is not None:
        what = "Holds an encoded image" if roles.holds_images else "Names an image file"
        choices.append(Choice("data.image", roles.image, f"{what} in every row"))
    if roles.group is not None:
        choices.append(
            Choice(
                "data.group",
                roles.group,
                "Several rows share a value: they stay in one split, or the model would be tested on what it has seen",
            )
        )
    if roles.split is not None:
        choices.append(Choice("data.splits", {"column": roles.split}, "Says each row's split"))
    if time is not None:
        choices += _time_choices(time)
    if roles.numeric:
        text = f"Columns of numbers ({len(roles.numeric)}): {listed(roles.numeric)}"
        choices.append(Choice("data.numeric", "auto", text))
    categories = [*roles.categorical, *roles.slips]
    if roles.slips:
        slips = [
            f"{printable(name)} has {printable(cell)[:_MOST_SHOWN]!r}"
            for name, cell in list(roles.slips.items())[:5]
        ]
        reason = (
            f"Numbers but for a few cells stand here as categories: {'; '.join(slips)}. "
            "If these are slips, mend or empty them and write auto"
        )
        choices.append(Choice("data.categorical", categories, reason))
    elif categories:
        choices.append(
            Choice("data.categorical", "auto", f"Columns of text ({len(categories)}): {listed(categories)}")
        )
    if roles.drop:
        reason = "Columns left out, and why; take one off the list to use it"
        choices.append(Choice("data.drop", list(roles.drop), reason, roles.drop))
    return choices


def _time_choices(time: TimeColumn) -> list[Choice]:
    choices = [Choice("data.time", time.name, time.why)]
    if time.unit is not None:
        choices.append(Choice("data.time_unit", time.unit, "Days that are numbered"))
    if time.is_split_by:
        reason = (
            "Tested on later records than those learnt from, as the model will be used; shares of train, eval and test in "
            "the order of time. Shares without `time` split at random, whose scores often do not survive"
        )
        choices.append(Choice("data.splits", {"time": SplitShares().as_dict()}, reason))
    return choices
