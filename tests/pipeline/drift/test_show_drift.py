"""`counterpoise monitor` on a finished run, with new data as the run's and with data that moved."""

import csv
import json

import numpy as np
import pytest

from tests.conftest import NO_NUMBER, counterpoise


@pytest.fixture(scope="module")
def rows(parts):
    with open(parts.parent / "parts.csv", newline="") as handle:
        return [row for row in csv.DictReader(handle, delimiter=";") if row["id"] != "b"]


def write(path, rows, columns):
    with open(path, "w", newline="") as handle:
        writer = csv.DictWriter(handle, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


COLUMNS = ["picture", "width", "weight", "line"]


@pytest.mark.slow
def test_new_data_are_held_against_the_run_that_pushed(finished_run, parts, rows, tmp_path):
    # Images are found beside the table.
    same = write(parts.parent / "same.csv", rows, [*COLUMNS, "defect"])
    done = counterpoise("monitor", finished_run, same, "--json", tmp_path / "same.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no sign of drift" in done.stdout and done.stderr == ""
    numbers = json.loads((tmp_path / "same.json").read_text())
    assert set(numbers["columns"]) == {"width", "weight", "line"} and numbers["records"] == len(rows)
    share = np.mean([row["defect"] == "crack" for row in rows])
    assert numbers["prior"]["labelled"]["crack"]["share"] == pytest.approx(share)
    assert numbers["columns"]["width"]["missing"]["new"] == pytest.approx(
        np.mean([row["width"] in NO_NUMBER for row in rows])
    )

    moved = [{**row, "line": "west", "weight": float(row["weight"]) + 5} for row in rows]
    table = write(parts.parent / "moved.csv", moved, COLUMNS)
    done = counterpoise("monitor", finished_run, table, "--json", tmp_path / "moved.json")
    assert done.returncode == 3, done.stdout + done.stderr
    numbers = json.loads((tmp_path / "moved.json").read_text())
    assert numbers["columns"]["line"]["distance"] == pytest.approx(1)
    assert numbers["columns"]["line"]["unknown"]["new"] == 1 and numbers["columns"]["weight"]["drifted"]
    assert not numbers["columns"]["width"]["drifted"] and numbers["recall"] is None
    assert any("'line'" in reason for reason in numbers["reasons"])


def test_a_folder_that_holds_no_run_is_bad_input(tmp_path):
    table = write(tmp_path / "new.csv", [], COLUMNS)
    done = counterpoise("monitor", tmp_path, table)
    assert done.returncode == 2 and "holds no version of a model" in done.stderr
