"""The example of the page on reviews, run as it stands there, on payments some of whose labels are wrong on purpose."""

import csv
import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.spreadsheet_csv import SpreadsheetWriter, read_spreadsheet
from pipeline.experiments.make_payments import make_payments
from tests.conftest import counterpoise

ROOT = Path(__file__).parents[2]
PLANTED = 20


def documented_commands() -> list[list[str]]:
    """The words of every `counterpoise` command on the page, without the command itself."""
    page = (ROOT / "docs" / "review.md").read_text()
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith(".venv/bin/counterpoise")]


def write_wrong_payments(folder: Path) -> dict[str, str]:
    """Writes the payments with `PLANTED` frauds called genuine and as many the other way; returns key to true class."""
    table = make_payments()
    random, wrong = np.random.default_rng(0), {}
    for name, other in (("fraud", "genuine"), ("genuine", "fraud")):
        own = np.flatnonzero(table["class"] == name)
        wrong |= {int(row): (name, other) for row in random.choice(own, PLANTED, replace=False)}
    for row, (_, other) in wrong.items():
        table.loc[row, "class"] = other
    folder.mkdir(parents=True)
    table.to_csv(folder / "payments.csv", index=False)
    return {f"payments.csv, row {row + 1}": name for row, (name, _) in wrong.items()}


def rows_of(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(read_spreadsheet(handle))


@pytest.mark.slow
def test_planted_mistakes_are_listed_corrected_and_not_listed_again(tmp_path):
    experiments = tmp_path / "pipeline" / "experiments"
    experiments.mkdir(parents=True)
    shutil.copy(ROOT / "pipeline" / "experiments" / "payments.yaml", experiments)
    truth = write_wrong_payments(tmp_path / "data" / "payments")
    run, review, run_again, review_new = documented_commands()
    quick = ["--set", "training.epochs=8"]

    done = counterpoise(*run, *quick, cwd=tmp_path)
    assert done.returncode in (0, 3), done.stdout + done.stderr
    done = counterpoise(*review, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    listed = rows_of(tmp_path / "review.csv")
    found = [row for row in listed if row["key"] in truth]
    print(len(found), "of", len(truth), "planted mistakes among the first", len(listed))
    # By chance it would be 0.2 of the 40.
    assert len(listed) == 60 and len(found) >= 15
    assert all(row["suggested"] == truth[row["key"]] for row in found)
    assert {truth[row["key"]] for row in found} == {"fraud", "genuine"}
    assert "records of train and eval are judged by the network of the fold" in done.stdout
    page = (tmp_path / "review.html").read_text()
    assert page.count('<article class="card item"') == 60 and not re.search("https?://", page)

    with open(tmp_path / "corrections.csv", "w", newline="", encoding="utf-8") as handle:
        writer = SpreadsheetWriter(handle)
        writer.writerow(["key", "label", "was"])
        for row in listed:
            writer.writerow([row["key"], truth.get(row["key"], row["label"]), row["label"]])
    done = counterpoise(*run_again, *quick, cwd=tmp_path)
    assert done.returncode in (0, 3), done.stdout + done.stderr
    assert f"{len(found)} records of another class" in done.stdout
    assert f"0 left out, {60 - len(found)} confirmed" in done.stdout
    splits = {row["key"]: row for row in rows_of(tmp_path / "runs" / "payments" / "splits.csv")}
    assert {key for key, row in splits.items() if row["class_in_data"]} == {row["key"] for row in found}
    assert all(splits[row["key"]]["class"] == truth[row["key"]] for row in found)
    assert "corrections.csv" in (tmp_path / "runs" / "payments" / "report.html").read_text()
    examples = tmp_path / "runs" / "payments" / "artifacts" / "StratifiedExampleGen" / "examples"
    summaries = [json.loads(path.read_text()) for path in examples.glob("*/split_summary.json")]
    applied = [one["corrections"]["relabelled"] for one in summaries if "corrections" in one]
    assert len(summaries) == 2 and applied == [len(found)]

    make_payments().drop(columns="class").head(400).to_csv(tmp_path / "new.csv", index=False)
    done = counterpoise(*review_new, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    later = rows_of(tmp_path / "review_new.csv")
    of_run = [row for row in later if row["label"]]
    assert len(of_run) == 30 == len(later) - len(of_run)
    assert not {row["key"] for row in listed} & {row["key"] for row in of_run}
    new = [row for row in later if not row["label"]]
    assert all(
        row["key"].startswith("new.csv, row ") and row["kind"] in ("worth a label", "unlike") for row in new
    )
    assert len({row["key"] for row in new}) == 30
    with open(tmp_path / "review_new.csv", newline="", encoding="utf-8") as handle:
        assert next(csv.reader(handle))[0] == "key"
    assert pd.read_csv(tmp_path / "data" / "payments" / "payments.csv")["class"].eq("fraud").sum() == 120
