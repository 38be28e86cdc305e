"""Bad input to the command ends before TensorFlow is imported."""

import os

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.strategies import run_strategies

ROWS = [f"{number % 7}.5,{number % 5}.5,{'x' if number % 4 else 'y'}" for number in range(80)]


@pytest.fixture
def refused(tmp_path, monkeypatch):
    """Runs the command, which is to end before it starts a process."""
    (tmp_path / "t.csv").write_text("\n".join(["a,b,kind", *ROWS]) + "\n")
    experiment = tmp_path / "e.yaml"
    experiment.write_text(
        "recipe: none\ndata: {format: csv, path: t.csv, label: kind, duplicates: keep_together}\n"
    )

    def started(*arguments):
        raise AssertionError("The command went on.")

    monkeypatch.setattr(run_strategies, "run_in_process", started)

    def run(*words, status=2):
        output = tmp_path / "out"
        done = CliRunner().invoke(app, ["strategies", str(experiment), "--output", str(output), *words])
        assert done.exit_code == status, done.output
        assert not os.path.exists(output)
        return " ".join(done.output.split())

    return run


def test_an_unknown_strategy_is_named_with_the_nearest(refused):
    assert "--only: there is no strategy 'balanced_sofmax'. Did you mean 'balanced_softmax'?" in refused(
        "--only", "focal,balanced_sofmax"
    )


def test_strategies_of_which_none_fits_are_refused(refused):
    said = refused("--only", "cbam,turn_zoom")
    assert "none of these strategies fits" in said and "It is for images" in said


def test_a_budget_that_is_too_small_for_one_training_is_refused(refused):
    said = refused("--minutes", "0.02")
    assert "--minutes 0.02 is too little for one training" in said and "or more, or leave it out" in said


@pytest.mark.parametrize("minutes", ["0", "-3", "nan"])
def test_minutes_are_a_number_above_0(refused, minutes):
    assert "--minutes must be a number above 0" in refused("--minutes", minutes)


def test_of_one_seed_nothing_can_be_told(refused):
    assert "--seeds must be 2 to 100" in refused("--seeds", "1")


def test_a_file_that_cannot_be_written_is_refused(refused, tmp_path):
    assert "does not exist" in refused("-o", str(tmp_path / "nowhere" / "best.yaml"))


def test_what_is_well_goes_on(refused):
    said = refused("--minutes", "60", "--only", "weights,losses", status=1)
    assert "strategies fit, each one change to plain cross entropy" in said
