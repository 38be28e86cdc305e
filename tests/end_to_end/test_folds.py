"""Runs by folds with trees: killed on the way or with two workers, they come to the same; nobody answers what it knows."""

import csv

import numpy as np
import pandas as pd
import pytest
import yaml

from tests.conftest import counterpoise, metrics_of
from tests.end_to_end.killed_runs import Killed, check_same

# Each run takes a minute and more.
pytestmark = pytest.mark.slow

FOLDS = 5
SIZES = {"good": 240, "scratch": 60, "crack": 24}
TWO_WORKERS = ("--beam-arg=--direct_num_workers=2", "--beam-arg=--direct_running_mode=multi_processing")


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """An experiment on parts of several devices, some rows twice, with new records for the rare classes."""
    folder = tmp_path_factory.mktemp("parts")
    numbers = np.random.default_rng(0)
    rows = ["width,weight,line,device,defect"]
    for place, (name, size) in enumerate(SIZES.items()):
        for row in range(size):
            width, weight = numbers.normal((1.5 * place, 3), 1)
            line = numbers.choice(["north", "south", "west"])
            rows.append(f"{width:.4f},{weight:.4f},{line},{name} {row // 3},{name}")
    rows += rows[1:4]
    (folder / "parts.csv").write_text("\n".join(rows) + "\n")
    path = folder / "parts.yaml"
    settings = {
        "recipe": "none",
        "data": {"format": "csv", "path": "parts.csv", "label": "defect", "group": "device"},
        "augmentation": {"tabular": "smote", "target_ratio": 0.5},
        "model": {
            "tabular": {"hidden_units": [8], "trees": {"enabled": True, "iterations": 20}},
            "embedding_units": 8,
        },
        "training": {"epochs": 6, "batch_size": 16, "folds": FOLDS, "patience": None},
    }
    path.write_text(yaml.safe_dump(settings))
    return path


def out_of_fold(output):
    [path] = output.glob("artifacts/Trainer/model_run/*/out_of_fold.parquet")
    return path


@pytest.fixture(scope="module")
def undisturbed(experiment, tmp_path_factory):
    output = tmp_path_factory.mktemp("undisturbed")
    done = counterpoise("run", experiment, "--output", output)
    assert done.returncode == 0, done.stdout + done.stderr
    return output


def test_every_record_but_those_of_test_is_answered_once_and_groups_are_whole(experiment, undisturbed):
    with open(undisturbed / "splits.csv") as handle:
        splits = {row["key"]: row["split"] for row in csv.DictReader(handle)}
    answers = pd.read_parquet(out_of_fold(undisturbed))
    assert sorted(answers["key"]) == sorted(
        key for key, split in splits.items() if split in ("train", "eval")
    )
    parts = pd.read_csv(experiment.parent / "parts.csv")
    devices = [parts["device"][int(key.rpartition(" ")[2]) - 1] for key in answers["key"]]
    assert (answers["fold"].groupby(devices).nunique() == 1).all()
    assert answers.groupby("class")["fold"].nunique().eq(FOLDS).all()
    assert answers["fold"].nunique() == FOLDS


def test_decision_is_fitted_out_of_fold(undisturbed):
    counts = pd.read_parquet(out_of_fold(undisturbed))["class"].value_counts().to_dict()
    [path] = undisturbed.glob("serving/1/assets.extra/decision.json")
    fitted_on = yaml.safe_load(path.read_text())["fitted_on"]
    assert fitted_on == {"split": "out_of_fold", "records": counts}
    assert metrics_of(undisturbed)["blessed"]


def test_a_run_that_is_killed_in_a_fold_goes_on_there_and_comes_to_the_same(
    experiment, undisturbed, tmp_path
):
    output = tmp_path / "killed"
    run = Killed(experiment, output)
    run.wait_for("Stage Trainer begins.", "Fold 3 of 5")
    run.kill_all()
    done = counterpoise("run", experiment, "--output", output)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Fold 2 of 5 is there from before." in done.stdout
    assert "Fold 3 of 5 is there from before." not in done.stdout
    check_same(experiment, output, undisturbed, tmp_path)
    assert out_of_fold(output).read_bytes() == out_of_fold(undisturbed).read_bytes()


def test_two_workers_come_to_the_same(experiment, undisturbed, tmp_path):
    output = tmp_path / "two"
    done = counterpoise("run", experiment, "--output", output, *TWO_WORKERS)
    assert done.returncode == 0, done.stdout + done.stderr
    check_same(experiment, output, undisturbed, tmp_path)
    assert out_of_fold(output).read_bytes() == out_of_fold(undisturbed).read_bytes()
