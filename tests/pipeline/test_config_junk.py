"""Junk in every place of an experiment: accepted, or refused in words, never a traceback and never a wait."""

from typing import Any, get_args

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from core.errors import InputError
from pipeline.config import Experiment, load_experiment

BASE = {"data": {"format": "csv", "path": "parts.csv", "label": "defect"}}


def keys_of(model: type[BaseModel], prefix: str = "") -> list[str]:
    """Lists every key of an experiment, sections and settings."""
    keys = []
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        keys.append(key)
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                keys += keys_of(part, f"{key}.")
    return keys


KEYS = keys_of(Experiment)
SCALARS = [
    *(
        "yes",
        "no",
        "null",
        "~",
        "''",
        "010",
        "1:30",
        "0x1F",
        "1_000",
        "2020-01-01",
        "2020-13-45",
        ".inf",
        "-.Inf",
    ),
    *(
        ".nan",
        "1e400",
        "1.0e+400",
        "-1",
        "0",
        "0.5",
        "1e-3",
        "9" * 5_000,
        "-" + "9" * 30,
        "x" * 5_000,
        "=",
        "<<",
    ),
    *(
        '"\\0"',
        '"\\e[2J"',
        "'/dev/zero'",
        "~root/x",
        "*",
        "[a",
        "!!int x",
        "!!bool x",
        "&a [*a]",
        "|\n  x\n",
        "{1: 2}",
    ),
    *("{no: 0.3, yes: 0.7}", "[null, yes, 1]", "{null: {null: .inf}}", "[[[[[1]]]]]", "{float: [1, 2]}"),
    *(
        "{choice: [yes, .nan]}",
        "{int: [1, 1e400]}",
        "{choice: [[1], {a: 1}]}",
        "{column: 2020}",
        "{train: 1, test: 2}",
    ),
]
JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.dates(),
        st.binary(max_size=4),
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.none()), inner, max_size=4
        )
    ),
    max_leaves=8,
)


def load(path, text, overrides=()):
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load_experiment(str(path), overrides)
    except InputError as error:
        assert "pydantic" not in str(error)
        return str(error)
    return None


@pytest.mark.parametrize("key", KEYS)
def test_odd_scalars_in_every_setting_are_taken_or_refused_in_words(tmp_path, key):
    for scalar in SCALARS:
        message = load(tmp_path / "e.yaml", yaml.safe_dump(BASE), [f"{key}={scalar}"])
        assert message is None or len(message) < 30_000, scalar


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(key=st.sampled_from(KEYS), value=JUNK)
def test_junk_in_any_setting_is_taken_or_refused_in_words(tmp_path, key, value):
    content: dict[Any, Any] = {section: dict(inner) for section, inner in BASE.items()}
    *parents, last = key.split(".")
    place = content
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value
    load(tmp_path / "e.yaml", yaml.dump(content, allow_unicode=True))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(content=JUNK)
def test_junk_in_place_of_an_experiment_is_refused_in_words(tmp_path, content):
    assert load(tmp_path / "e.yaml", yaml.dump(content, allow_unicode=True))
