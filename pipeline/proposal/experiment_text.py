"""Writes a proposed experiment as a YAML file with comments."""

import textwrap
from collections.abc import Iterable
from itertools import groupby
from math import inf
from typing import Any

import yaml

from core.printable import printable
from pipeline.proposal.choice import Choice

_WIDTH = 110


def experiment_text(head: Iterable[str], choices: list[Choice]) -> str:
    """Writes an experiment file.

    Args:
        head: Comments at the top, a paragraph each; the first is the command.
        choices: What it says, sections together. Each stands under its reason.

    Returns:
        YAML that reads back as the choices' values, whatever characters these hold.
    """
    lines = [line for paragraph in head for line in _comment(paragraph, "")]
    for section, group in groupby(choices, key=lambda choice: choice.key.partition(".")[0]):
        members = list(group)
        if members[0].key == section:
            lines += _setting(members[0], section, "")
            continue
        lines.append(f"{section}:")
        for choice in members:
            lines += _setting(choice, choice.key.partition(".")[2], "  ")
    return "\n".join(lines) + "\n"


def _setting(choice: Choice, key: str, indent: str) -> list[str]:
    lines = _comment(f"{choice.reason}." if choice.reason else "", indent)
    if not choice.each:
        return [*lines, f"{indent}{key}: {_flow(choice.value)}"]
    lines.append(f"{indent}{key}:")
    return lines + [f"{indent}  - {_flow(item)}  # {printable(choice.each[item])}" for item in choice.value]


class _Dumper(yaml.SafeDumper):
    """Writes text with line breaks or their like on one line, escaped."""


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _flow(value: Any) -> str:
    """Writes a value on one line."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=True, width=inf, allow_unicode=True, sort_keys=False
    )
    # A scalar at the top is followed by the mark of the document's end.
    return text.removesuffix("...\n").strip("\n")


def _comment(text: str, indent: str) -> list[str]:
    mark = f"{indent}# "
    return textwrap.wrap(
        printable(text), _WIDTH, initial_indent=mark, subsequent_indent=mark, break_on_hyphens=False
    )
