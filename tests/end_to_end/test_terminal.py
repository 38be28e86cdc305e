"""The terminal of the commands that read a run: theirs alone. `counterpoise` of conftest.py looks after all others."""

import shutil

import pytest

from tests.conftest import CLASS_SIZES, counterpoise
from tests.terminal import lines_of_libraries


@pytest.mark.parametrize("words", [("describe",), ("describe", "--json"), ("report", "--no-open")])
def test_nothing_but_the_answer_is_said(finished_run, words):
    done = counterpoise(words[0], finished_run, *words[1:])
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for name in CLASS_SIZES)


def test_nothing_but_the_comparison_is_said(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "again", ignore=shutil.ignore_patterns("artifacts"))
    done = counterpoise("compare", finished_run, tmp_path / "again")
    assert (done.returncode, done.stderr) == (0, "")
    assert "parts" in done.stdout


@pytest.mark.parametrize(
    "line",
    [
        "I1130 16:01:24.123456 140211 dag_runner.py:31] Running pipeline.",
        "WARNING:absl:Skipping variable loading for optimizer 'Adam'",
        "/usr/lib/python3/site-packages/google/api_core/_python_version_support.py:5: FutureWarning: Python 3.10",
        "DeprecationWarning: invalid escape sequence",
        "WARNING: AutoGraph could not transform <function f> and will run it as-is.",
        "INFO:apache_beam.runners.worker:Creating insecure control channel",
    ],
)
def test_a_line_of_a_library_is_told_from_others(line):
    others = [
        "Records: 151 found, 142 used, 9 left out (9 cannot be used).",
        "Error: 2026-11-30 is no number.",
    ]
    assert lines_of_libraries("\n".join([others[0], line, others[1]])) == [line]
