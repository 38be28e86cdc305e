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

from tests.conftest import BAD_ROWS, CLASS_SIZES, REPEATS, counterpoise

_CLASS_SIZES = {"ok": 80, "worn": 30, "torn": 9}


def _told(text: str) -> dict[str, int]:
    """Reads the sentence that sums up the records."""
    [numbers] = re.findall(r"Records: ([\d,]+) found, ([\d,]+) used, ([\d,]+) left out", text)
    return dict(zip(("found", "used", "left out"), (int(n.replace(",", "")) for n in numbers), strict=True))


def _splits(run: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((run / "splits.csv").read_text())))


def _check_records(run: Path, terminal: str, num_records: int) -> list[dict[str, str]]:
    """Holds splits.csv, terminal and report against each other; returns what is left out."""
    rows = _splits(run)
    assert all(bool(row["split"]) != bool(row["dropped_because"]) for row in rows)
    told = _told(terminal)
    assert told["found"] == num_records == told["used"] + told["left out"]
    assert told["used"] == sum(bool(row["split"]) for row in rows)
    page = (run / "report.html").read_text()
    assert _told(page) == told
    for name, count in Counter(row["class"] for row in rows if row["split"]).items():
        [line] = [line for line in terminal.splitlines() if line.startswith(f"│ {name} ")][:1]
        cells = [cell.strip() for cell in line.strip("│").split("│")]
        assert int(cells[2]) == count == sum(map(int, cells[4:7]))
        assert int(cells[1]) == int(cells[2]) + int(cells[3])
    return [row for row in rows if row["dropped_because"]]


def test_every_row_and_column_of_a_messy_table_is_used_or_left_out_with_a_reason(finished_run):
    terminal = (finished_run.parent / "terminal.txt").read_text()
    num_bad = sum(map(len, BAD_ROWS.values()))
    left_out = _check_records(finished_run, terminal, sum(CLASS_SIZES.values()) + num_bad)
    assert len(left_out) == num_bad
    assert "cells are set apart by ';'" in terminal
    page = (finished_run / "report.html").read_text()
    for text in (terminal, page):
        assert f"{REPEATS} repeats of another record" in text
        for used in ("width (numeric)", "weight (numeric)", "line (categorical)", "defect (label)"):
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
    experiment = {
        "recipe": "none",
        "data": {"format": "image_folder", "path": "data", "on_bad_record": "skip"},
        "validation": {"on_anomaly": "warn"},
        "model": {"image": {"size": [16, 16]}},
        "training": {"epochs": 1, "batch_size": 32},
    }
    (tmp_path / "parts.yaml").write_text(yaml.safe_dump(experiment))
    run = tmp_path / "run"
    done = counterpoise("run", tmp_path / "parts.yaml", "--output", run)
    assert done.returncode in (0, 3), done.stdout + done.stderr
    terminal = done.stdout
    left_out = {row["key"] for row in _check_records(run, terminal, num_records)}
    assert left_out == no_records | {"worn/cut.png"}
    files = {path.relative_to(tmp_path / "data").as_posix() for path in (tmp_path / "data").rglob("*")}
    folders = {name for name in files if (tmp_path / "data" / name).is_dir()}
    assert {row["key"] for row in _splits(run)} == files - folders
    page = (run / "report.html").read_text()
    for text in (terminal, page):
        assert f"{len(no_records)} files left out" in text
        assert "1 bad record left out: worn/cut.png" in text
