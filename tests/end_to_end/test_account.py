"""Found is used and left out, with reasons: of records, columns, classes and files, wherever it is told."""

import csv
import io
import os
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from tests.conftest import counterpoise

_CLASS_SIZES = {"ok": 80, "worn": 30, "torn": 9}
_BAD_ROWS = {"too many cells": 3, "no label": 4, "a number that is none": 2}
_REPEATS = 6


def _write_table(folder: Path) -> int:
    """Writes a table with everything that is left out somewhere; returns the number of its rows."""
    random = np.random.default_rng(3)
    rows = []
    for place, (name, size) in enumerate(_CLASS_SIZES.items()):
        for number in range(size):
            width = random.choice(["", "None", "inf"]) if number % 9 == 0 else f"{random.normal(place):.3f}"
            rows.append(
                [len(rows), width, f"{random.normal(3):.3f}", random.choice(["3", "3.0", "a\nb"]), name]
            )
    rows += [["r", *rows[number][1:]] for number in range(_REPEATS)]
    rows += [["b", "1.0", "1.0", "3", "worn", "one more"] for _ in range(_BAD_ROWS["too many cells"])]
    rows += [["b", "1.0", "1.0", "3", label] for label in ("", "NA", "?", " ")]
    rows += [["b", "1.0", "wide", "3", "torn"] for _ in range(_BAD_ROWS["a number that is none"])]
    order = random.permutation(len(rows))
    with open(folder / "parts.csv", "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, delimiter=";")
        writer.writerow(["id", "width, mm", "weight, kg", "line", "state"])
        writer.writerows(rows[number] for number in order)
    return len(rows)


def _run(folder: Path, data: dict) -> str:
    experiment = {
        "data": {"on_bad_record": "skip", **data},
        "validation": {"on_anomaly": "warn"},
        "model": {"image": {"size": [16, 16]}, "tabular": {"hidden_units": [8]}},
        "training": {"epochs": 1, "batch_size": 32},
    }
    (folder / "parts.yaml").write_text(yaml.safe_dump(experiment))
    done = counterpoise("run", folder / "parts.yaml", "--output", folder / "run")
    assert done.returncode in (0, 3), done.stdout + done.stderr
    return done.stdout


def _told(text: str) -> dict[str, int]:
    """Reads the sentence that sums up the records."""
    [numbers] = re.findall(r"Records: ([\d,]+) found, ([\d,]+) used, ([\d,]+) left out", text)
    return dict(zip(("found", "used", "left out"), (int(n.replace(",", "")) for n in numbers), strict=True))


def _splits(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "run" / "splits.csv").read_text())))


def _check_records(folder: Path, terminal: str, num_records: int) -> list[dict[str, str]]:
    """Holds splits.csv, terminal and report against each other; returns what is left out."""
    rows = _splits(folder)
    assert all(bool(row["split"]) != bool(row["dropped_because"]) for row in rows)
    told = _told(terminal)
    assert told["found"] == num_records == told["used"] + told["left out"]
    assert told["used"] == sum(bool(row["split"]) for row in rows)
    page = (folder / "run" / "report.html").read_text()
    assert _told(page) == told
    for name, count in Counter(row["class"] for row in rows if row["split"]).items():
        [line] = [line for line in terminal.splitlines() if line.startswith(f"│ {name} ")][:1]
        cells = [cell.strip() for cell in line.strip("│").split("│")]
        assert int(cells[2]) == count == sum(map(int, cells[4:7]))
        assert int(cells[1]) == int(cells[2]) + int(cells[3])
    return [row for row in rows if row["dropped_because"]]


def test_every_row_and_column_of_a_messy_table_is_used_or_left_out_with_a_reason(tmp_path):
    num_rows = _write_table(tmp_path)
    data = {
        "format": "csv",
        "path": "parts.csv",
        "label": "state",
        "drop": ["id"],
        "numeric": ["width, mm", "weight, kg"],
    }
    terminal = _run(tmp_path, data)
    left_out = _check_records(tmp_path, terminal, num_rows)
    assert len(left_out) == sum(_BAD_ROWS.values())
    assert len(_splits(tmp_path)) == num_rows
    assert "cells are set apart by ';'" in terminal
    page = (tmp_path / "run" / "report.html").read_text()
    for text in (terminal, page):
        assert f"{_REPEATS} repeats of another record" in text
        for used in ("width, mm (numeric)", "weight, kg (numeric)", "line (categorical)", "state (label)"):
            assert used in text, used
        assert "id (data.drop names it)" in text


def _write_folder(folder: Path) -> tuple[int, set[str]]:
    """Writes a folder with images where nobody looks for them; returns their number, and what is no record."""
    random = np.random.default_rng(3)
    data = folder / "data"
    count = 0
    for place, (name, size) in enumerate(_CLASS_SIZES.items()):
        for number in range(size):
            inner = data / name / ("batch2/day1" if number % 3 == 0 else "")
            inner.mkdir(parents=True, exist_ok=True)
            pixels = random.normal(60 + 70 * place, 20, (12, 12, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(inner / f"{number}.png")
            count += 1
    (data / "worn" / "cut.png").write_bytes((data / "worn" / "1.png").read_bytes()[:60])
    outside = folder / "elsewhere.png"
    outside.write_bytes((data / "ok" / "1.png").read_bytes())
    (data / "ok" / "linked.png").symlink_to(outside)
    (data / "ok" / "broken.png").symlink_to(folder / "gone.png")
    (data / "torn" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (data / "stray.png").write_bytes(outside.read_bytes())
    os.mkfifo(data / "torn" / "pipe.png")
    return count + 1, {"ok/linked.png", "ok/broken.png", "torn/Thumbs.db", "stray.png", "torn/pipe.png"}


@pytest.mark.slow
def test_every_file_of_a_messy_folder_is_used_or_left_out_with_a_reason(tmp_path):
    num_records, no_records = _write_folder(tmp_path)
    terminal = _run(tmp_path, {"format": "image_folder", "path": "data"})
    left_out = {row["key"] for row in _check_records(tmp_path, terminal, num_records)}
    assert left_out == no_records | {"worn/cut.png"}
    files = {path.relative_to(tmp_path / "data").as_posix() for path in (tmp_path / "data").rglob("*")}
    folders = {name for name in files if (tmp_path / "data" / name).is_dir()}
    assert {row["key"] for row in _splits(tmp_path)} == files - folders
    page = (tmp_path / "run" / "report.html").read_text()
    for text in (terminal, page):
        assert f"{len(no_records)} files left out" in text
        assert "1 bad record left out: worn/cut.png" in text
