"""Proposed setting, and the first of several candidates that the settings accept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from pipeline.config import Experiment
from pipeline.configuration.content import Content
from pipeline.recipes import with_recipe

Accepts = Callable[[Content], bool]


@dataclass(frozen=True)
class Choice:
    """A setting, and why it is proposed.

    Attributes:
        key: `section` or `section.key`, as in the experiment file.
        value: Made of lists, dictionaries with text as keys, and plain values.
        reason: Why, as a sentence without its full stop; empty where there is nothing to say.
        each: Reasons of the items of a list.
    """

    key: str
    value: Any
    reason: str = ""
    each: dict[str, str] = field(default_factory=dict)


def experiment_accepts(content: Content) -> bool:
    """Tells whether an experiment may say this today."""
    try:
        Experiment.model_validate(with_recipe(content))
    except ValidationError:
        return False
    return True


def as_content(choices: Iterable[Choice]) -> Content:
    """Puts choices together as an experiment file would."""
    content: Content = {}
    for choice in choices:
        section, _, key = choice.key.partition(".")
        if key:
            content.setdefault(section, {})[key] = choice.value
        else:
            content[section] = choice.value
    return content


def first_accepted(made: list[Choice], wishes: Iterable[Choice], accepts: Accepts) -> list[Choice]:
    """Returns the first wish that is accepted beside what is chosen already, in a list; empty where none is."""
    for wish in wishes:
        if accepts(as_content([*made, wish])):
            return [wish]
    return []
