"""The example of the page on explanations, run as it stands there."""

import csv
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import tensorflow as tf

from pipeline.config import load_experiment
from pipeline.configuration.check_with_data import check_with_data
from tests.conftest import counterpoise

ROOT = Path(__file__).parents[2]


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", (ROOT / "docs" / "explain.md").read_text(), re.DOTALL)


@pytest.fixture
def example(tmp_path):
    """The folder with the example's table and experiment, and the words of its other commands."""
    [commands], [experiment] = blocks("sh"), blocks("yaml")
    make, *others = (shlex.split(line)[1:] for line in commands.splitlines())
    subprocess.run([ROOT / ".venv" / "bin" / "python", *make], cwd=tmp_path, check=True)
    (tmp_path / "tumours.yaml").write_text(experiment)
    return tmp_path, others


def test_the_experiment_of_the_page_goes_with_its_data(example):
    folder, _ = example
    checked, _ = check_with_data(load_experiment(str(folder / "tumours.yaml"), []))
    assert checked.data.label == "target"


@pytest.mark.slow
def test_the_example_of_the_page_writes_reasons_that_add_up(example):
    folder, [run, predict] = example
    for words in (run, predict):
        done = counterpoise(*words, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
    with open(folder / "answers.csv", newline="", encoding="utf-8") as handle:
        answers = list(csv.DictReader(handle))
    with open(folder / "tumours.csv", newline="", encoding="utf-8") as handle:
        records = list(csv.DictReader(handle))
    assert len(answers) == len(records) == 569
    model = tf.saved_model.load(str(folder / "runs" / "tumours" / "serving" / "1")).signatures["explain"]
    names = {name: name.replace(" ", "_") for name in records[0] if name != "target"}
    tensors = {
        plain: tf.constant([float(one[name]) for one in records[:40]], tf.float64)
        for name, plain in names.items()
    }
    explained = {name: values.numpy() for name, values in model(**tensors).items()}
    difference = explained["log_odds"] - explained["reference_log_odds"]
    assert abs(explained["contributions"].sum(axis=1) - difference).max() < 1e-3
    for place, answer in enumerate(answers[:40]):
        strongest = int(abs(explained["contributions"][place]).argmax())
        column = explained["columns"][place, strongest].decode()
        assert answer["reason_1"].startswith(f"{column} = {float(records[place][column]):.6g} (")
    page = (folder / "runs" / "tumours" / "report.html").read_text()
    assert ('class="reasons"' in page) == ('id="worst"' in page)
