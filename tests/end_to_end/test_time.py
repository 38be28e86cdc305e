"""Data that move, from file to report: the example of the page, drift against no drift, and pictures by `init`."""

import csv
import json
import re
import shlex
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.config import load_experiment
from pipeline.configuration.check_with_data import check_with_data
from pipeline.experiments.make_payments import write_payments
from tests.conftest import counterpoise, metrics_of

ROOT = Path(__file__).parents[2]


def documented_run() -> list[str]:
    page = (ROOT / "docs" / "time.md").read_text()
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    [run] = [shlex.split(line)[1:] for line in lines if line.startswith(".venv/bin/counterpoise run")]
    return run


@pytest.fixture
def demo(tmp_path):
    """A folder with the demo's experiment and payments where the page has them."""
    (tmp_path / "pipeline" / "experiments").mkdir(parents=True)
    shutil.copy(ROOT / "pipeline" / "experiments" / "payments.yaml", tmp_path / "pipeline" / "experiments")
    write_payments(tmp_path / "data" / "payments")
    return tmp_path


def run(experiment, output, *settings, cwd=None):
    done = counterpoise("run", experiment, "--output", output, *(f"--set={one}" for one in settings), cwd=cwd)
    log = output / "run.log"
    assert done.returncode in (0, 3), (
        done.stdout + done.stderr + (log.read_text()[-5000:] if log.exists() else "")
    )
    return done.stdout


def test_the_example_of_the_page_goes_with_its_data(demo):
    _, experiment, *overrides = documented_run()
    settings = [word for word in overrides if word != "--set"]
    checked, _ = check_with_data(load_experiment(str(demo / experiment), settings))
    assert checked.data.splits.time.gap == "1d" and checked.decision.rule.capacity.per_day == 5


@pytest.mark.slow
def test_the_example_of_the_page_runs_and_says_what_it_says(demo):
    words = documented_run()
    said = run(
        words[1],
        demo / "run",
        *[word for word in words[2:] if word != "--set"],
        "training.epochs=6",
        cwd=demo,
    )
    assert "Column 'day' read as times: days since 1970" in said and "in the gap, and in no split" in said
    metrics = metrics_of(demo / "run")
    assert len(metrics["over_time"]["windows"]) == 4 and metrics["over_time"]["sentence"].rstrip(
        "."
    ) in " ".join(said.split())
    # 12,000 payments in 56 days, of which five a day are read.
    assert metrics["queue"]["size"]["asked"] == pytest.approx(5 * 56 / 12_000, rel=0.05)
    days = {
        split: [
            int(row["time"][-2:]) + 31 * (row["time"][5:7] == "02")
            for row in rows(demo / "run")
            if row["split"] == split
        ]
        for split in ("train", "eval", "test")
    }
    assert max(days["train"]) < min(days["eval"]) - 1 and max(days["eval"]) < min(days["test"]) - 1


def rows(output):
    with open(output / "splits.csv", newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def write_drifting(path, turns):
    """Two classes on a plane, parted by a line that turns with the time, or stands."""
    random = np.random.default_rng(0)
    size = 3000
    x, y = random.normal(size=(2, size))
    angle = np.linspace(0, np.pi * 0.9, size) if turns else np.full(size, 0.5)
    rare = np.cos(angle) * x + np.sin(angle) * y > 1.0
    with open(path, "w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["when", "x", "y", "class"])
        for row in range(size):
            moment = datetime(2024, 1, 1) + timedelta(hours=3 * row)
            writer.writerow(
                [moment.isoformat(), f"{x[row]:.5f}", f"{y[row]:.5f}", "rare" if rare[row] else "common"]
            )


EXPERIMENT = """
recipe: none
data: {format: csv, path: t.csv, label: class, time: when}
model: {tabular: {encoder: mlp}}
training: {epochs: 6, batch_size: 64}
decision: {rule: macro_f1}
"""
BY_TIME = "data.splits={time: {train: 0.6, eval: 0.2, test: 0.2, gap: 1d}}"


@pytest.mark.slow
def test_a_table_that_drifts_scores_lower_in_the_order_of_time_and_the_report_says_so(tmp_path):
    write_drifting(tmp_path / "t.csv", turns=True)
    (tmp_path / "e.yaml").write_text(EXPERIMENT)
    run(tmp_path / "e.yaml", tmp_path / "mixed")
    said = run(tmp_path / "e.yaml", tmp_path / "ordered", BY_TIME)
    mixed, ordered = metrics_of(tmp_path / "mixed"), metrics_of(tmp_path / "ordered")
    assert ordered["summary"]["macro_f1"] < mixed["summary"]["macro_f1"] - 0.1
    assert ordered["over_time"]["sentence"].startswith("Scores fall with the time, beyond chance")
    assert "Scores fall with the time, beyond chance" in " ".join(said.split())
    page = (tmp_path / "ordered" / "report.html").read_text()
    assert ordered["over_time"]["sentence"].split(";")[0] in page
    assert "the splits mix the times" in (tmp_path / "mixed" / "report.html").read_text()


@pytest.mark.slow
def test_a_table_that_stands_scores_alike_in_both_orders(tmp_path):
    write_drifting(tmp_path / "t.csv", turns=False)
    (tmp_path / "e.yaml").write_text(EXPERIMENT)
    run(tmp_path / "e.yaml", tmp_path / "mixed")
    run(tmp_path / "e.yaml", tmp_path / "ordered", BY_TIME)
    mixed, ordered = metrics_of(tmp_path / "mixed"), metrics_of(tmp_path / "ordered")
    assert ordered["summary"]["macro_f1"] == pytest.approx(mixed["summary"]["macro_f1"], abs=0.1)
    assert ordered["over_time"]["sentence"] == "No score falls beyond chance over 4 windows of test."


@pytest.mark.slow
def test_pictures_and_columns_run_from_init_in_the_order_of_time(tmp_path):
    random = np.random.default_rng(0)
    (tmp_path / "data" / "pictures").mkdir(parents=True)
    with open(tmp_path / "data" / "parts.csv", "w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["picture", "when", "weight", "class"])
        for row in range(240):
            kind = "crack" if row % 5 == 0 else "good"
            pixels = random.integers(0, 100, (24, 24, 3), np.uint8) + (100 if kind == "crack" else 0)
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "data" / "pictures" / f"{row}.png")
            moment = datetime(2024, 1, 1) + timedelta(hours=row)
            writer.writerow(
                [f"pictures/{row}.png", moment.strftime("%d.%m.%Y %H:%M"), f"{random.normal():.3f}", kind]
            )
    done = counterpoise("init", "data/parts.csv", "-o", "parts.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "time: when" in (tmp_path / "parts.yaml").read_text()
    run(
        tmp_path / "parts.yaml",
        tmp_path / "run",
        "recipe=none",
        "training.epochs=2",
        "model.image={backbone: small_cnn, weights: null, size: [24, 24]}",
        "validation.min_class_count=3",
    )
    times = {
        split: [row["time"] for row in rows(tmp_path / "run") if row["split"] == split]
        for split in ("train", "eval", "test")
    }
    assert [len(of) for of in times.values()] == [168, 36, 36]
    assert max(times["train"]) < min(times["eval"]) and max(times["eval"]) < min(times["test"])
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["over_time"]["windows"]
