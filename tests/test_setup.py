"""Setting up on a bare machine, as far as that goes without installing anything."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_machine_without_the_right_python_gets_one_clear_sentence(tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "setup.py", tmp_path / ".ci")
    (tmp_path / ".python-version").write_text("3.10\n")
    uv = tmp_path / ".tools" / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    # Stands for a uv that finds no Python and may not fetch one.
    uv.write_text("#!/bin/sh\nexit 2\n")
    uv.chmod(0o755)
    done = subprocess.run([sys.executable, tmp_path / ".ci" / "setup.py"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("Counterpoise needs Python 3.10") and len(done.stderr.splitlines()) == 1


def test_make_targets_are_one_line_calls():
    recipes = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("\t")]
    assert recipes and all("\\" not in line and ";" not in line for line in recipes)
