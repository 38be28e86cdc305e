"""From a search to the pushed model, by the command; killed on the way and started again."""

import csv
import json
import os
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import yaml

from tests.conftest import COUNTERPOISE, counterpoise, states_of_last_run

pytestmark = pytest.mark.slow

KEYS = ["training.optimizer.learning_rate", "loss.name", "loss.gamma", "model.embedding_units"]
TRIALS = 8


def write_claims(folder):
    """Writes a table of two classes, whose experiment has search spaces in both places they may stand."""
    random = np.random.default_rng(0)
    rows = ["a,b,kind"]
    for name, size, mean in (("common", 160, 0.0), ("rare", 30, 1.2)):
        rows += [f"{random.normal(mean, 1):.3f},{random.normal(-mean, 1):.3f},{name}" for _ in range(size)]
    (folder / "claims.csv").write_text("\n".join(rows) + "\n")
    experiment = {
        "recipe": "none",
        "data": {"format": "csv", "path": "claims.csv", "label": "kind"},
        "model": {
            "tabular": {"hidden_units": [16], "numeric_embedding": "none"},
            "embedding_units": {"int": [8, 32], "step": 8},
        },
        "loss": {"name": {"choice": ["cross_entropy", "focal"]}},
        "training": {"epochs": 3, "batch_size": 32, "patience": None},
        "tuner": {
            "algorithm": "random",
            "max_trials": TRIALS,
            "space": {
                "training.optimizer.learning_rate": {"float": ["1e-3", "1e-1"], "log": True},
                "loss.gamma": {"float": [1, 3]},
            },
        },
    }
    path = folder / "claims.yaml"
    path.write_text(yaml.safe_dump(experiment))
    return path


def wait_for(pattern, folder, seconds=300):
    deadline = time.monotonic() + seconds
    while not list(folder.glob(pattern)):
        assert time.monotonic() < deadline, f"{pattern} did not come about"
        time.sleep(0.05)


def written_at(output):
    return {path.parent.name: path.stat().st_mtime_ns for path in output.glob("tuning/*/trial_*/trial.json")}


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    """The output folder of a search that was killed in its fifth trial, with when its first four were done."""
    folder = tmp_path_factory.mktemp("claims")
    experiment, output = write_claims(folder), folder / "out"
    words = [COUNTERPOISE, "tune", experiment, "--output", output]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        wait_for("tuning/*/trial_4/trial.json", output)
        process.kill()
    before = written_at(output)
    done = counterpoise("tune", experiment, "--output", output)
    assert done.returncode in (0, 3), done.stdout + done.stderr + (output / "run.log").read_text()[-5000:]
    return output, before, done.stdout


def rows_of(output):
    with open(output / "tuning.csv", newline="") as handle:
        return list(csv.DictReader(handle))


def test_killed_search_goes_on_without_repeating_a_trial(tuned):
    output, before, said = tuned
    rows = rows_of(output)
    assert [int(row["trial"]) for row in rows] == list(range(1, TRIALS + 1))
    assert {row["status"] for row in rows} == {"completed"}
    after = written_at(output)
    done = sorted(before)[:4]
    assert {name: after[name] for name in done} == {name: before[name] for name in done}
    [state] = output.glob("tuning/*/oracle.json")
    assert set(json.loads(state.read_text())["run_times"].values()) == {1}
    assert "trial 1/8" not in said and "trial 5/8" in said and "trial 8/8" in said


def test_first_trial_is_the_experiment_itself(tuned):
    first = rows_of(tuned[0])[0]
    assert [first[key] for key in KEYS] == ["0.001", "cross_entropy", "", "8"]


