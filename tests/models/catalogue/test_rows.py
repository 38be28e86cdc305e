"""What holds for the rows of every kind."""

import ast
import re
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from models.catalogue.branches import BRANCHES
from models.catalogue.reference import kinds
from models.catalogue.row import OwnField, Row

ROWS = [pytest.param(row, id=f"{kind.key}-{row.name}") for kind in kinds() for row in kind.rows]
BUILT = [
    pytest.param(row, id=f"{kind.key}-{row.name}") for kind in kinds() for row in kind.rows if row.builder
]
# Of this house, or too old and common to be anybody's.
WITHOUT_SOURCE = {"cross_entropy", "single", "small_cnn"}


def source_of(path: str) -> str:
    """Reads the file of a dotted path, and checks that it defines what the path names."""
    module, _, name = path.partition(":")
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None, path
    text = Path(spec.origin).read_text()
    defined = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert name in defined, path
    return text


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.key)
def test_names_are_told_apart(kind):
    assert [name for name, times in Counter(row.name for row in kind.rows).items() if times > 1] == []


@pytest.mark.parametrize("row", BUILT)
def test_what_a_row_builds_is_where_it_says_and_names_the_same_paper(row: Row):
    text = source_of(row.builder)
    for link in re.findall(r"https://\S+", row.source):
        assert link in text


@pytest.mark.parametrize("row", BRANCHES, ids=lambda row: row.name)
def test_the_loss_of_branches_is_where_the_row_says(row):
    source_of(row.loss)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_says_where_it_is_from(row: Row):
    is_keras_application = "keras_application" in row.builder
    if row.name not in WITHOUT_SOURCE and not is_keras_application:
        assert re.search(r'"[^"]+", \d{4}, https://\S+$', row.source), row.source


@pytest.mark.parametrize("row", ROWS)
def test_what_is_searched_lies_within_the_bounds_of_its_setting(row: Row):
    for field in row.fields:
        for value in (*(field.searched or ()), *field.choices, field.default):
            _validated(field, value)


def _validated(field: OwnField, value) -> None:
    from pydantic import TypeAdapter

    kind, info = field.declaration
    from typing import Annotated

    TypeAdapter(Annotated[kind, info]).validate_python(value)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.key)
def test_a_key_that_rows_share_means_the_same_in_all(kind):
    by_name = {}
    for row in kind.rows:
        for field in row.fields:
            assert by_name.setdefault(field.name, field) == field
