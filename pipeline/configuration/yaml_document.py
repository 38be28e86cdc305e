"""Reads untrusted YAML: bounded in size and depth, and with every scalar as it was written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import yaml

from pipeline.configuration.content import Content

MOST_CHARACTERS = 2 * 2**20
# Deeper than any setting lies, and than Python's own limit of recursion is near.
MOST_LEVELS = 40
MOST_VALUES = 100_000
# With aliases written out.
_MOST_EXPANDED = 2 * MOST_CHARACTERS

_CORE = "tag:yaml.org,2002:"
_KINDS: dict[str, Literal["null", "bool", "int", "float"]] = {
    f"{_CORE}null": "null",
    f"{_CORE}bool": "bool",
    f"{_CORE}int": "int",
    f"{_CORE}float": "float",
}
# A date is text here, and so are the two signs that YAML reserves, where they are no key.
_TEXT = {f"{_CORE}{name}" for name in ("str", "timestamp", "value", "merge")}
_MERGE = f"{_CORE}merge"
_LONGEST_NUMBER = 100
_RESOLVER = yaml.resolver.Resolver()
_CONSTRUCTOR = yaml.constructor.SafeConstructor()
_CONSTRUCTORS: dict[str, Callable[[yaml.ScalarNode], Any]] = {
    "null": lambda _: None,
    "bool": _CONSTRUCTOR.construct_yaml_bool,
    "int": _CONSTRUCTOR.construct_yaml_int,
    "float": _CONSTRUCTOR.construct_yaml_float,
}


class NotYaml(ValueError):
    """Says what is wrong with a document, and where."""


@dataclass(frozen=True)
class PlainScalar:
    """A scalar that YAML reads as something else than text: what it is depends on what is wanted in its place.

    Attributes:
        kind: What YAML takes it for.
        text: What was written.
    """

    kind: Literal["null", "bool", "int", "float"]
    text: str


def read_yaml(text: str) -> Any:
    """Reads one document.

    Returns:
        Dictionaries, lists and text, with a `PlainScalar` wherever YAML reads no text. Keys are text as they were written:
        `no: 1` has the key "no", and `01: 1` has "01".

    Raises:
        NotYaml: It is no YAML, a key is given twice, or it is too long or too deep, aliases written out.
    """
    if len(text) > MOST_CHARACTERS:
        raise NotYaml(f"it has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read")
    try:
        node = _BoundedLoader(text).get_single_node()
    except (yaml.YAMLError, UnicodeError) as err:
        raise NotYaml(str(err)) from err
    return None if node is None else _Reading().value(node)


if TYPE_CHECKING or not yaml.__with_libyaml__:
    _Loader = yaml.SafeLoader
else:

    class _Loader(yaml.composer.Composer, yaml.CSafeLoader):
        """Reads a long document twenty times as fast, and composes it in Python, where it can be stopped."""

        def __init__(self, text: str):
            yaml.CSafeLoader.__init__(self, text)
            yaml.composer.Composer.__init__(self)


class _BoundedLoader(_Loader):
    """Stops at a level that recursion could not come back from, and at more values than can be waited for."""

    def __init__(self, text: str):
        super().__init__(text)
        self._level = self._values = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._level += 1
        self._values += 1
        if self._values > MOST_VALUES:
            raise NotYaml(f"it has more than {MOST_VALUES:,} values")
        if self._level > MOST_LEVELS:
            raise NotYaml(_too_deep(self.peek_event().start_mark))
        node = super().compose_node(parent, index)
        self._level -= 1
        return node


class _Reading:
    """Turns nodes into values, and counts what they come to: an alias stands for all that it names."""

    def __init__(self) -> None:
        self._values = self._characters = 0

    def value(self, node: yaml.Node, level: int = 1) -> Any:
        self._count(node)
        if level > MOST_LEVELS:  # Reached by an alias within what it names.
            raise NotYaml(_too_deep(node.start_mark))
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if node.tag not in (f"{_CORE}seq", f"{_CORE}map"):
            raise NotYaml(_unknown_tag(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, level + 1) for item in node.value]
        return self._mapping(node, level)

    def _count(self, node: yaml.Node) -> None:
        self._values += 1
        self._characters += len(node.value) if isinstance(node, yaml.ScalarNode) else 0
        if self._values > MOST_VALUES or self._characters > _MOST_EXPANDED:
            raise NotYaml(
                f"its aliases stand for more than {MOST_VALUES:,} values or {_MOST_EXPANDED:,} characters"
                f"{_place(node.start_mark)}"
            )

    def _mapping(self, node: yaml.Node, level: int) -> Content:
        own: Content = {}
        merged: Content = {}
        for key, inner in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise NotYaml(f"a key must be a word, not a list or table of them{_place(key.start_mark)}")
            if key.tag == _MERGE:
                for part in self._merged(inner, level):
                    merged = {**part, **merged}
                continue
            if key.tag not in _KINDS and key.tag not in _TEXT:
                raise NotYaml(_unknown_tag(key))
            if key.value in own:
                raise NotYaml(f"the key {key.value!r} is given twice{_place(key.start_mark)}")
            self._count(key)
            own[key.value] = self.value(inner, level + 1)
        return {**merged, **own}

    def _merged(self, node: yaml.Node, level: int) -> Iterator[Content]:
        for part in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            value = self.value(part, level + 1)
            if not isinstance(value, dict):
                raise NotYaml(f"`<<` takes a table, or a list of tables{_place(part.start_mark)}")
            yield value


def _scalar(node: yaml.ScalarNode) -> str | PlainScalar:
    if node.tag in _KINDS:
        return PlainScalar(_KINDS[node.tag], node.value)
    if node.tag in _TEXT:
        return str(node.value)
    raise NotYaml(_unknown_tag(node))


def _unknown_tag(node: yaml.Node) -> str:
    return f"the tag {node.tag!r} means nothing here{_place(node.start_mark)}"


def _too_deep(mark: Any) -> str:
    return f"it is nested more than {MOST_LEVELS} levels deep{_place(mark)}"


def _place(mark: Any) -> str:
    return f" (line {mark.line + 1}, column {mark.column + 1})"


def native_value(plain: PlainScalar) -> bool | int | float | None:
    """Returns what YAML takes a scalar for.

    Raises:
        ValueError: It is a number of more digits than are converted, or no such thing, though its tag says so.
    """
    # Sixties with many parts and long runs of digits take time that grows with their square.
    if len(plain.text) > _LONGEST_NUMBER and plain.kind != "null":
        raise ValueError(
            f"{plain.kind} of {len(plain.text):,} characters; at most {_LONGEST_NUMBER} are read"
        )
    try:
        value: bool | int | float | None = _CONSTRUCTORS[plain.kind](yaml.ScalarNode("", plain.text))
    except (ValueError, LookupError) as err:
        raise ValueError(f"{plain.text!r} is no {plain.kind}") from err
    return value


def plain_scalar(text: str) -> PlainScalar | None:
    """Returns what YAML reads in text that stands without quotes; None where it is text."""
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))
    return PlainScalar(_KINDS[tag], text) if tag in _KINDS else None
