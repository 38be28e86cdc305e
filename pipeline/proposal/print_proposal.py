"""Prints a proposal: what `counterpoise init` shows on the terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.printable import listed, printable
from pipeline.proposal.bar_chart import bar_chart
from pipeline.proposal.csv_checks import separator_notes
from pipeline.proposal.data_facts import DataFacts
from pipeline.proposal.propose import Proposal, describe, ratio


def print_proposal(proposal: Proposal, console: Console) -> None:
    """Prints the classes, what was found, and what to do next."""
    facts = proposal.facts
    about = "" if facts.exact else ", estimated from a sample"
    of_train = " of train" if "train" in facts.layout.paths or (facts.roles and facts.roles.split) else ""
    console.print(Text(describe(facts)))
    console.print()
    console.print(bar_chart(facts.train_counts, f"Classes{of_train}{about}" if of_train or about else ""))
    console.print(Text(f"Imbalance ratio {ratio(facts)}"))
    console.print()
    console.print(_found(facts))
    for warning in proposal.warnings:
        console.print(Text(f"Note: {printable(warning)}"))
    console.print()
    _print_line(console, f"Wrote {proposal.output}. Next: {proposal.command}")


def _print_line(console: Console, text: str) -> None:
    """Prints a line to copy from, which is never broken."""
    console.print(Text(printable(text)), soft_wrap=True)


def _found(facts: DataFacts) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for role, text in _roles(facts):
        table.add_row(Text(role), Text(printable(text)))
    return table


def _roles(facts: DataFacts) -> list[tuple[str, str]]:
    rows = []
    roles = facts.roles
    if facts.sample is not None:
        rows += [("cells", note) for note in separator_notes(facts.sample)]
    if roles is not None:
        rows.append(("label", f"{roles.label.name} ({roles.label.why[0].lower()}{roles.label.why[1:]})"))
        for role in ("image", "group", "split"):
            name = getattr(roles, role)
            rows += [(role, name)] if name is not None else []
        if facts.time is not None:
            why = f"{facts.time.why[0].lower()}{facts.time.why[1:]}"
            rows.append(("time", f"{facts.time.name} ({why})"))
        for role, names in (("numeric", roles.numeric), ("categorical", [*roles.categorical, *roles.slips])):
            rows += [(f"{len(names)} {role}", listed(names))] if names else []
        shown = list(roles.drop.items())[:12]
        rows += [("left out", f"{name}: {why}") for name, why in shown]
        rows += [("", f"and {len(roles.drop) - len(shown):,} more")] if len(roles.drop) > len(shown) else []
    if facts.images is not None:
        colour = ", grey" if facts.images.grey else ""
        rows.append(("image size", f"{facts.images.height} x {facts.images.width} pixels (median){colour}"))
    if "train" in facts.layout.paths:
        rows.append(("splits", ", ".join(str(split) for split in facts.layout.paths)))
    return rows
