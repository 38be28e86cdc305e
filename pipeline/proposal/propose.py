"""Proposes a commented experiment file for some data."""

import os
import re
import shlex
from dataclasses import dataclass

from components.stratified_example_gen.plan import MIN_CLASS_COUNT
from core.errors import InputError
from core.printable import listed, printable
from pipeline.output.write_access import check_output_file
from pipeline.proposal.choice import Choice
from pipeline.proposal.data_facts import DataFacts, gather_facts
from pipeline.proposal.data_section import data_choices
from pipeline.proposal.experiment_text import experiment_text
from pipeline.proposal.recipe import recipe

_LONGEST_NAME = 100  # Of an experiment, as its settings have it.


@dataclass(frozen=True)
class Proposal:
    """An experiment file as it was written.

    Attributes:
        output: Its path.
        command: What runs it.
        facts: The data it is for.
        text: Its content.
        warnings: What stands in the way of a good run, a sentence each.
    """

    output: str
    command: str
    facts: DataFacts
    text: str
    warnings: tuple[str, ...]


def propose(data: str, output: str | None = None, label: str | None = None, force: bool = False) -> Proposal:
    """Looks at the data and writes an experiment that fits them.

    Args:
        data: A folder of images or a table.
        output: The file to write; None for the data's name with .yaml, in the working directory.
        label: The column of the class, or None to find it.
        force: Whether a file that is there may be replaced.

    Raises:
        InputError: The data cannot be used, it is unclear which column is the label, or the file is there.
    """
    output = output or f"{experiment_name(data)}.yaml"
    _require_free(output, force)
    facts = gather_facts(data, label)
    command = f"counterpoise run {shlex.quote(output)}"
    made = [Choice("name", experiment_name(output)), *data_choices(facts, os.path.dirname(output) or ".")]
    head = [
        command,
        f"Proposed by `counterpoise init` for {describe(facts)}, imbalance ratio {ratio(facts)}. Every choice may be edited; what is left out "
        "has a default, see `counterpoise config-schema`.",
    ]
    text = experiment_text(head, recipe(made, facts))
    try:
        with open(output, "w" if force else "x", encoding="utf-8") as handle:
            handle.write(text)
    except OSError as err:
        raise InputError(f"{output} cannot be written: {err.strerror}. Name another file with -o.") from err
    return Proposal(output, command, facts, text, tuple(_warnings(facts)))


def experiment_name(path: str) -> str:
    """Makes a name for an experiment from that of a file or folder, without its endings."""
    stem = os.path.basename(os.path.abspath(path)).removesuffix(".gz")
    stem = stem if os.path.isdir(path) else os.path.splitext(stem)[0]
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-_.")[:_LONGEST_NAME] or "experiment"


def describe(facts: DataFacts) -> str:
    """Says in a phrase what the data are."""
    name = printable(os.path.basename(os.path.abspath(facts.path)))
    about = "" if facts.exact else "about "
    kind = "images" if facts.roles is None else "rows"
    return f"{name}: {about}{facts.num_records:,} {kind} in {len(facts.counts)} classes"


def ratio(facts: DataFacts) -> str:
    """Writes the imbalance ratio."""
    value = facts.imbalance_ratio
    return f"{value:.1f} : 1" if value < 10 else f"{value:,.0f} : 1"


def _require_free(output: str, force: bool) -> None:
    if os.path.isdir(output):
        raise InputError(
            f"-o {output}: is a folder. Name a file, as in {os.path.join(output, 'experiment.yaml')}."
        )
    check_output_file(output, "-o")
    if os.path.lexists(output) and not force:
        raise InputError(f"{output} is there already. Name another file with -o, or replace it with --force.")


def _warnings(facts: DataFacts) -> list[str]:
    warnings = list(facts.bad_records)
    if warnings:
        warnings = [f"Records to be left out: {'; '.join(warnings)}."]
    if facts.repeats is not None and facts.repeats.are_many:
        warnings.append(f"{facts.repeats.reason()}.")
    if facts.files_left_out:
        shown = [f"{one.key} {one.why}" for one in facts.files_left_out]
        count = len(shown)
        warnings.append(
            f"{count:,} {'entry is' if count == 1 else 'entries are'} left out: {listed(shown, 5)}."
        )
    few = [name for name, count in facts.counts.items() if count < MIN_CLASS_COUNT]
    if few:
        warnings.append(
            f"The run will refuse classes of fewer than {MIN_CLASS_COUNT} records, which cannot stand in three splits: "
            f"{listed(few)}."
        )
    roles = facts.roles
    if roles is not None and roles.slips:
        warnings.append(
            f"Numbers but for a few cells, taken for categories: {listed(list(roles.slips))}. If these cells are slips, "
            "mend them and run init again."
        )
    if roles is not None and roles.constant_in_sample:
        warnings.append(f"One value only in the rows looked at, kept: {listed(roles.constant_in_sample)}.")
    return [*warnings, *facts.notes]
