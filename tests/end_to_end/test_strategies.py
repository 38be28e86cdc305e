"""From a comparison of strategies to the pushed model, by the command; killed on the way and started again."""

import csv
import json
import subprocess

import numpy as np
import pytest
import yaml

from tests.conftest import COUNTERPOISE, counterpoise, states_of_last_run
from tests.end_to_end.test_tune import wait_for, written_at

pytestmark = pytest.mark.slow

ONLY = "weights_inverse,focal,oversample,rule_macro_f1"
TRAINED = 4  # Plain cross entropy and the three that train.
SEEDS = 2


def write_claims(folder):
    """Writes a table in which the rare class is never the most probable one, so that what moves the threshold helps.

    Where `a` is above 0 are all rare records and a tenth of the common ones: four in ten are rare there.
    """
    random = np.random.default_rng(0)
    rows = ["a,b,kind"]
    for name, size, sign in (("common", 2700, -1), ("common", 300, 1), ("rare", 200, 1)):
        rows += [f"{sign + random.uniform(-0.5, 0.5):.3f},{random.normal():.3f},{name}" for _ in range(size)]
    (folder / "claims.csv").write_text("\n".join(rows) + "\n")
    experiment = {
        "recipe": "none",
        "data": {
            "format": "csv",
            "path": "claims.csv",
            "label": "kind",
            "splits": {"train": 0.4, "eval": 0.4, "test": 0.2},
        },
        "model": {"tabular": {"hidden_units": [8], "numeric_embedding": "none"}, "embedding_units": 8},
        "training": {
            "epochs": 6,
            "batch_size": 32,
            "patience": None,
            "optimizer": {"name": "adam", "learning_rate": 0.02},
        },
    }
    path = folder / "claims.yaml"
    path.write_text(yaml.safe_dump(experiment))
    return path


def compare(experiment, output, *words):
    return counterpoise(
        "strategies", experiment, "--output", output, "--only", ONLY, "--seeds", str(SEEDS), *words
    )


def rows_of(output):
    with open(output / "strategies.csv", newline="") as handle:
        return list(csv.DictReader(handle))


def judged(output):
    """Returns the table but for what is measured in seconds."""
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows_of(output)]


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """The output folder of a comparison that was killed in its fourth training, with when the first ones were done."""
    folder = tmp_path_factory.mktemp("strategies")
    experiment, output = write_claims(folder), folder / "out"
    words = [
        COUNTERPOISE,
        "strategies",
        experiment,
        "--output",
        output,
        "--only",
        ONLY,
        "--seeds",
        str(SEEDS),
    ]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        wait_for("tuning/*/trial_0003/trial.json", output, seconds=600)
        process.kill()
    before = written_at(output)
    done = compare(experiment, output, "-o", folder / "best.yaml")
    assert done.returncode in (0, 3), done.stdout + done.stderr + (output / "run.log").read_text()[-5000:]
    return folder, before, done.stdout


def test_no_trial_is_run_twice(compared):
    folder, before, _ = compared
    after = written_at(folder / "out")
    done = sorted(before)[:3]
    assert {name: after[name] for name in done} == {name: before[name] for name in done}
    [state] = (folder / "out").glob("tuning/*/oracle.json")
    times = json.loads(state.read_text())["run_times"]
    assert set(times.values()) == {1} and len(times) >= SEEDS * TRAINED


def test_every_strategy_has_its_line_and_what_helps_pays(compared):
    rows = {row["strategy"]: row for row in rows_of(compared[0] / "out")}
    assert {"plain cross entropy", *ONLY.split(",")} <= set(rows)
    assert {rows[name]["seeds"] for name in ONLY.split(",")} == {str(SEEDS)}
    paying = {name for name, row in rows.items() if row["verdict"] == "pays"}
    assert {"weights_inverse", "oversample"} <= paying and "focal" not in paying
    plain = float(rows["plain cross entropy"]["macro_f1"])
    for name in paying:
        row = rows[name]
        assert float(row["macro_f1_low"]) > 0
        assert float(row["macro_f1"]) == pytest.approx(plain + float(row["macro_f1_difference"]), abs=1e-4)


def test_what_is_chosen_is_trained_and_judged_on_test_once(compared):
    folder, _, said = compared
    found = json.loads((folder / "out" / "strategies.json").read_text())
    assert found["chosen"] and "* chosen: " in said
    assert json.loads((folder / "out" / "metrics.json").read_text())["split"] == "test"
    states = states_of_last_run(folder / "out")
    assert states["StrategySearch"] == "CACHED" and states["Trainer"] == "COMPLETE"
    page = (folder / "out" / "report.html").read_text()
    assert page.count('<section id="strategies"') == 1


def test_best_yaml_is_the_experiment_that_was_run(compared):
    folder, _, _ = compared
    text = (folder / "best.yaml").read_text()
    assert yaml.safe_load(text) == yaml.safe_load((folder / "out" / "best.yaml").read_text())
    done = counterpoise("run", folder / "best.yaml", "--output", folder / "best")
    assert done.returncode in (0, 3), done.stdout + done.stderr
    ours, its = (json.loads((folder / name / "metrics.json").read_text()) for name in ("out", "best"))
    assert its["summary"] == ours["summary"] and its["per_class"] == ours["per_class"]


def test_two_workers_make_the_same_table(compared, tmp_path):
    folder, _, _ = compared
    done = compare(folder / "claims.yaml", tmp_path / "two", "--parallel", "2")
    assert done.returncode in (0, 3), done.stdout + done.stderr
    assert judged(tmp_path / "two") == judged(folder / "out")
