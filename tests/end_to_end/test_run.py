"""From raw data to a pushed model, by the command."""

import csv
import fcntl
import json
import shutil
import signal
import subprocess
import time

import jsonschema
import numpy as np
import pytest

from core.documents.decision import Decision
from core.documents.history import History
from core.documents.imbalance_report import ImbalanceReport
from core.documents.metrics import Metrics
from core.documents.priors import Priors
from core.documents.raw_inputs import RawInputs
from core.documents.served_as import ServedAs
from core.documents.serving_report import ServingReport
from core.documents.split_summary import SplitSummary
from core.documents.training import Training
from tests.conftest import CLASS_SIZES, COUNTERPOISE, NO_NUMBER, counterpoise, metrics_of, states_of_last_run

STAGES = {
    "StratifiedExampleGen",
    "StatisticsGen",
    "SchemaGen",
    "ExampleValidator",
    "ImbalanceValidator",
    "Transform",
    "MinorityAugmenter",
    "Trainer",
    "DecisionCalibrator",
    "Evaluator",
    "ServingValidator",
    "Pusher",
    "HtmlReport",
}


def test_metrics_cover_every_class_by_name(finished_run):
    metrics = json.loads((finished_run / "metrics.json").read_text())
    assert metrics["blessed"] and metrics["split"] == "test"
    assert set(metrics["per_class"]) == set(CLASS_SIZES) == set(metrics["confusion"]["classes"])
    support = {name: scores["support"] for name, scores in metrics["per_class"].items()}
    assert sum(support.values()) == metrics["n"]
    for name, size in CLASS_SIZES.items():
        assert abs(support[name] - 0.15 * size) <= 1
    # The images alone tell the classes apart: a model that learnt nothing would have 0.33.
    assert metrics["summary"]["balanced_accuracy"] > 0.6
    assert set(metrics["seconds"]["stages"]) == STAGES | {"PreviousExamples", "LastBlessedModel"}
    assert sum(metrics["priors"]["natural"].values()) == pytest.approx(1)


