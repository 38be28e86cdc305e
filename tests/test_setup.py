"""Setting up on a bare machine, as far as that goes without installing anything."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BOOKWORM, TRIXIE = (2, 36), (2, 41)


@pytest.fixture
def machine_script():
    """Imports the script."""
    spec = importlib.util.spec_from_file_location("counterpoise_setup", ROOT / ".ci" / "setup.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture
def machine(machine_script, monkeypatch, tmp_path):
    """Makes a machine with a glibc, some Pythons and perhaps an environment; returns what is chosen there."""
    script = machine_script
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COUNTERPOISE_PYTHON", raising=False)

    def choose(glibc, pythons=(), asked=None, environment=None):
        monkeypatch.setattr(script, "glibc_version", lambda: glibc)
        monkeypatch.setattr(script, "has_headers", lambda version: version in pythons)
        if asked is not None:
            monkeypatch.setenv("COUNTERPOISE_PYTHON", asked)
        if environment is not None:
            (tmp_path / ".venv").mkdir()
            (tmp_path / ".venv" / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion_info = {environment}\n")
        return script.choose_python()

    return choose


@pytest.mark.parametrize(
    ("glibc", "pythons", "expected", "why"),
    [
        (TRIXIE, ("3.13",), "3.13", "glibc 2.41"),
        (TRIXIE, ("3.11", "3.12"), "3.12", "glibc 2.41"),
        ((2, 39), ("3.11",), "3.11", "glibc 2.39"),
        (TRIXIE, (), "3.10", "no Python 3.11 to 3.13"),
        (BOOKWORM, ("3.11", "3.13"), "3.10", "glibc 2.36"),
        ((2, 9), ("3.13",), "3.10", "glibc 2.9"),
        ((), ("3.13",), "3.10", "no glibc"),
    ],
)
def test_the_modern_lane_is_taken_where_python_and_glibc_are_there(machine, glibc, pythons, expected, why):
    version, reason = machine(glibc, pythons)
    assert version == expected and why in reason


def test_the_variable_decides_over_all_else(machine):
    assert machine(TRIXIE, ("3.13",), asked="3.10", environment="3.13.5")[0] == "3.10"
    assert machine(TRIXIE, asked="3.12")[0] == "3.12"


def test_an_environment_keeps_its_lane(machine):
    version, reason = machine(TRIXIE, ("3.13",), environment="3.10.14")
    assert version == "3.10" and ".venv has it" in reason


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ("3.9", ("Expected 3.10, 3.11, 3.12 or 3.13", "COUNTERPOISE_PYTHON=3.9")),
        ("3.13", ("needs glibc 2.39", "this machine has 2.36", "set COUNTERPOISE_PYTHON=3.10")),
    ],
)
def test_a_python_that_cannot_be_is_refused_with_the_way_out(machine, capsys, asked, parts):
    with pytest.raises(SystemExit) as ended:
        machine(BOOKWORM, ("3.13",), asked=asked)
    said = capsys.readouterr().err
    assert ended.value.code == 2 and all(part in said for part in parts)


@pytest.mark.parametrize(
    ("environment", "asked", "runs"),
    [(None, None, True), ("3.10", None, False), ("3.10", "3.10", False), ("3.10", "3.13", True)],
)
def test_make_sets_up_anew_where_another_python_is_asked_for(tmp_path, environment, asked, runs):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("uv.lock", "pyproject.toml", ".ci/setup.py", ".venv/.here"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    if environment is not None:
        (tmp_path / ".venv" / f".python-{environment}").touch()
        (tmp_path / ".venv" / ".synced").touch()
    variables = {name: value for name, value in os.environ.items() if name != "COUNTERPOISE_PYTHON"}
    variables |= {} if asked is None else {"COUNTERPOISE_PYTHON": asked}
    command = ["make", "--dry-run", "setup"]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=True)
    assert ("setup.py" in done.stdout) == runs


def test_the_latest_python_of_pyenv_is_found_whatever_it_is_set_to(machine_script, monkeypatch, tmp_path):
    for name in ("3.10.9", "3.10.13", "3.11.7", "3.1.2"):
        python = tmp_path / "versions" / name / "bin" / f"python{name.rpartition('.')[0]}"
        python.parent.mkdir(parents=True)
        python.touch()
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(machine_script, "UV", str(tmp_path / "none"))
    assert machine_script.find_python("3.10") == str(tmp_path / "versions/3.10.13/bin/python3.10")
    assert machine_script.find_python("3.12") is None


def test_machine_without_the_right_python_gets_one_clear_sentence(tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "setup.py", tmp_path / ".ci")
    uv = tmp_path / ".tools" / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    # Stands for a uv that finds no Python and may not fetch one.
    uv.write_text("#!/bin/sh\nexit 2\n")
    uv.chmod(0o755)
    here = {**os.environ, "COUNTERPOISE_PYTHON": "3.10", "PYENV_ROOT": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, tmp_path / ".ci" / "setup.py"], capture_output=True, text=True, env=here
    )
    assert done.returncode == 1 and done.stdout.startswith("Python 3.10 (TensorFlow 2.15, Keras 2): ")
    assert done.stderr.startswith("Counterpoise needs Python 3.10") and len(done.stderr.splitlines()) == 1


def test_make_targets_are_one_line_calls():
    recipes = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("\t")]
    assert recipes and all("\\" not in line and ";" not in line for line in recipes)
