"""Runs started from Python: their experiment, their settings, and what is wrong as an exception."""

import numpy as np
import pandas as pd
import pytest

import counterpoise
from pipeline.config import load_experiment
from tests.conftest import counterpoise_here


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A table of parts in the working directory, which is the test's own."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{number},{number % 7},{'bad' if number % 10 == 0 else 'good'}" for number in range(200)]
    (tmp_path / "parts.csv").write_text("\n".join(["width,holes,defect", *rows]))
    return tmp_path / "parts.csv"


@pytest.fixture
def started(monkeypatch):
    """What the pipeline would have been started with; it is not."""
    jobs = []

    def take(experiment, folder, beam_args, console):
        jobs.append((experiment, folder, beam_args))
        raise counterpoise.RunFailed("not started")

    monkeypatch.setattr("pipeline.run.run_or_raise", take)
    return jobs


def test_init_writes_what_the_command_writes(table):
    assert counterpoise.init("parts.csv", label="defect").name == "parts.yaml"
    done = counterpoise_here("init", "parts.csv", "-o", "other.yaml", "--label", "defect")
    assert done.returncode == 0
    # As settings: the comments tell the time it takes, which is measured.
    assert load_experiment("parts.yaml", ["name=other"]) == load_experiment("other.yaml")


def test_a_table_is_run_by_the_experiment_that_init_proposes(table, started):
    with pytest.raises(counterpoise.RunFailed):
        counterpoise.run(
            "parts.csv", label="defect", settings={"loss.name": "focal", "seed": np.int64(3)}, quality="fast"
        )
    [(experiment, folder, _)] = started
    written = load_experiment("runs/parts/parts.yaml", ["loss.name=focal", "seed=3", "quality=fast"])
    assert experiment == written and folder == str(table.parent / "runs" / "parts")
    assert experiment.data.path == str(table)


def test_an_array_with_classes_is_run_from_a_table_in_the_output_folder(table, started):
    with pytest.raises(counterpoise.RunFailed):
        counterpoise.run(np.random.default_rng(0).normal(size=(60, 2)), label=["a"] * 40 + ["b"] * 20)
    [(experiment, folder, _)] = started
    assert experiment.data.path == f"{folder}/label.parquet" and experiment.data.label == "label"
    assert pd.read_parquet(experiment.data.path).shape == (60, 3)


def test_a_setting_is_taken_as_it_is(table, started):
    counterpoise.init("parts.csv", label="defect")
    prior = {"good": 0.95, "bad": 0.05}
    with pytest.raises(counterpoise.RunFailed):
        counterpoise.run("parts.yaml", settings={"decision.prior": prior, "name": "yes"}, output="here")
    [(experiment, folder, _)] = started
    assert experiment.decision.prior == prior and experiment.name == "yes"
    assert folder == str(table.parent / "here")


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["none.yaml"], {}),
        (["parts.yaml", "--set", "loss.nmae=focal"], {"settings": {"loss.nmae": "focal"}}),
        (["parts.yaml", "--set", "data.label=defekt"], {"settings": {"data.label": "defekt"}}),
        (["parts.yaml", "--quality", "better"], {"quality": "better"}),
    ],
)
def test_bad_input_raises_what_the_command_says(table, words, options):
    counterpoise.init("parts.csv", label="defect")
    said = counterpoise_here("run", *words)
    with pytest.raises(counterpoise.InputError) as refused:
        counterpoise.run(words[0], **options)
    assert said.returncode == 2 and said.stderr == f"Error: {refused.value}\n"


@pytest.mark.parametrize(
    ("data", "options", "part"),
    [
        (pd.DataFrame({"a": [1]}), {}, "label: records in memory need it"),
        ("parts.yaml", {"label": "defect"}, "names it itself"),
        ("parts.csv", {"label": [1, 2]}, "name of a column"),
        ("parts.csv", {"label": "defekt"}, "Did you mean 'defect'"),
        ("parts.yaml", {"settings": {"seed": object()}}, "seed: no setting is of the type object"),
    ],
)
def test_what_only_python_can_say_wrong_is_refused_likewise(table, data, options, part):
    counterpoise.init("parts.csv", label="defect")
    with pytest.raises(counterpoise.InputError) as refused:
        counterpoise.run(data, **options)
    assert part in str(refused.value)


def test_a_folder_without_a_run_is_refused_as_by_the_command(table):
    said = counterpoise_here("report", "runs/none")
    with pytest.raises(counterpoise.InputError) as refused:
        counterpoise.load("runs/none")
    assert said.stderr == f"Error: {refused.value}\n"
