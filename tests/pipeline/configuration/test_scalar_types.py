"""Scalars of an experiment as the type that their setting wants."""

from typing import Any, Literal

import pytest
from pydantic import Field

from core.errors import InputError
from core.settings import Settings
from pipeline.configuration.scalar_types import with_setting_types
from pipeline.configuration.yaml_document import read_yaml


class Inner(Settings):
    label: str = ""
    group: str | None = None
    drop: tuple[str, ...] = ()
    size: tuple[int, int] = (1, 1)
    share: float = 0.5
    on: bool = False
    path_or_share: str | float = ""
    auto: Literal["auto"] | tuple[str, ...] = "auto"
    channels: Literal[1, 3] = 3
    config: dict[str, Any] = Field(default_factory=dict)
    shares: dict[str, float] = Field(default_factory=dict)


class Outer(Settings):
    inner: Inner
    seed: int = 0


def inner(text):
    return with_setting_types(read_yaml(f"inner: {{{text}}}"), Outer)["inner"]


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("label: 1", "label", "1"),
        ("label: yes", "label", "yes"),
        ("label: 1.50", "label", "1.50"),
        ("label: 2020-02-30", "label", "2020-02-30"),
        ("group: 007", "group", "007"),
        ("group: null", "group", None),
        ("group: ", "group", None),
        ("drop: [2020, no, null, 1:30]", "drop", ["2020", "no", "null", "1:30"]),
        ("auto: [1, on]", "auto", ["1", "on"]),
        ("size: [64, 0x10]", "size", [64, 16]),
        ("share: 1", "share", 1),
        ("on: yes", "on", True),
        ("path_or_share: 0.2", "path_or_share", 0.2),
        ("channels: 1", "channels", 1),
        ("config: {a: 1, b: [yes, null]}", "config", {"a": 1, "b": [True, None]}),
        ("shares: {no: 0.3, 1: 0.7}", "shares", {"no": 0.3, "1": 0.7}),
        ("unknown: [1, {x: true}]", "unknown", [1, {"x": True}]),
        ("share: {float: [1, 2], log: true}", "share", {"float": [1, 2], "log": True}),
    ],
)
def test_text_is_what_was_written_and_all_else_what_yaml_reads(text, key, value):
    assert inner(text) == {key: value}


@pytest.mark.parametrize("text", ["size: [yes, 1]", "share: off", "channels: true", "on: 0.5"])
def test_what_is_of_another_kind_is_left_as_written_for_the_settings_to_refuse(text):
    word = text.split(": ")[1].strip("[]").split(",")[0]
    assert word in str(inner(text))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("share: 1:30", ["inner.share", "1:30 as 90", "Write 90"]),
        ("size: [010, 1]", ["inner.size.0", "010 as 8", "Write 8"]),
        ("config: {a: 00}", ["inner.config.a", "00 as 0"]),
        ("label: null", ["inner.label", "null", "Quote it", '"null"']),
        ("share: " + "9" * 5000, ["inner.share", "5,000 characters"]),
    ],
)
def test_what_may_be_read_in_two_ways_is_refused(text, parts):
    with pytest.raises(InputError) as caught:
        inner(text)
    assert all(part in str(caught.value) for part in parts), caught.value
