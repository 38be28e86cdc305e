"""A chief and its workers: processes that speak over the loopback."""

import json
import subprocess
import sys

import pytest

from models.tuning.chief import WorkerError, is_worker, run_as_chief, runs_in_parallel
from models.tuning.leaderboard import rows_of

SPACE = {"training.optimizer.learning_rate": {"float": [1e-4, 1e-2], "log": True}}
# A worker whose trials take a moment and note who ran them; the one of `deadly` ends its process.
WORKER = """
import json, os, pathlib, sys, time
from models.settings import TunerSettings
from models.tuning.dimension import Dimension
from models.tuning.hyperparameters import hyperparameters_of
from models.tuning.oracles import Rules, make_oracle
from models.tuning.search import Search

folder, space, deadly = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3:]
dimensions = {key: Dimension(**content) for key, content in space.items()}
first = {key: dimension.first for key, dimension in dimensions.items()}
oracle = make_oracle(
    TunerSettings(algorithm="random", max_trials=8), "val_macro_f1", hyperparameters_of(dimensions, first), 9, 0, Rules()
)

class Noted(Search):
    def run_trial(self, trial, *args, **kwargs):
        who = pathlib.Path(folder).with_name(f"{trial.trial_id}-{os.getpid()}")
        who.write_text(os.environ["KERASTUNER_TUNER_ID"])
        if trial.trial_id in deadly:
            print("no memory is left", flush=True)
            os.abort()
        if trial.trial_id == "5":
            raise ValueError("the loss is NaN")
        return super().run_trial(trial, *args, **kwargs)

def measure(values, folder):
    time.sleep(0.5)
    return {"val_macro_f1": values["training.optimizer.learning_rate"], "epochs": 3.0}

Noted(oracle, measure, folder).search()
"""


@pytest.fixture
def run(search_of, tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)

    def run_workers(*deadly, num_workers=2):
        search = search_of(None, SPACE, algorithm="random", max_trials=8)
        command = [sys.executable, str(script), search.project_dir, json.dumps(SPACE), *deadly]
        run_as_chief(search.oracle, command, num_workers, search.project_dir)
        return rows_of(search.oracle)

    return run_workers


def test_environment_tells_chief_from_worker():
    chief = {"KERASTUNER_TUNER_ID": "chief", "KERASTUNER_ORACLE_IP": "127.0.0.1"}
    assert runs_in_parallel(chief) and not is_worker(chief)
    assert is_worker(chief | {"KERASTUNER_TUNER_ID": "tuner3"})
    assert not is_worker({"KERASTUNER_TUNER_ID": "tuner3"}) and not runs_in_parallel({})


@pytest.mark.slow
def test_two_workers_do_all_trials_once(run, search_of, tmp_path):
    rows = run()
    assert [row.trial for row in rows] == list(range(1, 9))
    assert [row.status for row in rows] == ["completed"] * 5 + ["failed"] + ["completed"] * 2
    notes = [path for path in tmp_path.iterdir() if path.name[0].isdigit()]
    assert sorted(path.name[0] for path in notes) == list("01234567")
    assert {path.read_text() for path in notes} == {"tuner0", "tuner1"}
    # One process proposes the same settings.
    serial = search_of(
        lambda values: {"val_macro_f1": values["training.optimizer.learning_rate"]}, SPACE, "serial"
    )
    serial.search()
    assert [row.hyperparameters for row in rows] == [row.hyperparameters for row in rows_of(serial.oracle)]


@pytest.mark.slow
def test_trial_that_ends_its_process_fails_alone(run):
    rows = run("2")
    assert [row.trial for row in rows if row.status == "failed"] == [3, 6]
    assert len(rows) == 8


@pytest.mark.slow
def test_worker_that_cannot_begin_ends_the_search_with_what_it_said(search_of):
    search = search_of(None, SPACE)
    command = [sys.executable, "-c", "raise SystemExit('no such module')"]
    with pytest.raises(WorkerError, match="no such module"):
        run_as_chief(search.oracle, command, 2, search.project_dir)


@pytest.mark.slow
def test_worker_starts_without_the_libraries_of_the_pipeline():
    # Beam and TFX's components take as long to import as a short trial to train.
    question = (
        "import sys, models.tuner; sys.exit(bool({'apache_beam', 'tfx.components'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", question]).returncode == 0
