"""What holds for the whole house: who may import whom, and how long a file may be."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "core": {"core"},
    "models": {"core", "models"},
    "components": {"core", "components"},
    "pipeline": {"core", "models", "components", "pipeline"},
    "counterpoise": {"core", "components", "pipeline", "counterpoise"},
    "benchmarks": {"core", "models", "components", "pipeline", "benchmarks"},
}
LONGEST_FILE = 350


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules():
    """Returns every module of the project and its path."""
    return {name_of(path): path for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))}


@cache
def imports_of(name):
    """Returns the project's modules that one imports, at its head or within a function, for types or not."""
    found = set()
    for node in ast.walk(ast.parse(modules()[name].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in modules() else node.module)
    return found & set(modules())


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_go_along_the_arrows(room):
    against = [
        f"{name} -> {other}"
        for name in modules()
        if name.split(".")[0] == room
        for other in imports_of(name)
        if other.split(".")[0] not in MAY_IMPORT[room]
    ]
    assert against == []


def test_no_modules_import_each_other_in_a_circle():
    finished, circles = set(), []

    def visit(name, path):
        if name in path:
            circles.append([*path[path.index(name) :], name])
        elif name not in finished:
            for other in sorted(imports_of(name)):
                visit(other, [*path, name])
            finished.add(name)

    for name in modules():
        visit(name, [])
    assert circles == []


def test_core_needs_neither_tensorflow_nor_tfx():
    core = [name for name in modules() if name.split(".")[0] == "core"]
    program = f"import sys, {', '.join(core)}; print(*sys.modules)"
    imported = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not {"tensorflow", "keras", "tfx", "apache_beam"} & set(imported.stdout.split())


def test_no_file_is_too_long_to_be_read_at_once():
    lengths = {name: len(path.read_text().splitlines()) for name, path in modules().items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}