def test_trainer_takes_the_settings_of_the_best_trial(tuned):
    output, _, _ = tuned
    best = max(rows_of(output), key=lambda row: float(row["score"]))
    metrics = json.loads((output / "metrics.json").read_text())
    assert metrics["tuning"]["objective"] == "val_average_precision"
    assert metrics["tuning"]["best_trial"] == int(best["trial"])
    shown = {
        key: f"{value:.6g}" if isinstance(value, float) else str(value)
        for key, value in metrics["hyperparameters"].items()
    }
    assert shown == {key: best[key] for key in KEYS if best[key]}
    [training] = output.glob("artifacts/Trainer/model_run/*/training.json")
    trained = json.loads(training.read_text())
    assert trained["hyperparameters"] == metrics["hyperparameters"]
    # The Trainer trained as the trial did: the same seed and settings give the same epochs.
    [state] = output.glob(f"tuning/*/trial_{int(best['trial']) - 1}/trial.json")
    measured = json.loads(state.read_text())["metrics"]["metrics"]["val_macro_f1"]["observations"][0][
        "value"
    ][0]
    assert trained["monitor_value"] == pytest.approx(measured)


def test_pushed_network_has_the_width_of_the_best_trial(tuned):
    import keras

    import models.network.classifier  # noqa: F401  (its layers are registered)

    output, _, _ = tuned
    metrics = json.loads((output / "metrics.json").read_text())
    [saved] = output.glob("artifacts/Trainer/model_run/*/*.keras")
    network = keras.models.load_model(saved, compile=False)
    assert (
        network.get_layer("embedding").output.shape[-1] == metrics["hyperparameters"]["model.embedding_units"]
    )


def test_search_that_is_done_comes_from_cache(tuned):
    output, _, _ = tuned
    before = written_at(output)
    again = counterpoise("tune", output.parent / "claims.yaml", "--output", output)
    assert again.returncode in (0, 3)
    assert states_of_last_run(output)["Tuner"] == "CACHED"
    assert written_at(output) == before


def test_workers_of_one_machine_share_the_search(tuned, tmp_path):
    output, _, _ = tuned
    words = ["--set", "tuner.parallel=2", "--set", "tuner.max_trials=4"]
    done = counterpoise("tune", output.parent / "claims.yaml", "--output", tmp_path, *words)
    assert done.returncode in (0, 3), done.stdout + done.stderr
    rows = rows_of(tmp_path)
    # A setting that none of the four trials has is no column.
    parallel = [[row.get(key, "") for key in KEYS] for row in rows]
    assert parallel == [[row[key] for key in KEYS] for row in rows_of(output)[:4]]
    assert {row["status"] for row in rows} == {"completed"}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_workers_join_by_the_environment_alone(tmp_path):
    environment = {
        **os.environ,
        "KERASTUNER_ORACLE_IP": "127.0.0.1",
        "KERASTUNER_ORACLE_PORT": str(free_port()),
    }
    # The chief goes on by itself, and is to be at it still when the others have imported TensorFlow.
    trials = 24
    experiment, output = write_claims(tmp_path), tmp_path / "out"
    words = [COUNTERPOISE, "tune", experiment, "--output", output, "--set", f"tuner.max_trials={trials}"]
    chief = environment | {"KERASTUNER_TUNER_ID": "chief"}
    with subprocess.Popen(words, env=chief, stdout=subprocess.PIPE) as run:
        wait_for("tuning/*/job.json", output, seconds=600)
        [job] = output.glob("tuning/*/job.json")
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "models.tuning.worker", job],
                env=environment | {"KERASTUNER_TUNER_ID": name},
            )
            for name in ("tuner7", "tuner8")
        ]
        said, _ = run.communicate(timeout=600)
        # They end by themselves, told that there are no more trials.
        assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    assert run.returncode in (0, 3), said
    rows = rows_of(output)
    assert [int(row["trial"]) for row in rows] == list(range(1, trials + 1))
    assert {row["status"] for row in rows} == {"completed"}
    assert len({tuple(row.get(key, "") for key in KEYS) for row in rows}) == trials
    [state] = output.glob("tuning/*/oracle.json")
    assert set(json.loads(state.read_text())["run_times"].values()) == {1}
