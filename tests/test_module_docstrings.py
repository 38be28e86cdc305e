"""Every module says in its first line what it does."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("core", "pipeline", "models", "components", "counterpoise", "benchmarks")
# Such a line begins a question or a description of the data, and leaves what the module does to be guessed.
NOT_FIRST = {"The", "What", "How", "When", "Where", "Which", "Whether", "Why", "From", "Every"}


@pytest.mark.parametrize("room", ROOMS)
def test_first_lines_begin_with_what_the_module_does(room):
    first_words = {
        str(path.relative_to(ROOT)): (ast.get_docstring(tree) or "?").split()[0]
        for path in sorted((ROOT / room).rglob("*.py"))
        if (tree := ast.parse(path.read_text())).body
    }
    assert {path: word for path, word in first_words.items() if word in NOT_FIRST | {"?"}} == {}