def test_metrics_fit_the_schema_that_the_command_prints(finished_run):
    schema = json.loads(counterpoise("config-schema", "--metrics").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    content = json.loads((finished_run / "metrics.json").read_text())
    validator.validate(content)
    assert content["version"] == 1 and set(schema["required"]) <= set(content)
    del content["summary"]
    assert not validator.is_valid(content)


def test_every_document_of_a_run_is_read_as_it_was_written(finished_run):
    stages = {
        SplitSummary: "StratifiedExampleGen/examples",
        ImbalanceReport: "ImbalanceValidator/imbalance_report",
        Priors: "MinorityAugmenter/class_priors",
        Training: "Trainer/model_run",
        History: "Trainer/model_run",
        RawInputs: "Pusher/pushed_model",
        ServedAs: "Pusher/pushed_model",
        Decision: "Pusher/pushed_model",
        ServingReport: "ServingValidator/blessing",
        Metrics: "HtmlReport/report",
    }
    for kind, place in stages.items():
        [folder] = [path for path in (finished_run / "artifacts" / place).iterdir() if path.name.isdecimal()]
        written = (folder / kind.FILE_NAME).read_bytes()
        assert kind.read(str(folder)).to_bytes() == written, kind


def test_pushed_model_answers_raw_test_records_as_metrics_say(parts, finished_run):
    import tensorflow as tf

    with open(finished_run / "splits.csv", newline="") as handle:
        keys = [row["key"] for row in csv.DictReader(handle) if row["split"] == "test"]
    rows = list(csv.DictReader((parts.parent / "parts.csv").read_text().splitlines(), delimiter=";"))
    chosen = [rows[int(key.rpartition(" ")[2]) - 1] for key in keys]
    served = tf.saved_model.load(str(finished_run / "serving" / "1")).signatures["serving_default"]
    answers = served(examples=tf.constant([_example(row, parts.parent) for row in chosen]))

    metrics = json.loads((finished_run / "metrics.json").read_text())
    classes = metrics["confusion"]["classes"]
    counts = np.zeros((len(classes), len(classes)), int)
    for row, decision in zip(chosen, answers["decision"].numpy(), strict=True):
        counts[classes.index(row["defect"]), classes.index(decision.decode())] += 1
    assert counts.tolist() == metrics["confusion"]["counts"]
    np.testing.assert_allclose(answers["probabilities"].numpy().sum(axis=1), 1, atol=1e-5)


def _example(row, folder):
    import tensorflow as tf

    features = {
        "picture": tf.train.Feature(bytes_list={"value": [(folder / row["picture"]).read_bytes()]}),
        "weight": tf.train.Feature(float_list={"value": [float(row["weight"])]}),
        "line": tf.train.Feature(bytes_list={"value": [row["line"].encode()]}),
    }
    if row["width"] not in NO_NUMBER:
        features["width"] = tf.train.Feature(float_list={"value": [float(row["width"])]})
    return tf.train.Example(features={"feature": features}).SerializeToString()


def test_report_is_one_file_with_every_class(finished_run):
    page = (finished_run / "report.html").read_text()
    assert all(name in page for name in CLASS_SIZES)
    assert page.count("src=") == page.count('src="data:image/') > len(CLASS_SIZES)
    assert "<link" not in page and "<script src" not in page


def test_report_shows_the_finished_run(finished_run):
    done = counterpoise("report", finished_run, "--no-open")
    assert done.returncode == 0
    assert "crack" in done.stdout and str(finished_run) in done.stdout


def test_second_run_comes_from_cache_and_pushes_nothing_new(parts, finished_run):
    before = metrics_of(finished_run)
    again = counterpoise("run", parts, "--output", finished_run)
    assert again.returncode == 0
    assert "Records: 151 found, 142 used, 9 left out (9 cannot be used)." in again.stdout
    states = states_of_last_run(finished_run)
    assert {stage: states[stage] for stage in STAGES} == dict.fromkeys(STAGES, "CACHED")
    assert [path.name for path in (finished_run / "serving").iterdir()] == ["1"]
    assert metrics_of(finished_run) == before


@pytest.mark.slow
def test_changed_data_are_held_against_the_last_runs(parts, finished_run, tmp_path):
    output = tmp_path / "runs"
    shutil.copytree(finished_run, output)
    rows = (parts.parent / "parts.csv").read_text().splitlines()
    changed = parts.parent / "changed.csv"
    changed.write_text(
        "\n".join(row for number, row in enumerate(rows) if number % 3 or not 0 < number <= 90) + "\n"
    )
    done = counterpoise(
        "run", parts, "--output", output, "--set", "data.path=changed.csv", "--set", "training.epochs=1"
    )
    assert done.returncode in (0, 3), done.stdout + done.stderr
    page = (output / "report.html").read_text()
    assert "in the last run&#39;s data it made up 63.4%" in page  # 90 of 142
    assert "changed.csv" in (output / "splits.csv").read_text()


@pytest.mark.slow
def test_spellings_of_a_class_end_the_run_with_their_names(parts, tmp_path):
    rows = (parts.parent / "parts.csv").read_text().splitlines()
    rows[1:40] = [f"{row} " for row in rows[1:40]]
    (parts.parent / "spelled.csv").write_text("\n".join(rows) + "\n")
    done = counterpoise("run", parts, "--output", tmp_path, "--set", "data.path=spelled.csv")
    assert done.returncode == 2
    assert "these classes look alike" in done.stderr and "'good ' (39 examples)" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert not (tmp_path / "artifacts" / "Transform").exists()


@pytest.mark.slow
def test_killed_run_goes_on_from_cache_to_the_same_result(parts, finished_run, tmp_path):
    output = tmp_path / "killed"
    with subprocess.Popen(
        [COUNTERPOISE, "run", parts, "--output", output], stdout=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for_stage(output, "Trainer")
        finally:
            process.kill()
    resumed = counterpoise("run", parts, "--output", output)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    states = states_of_last_run(output)
    assert states["Transform"] == states["StratifiedExampleGen"] == "CACHED"
    assert states["Trainer"] == "COMPLETE"
    # An undisturbed run of the same seed: so this proves reproducibility too.
    assert metrics_of(output) == metrics_of(finished_run)
    assert (output / "splits.csv").read_text() == (finished_run / "splits.csv").read_text()


def _wait_for_stage(output, stage, seconds=600):
    """Returns once a stage begins; a machine that is busy with others takes minutes to come to it."""
    deadline = time.monotonic() + seconds
    log = output / "run.log"
    while not (log.exists() and f"Stage {stage} begins." in log.read_text()):
        assert time.monotonic() < deadline, f"{stage} did not begin"
        time.sleep(0.2)


def test_interrupted_run_stops_at_once_and_leaves_no_process(parts, tmp_path):
    output = tmp_path / "interrupted"
    process = subprocess.Popen(
        [COUNTERPOISE, "run", parts, "--output", output],
        stdout=subprocess.PIPE,
        text=True,
        # Where the tests themselves run in a shell's background, it has them ignore what Ctrl-C sends.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    _wait_for_stage(output, "StratifiedExampleGen")
    refused = counterpoise("run", parts, "--output", output)
    process.send_signal(signal.SIGINT)
    try:
        said, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "same command goes on" in said
    assert refused.returncode == 2
    assert "Another run is writing" in refused.stderr
    # The lock is held by whatever process is left.
    with open(output / ".lock") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_model_below_the_asked_recall_is_not_pushed(parts, finished_run, tmp_path):
    # The model of the finished run comes from cache; what is asked of it is new.
    output = tmp_path / "run"
    shutil.copytree(finished_run, output, ignore=shutil.ignore_patterns("serving"))
    limit = "evaluation.min_worst_recall_lower_bound=0.999"
    done = counterpoise("run", parts, "--output", output, "--set", limit)
    assert done.returncode == 3
    metrics = json.loads((output / "metrics.json").read_text())
    assert not metrics["blessed"]
    assert any("0.999" in reason for reason in metrics["not_blessed_because"])
    assert not (output / "serving").exists()


def test_truncated_image_ends_the_run_with_its_name(parts, tmp_path):
    folder = tmp_path / "images"
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for number in range(4):
            source = parts.parent / "images" / f"good{number}.png"
            (folder / name / f"{number}.png").write_bytes(source.read_bytes())
    broken = folder / "dog" / "2.png"
    broken.write_bytes(broken.read_bytes()[:-40])
    experiment = tmp_path / "pets.yaml"
    experiment.write_text("recipe: none\ndata: {format: image_folder, path: images}")
    done = counterpoise("run", experiment, "--output", tmp_path / "run")
    assert done.returncode == 2
    assert "dog/2.png" in done.stderr and "cut short" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
