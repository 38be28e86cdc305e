"""The command before TensorFlow is imported: help, and bad input."""

import json
import os
import subprocess
import sys

import pytest
import typer
import yaml
from PIL import Image

from core.documents.metrics import Metrics
from core.errors import InputError
from pipeline.commands.errors import clear_errors
from pipeline.commands.report import report
from pipeline.compare_runs import read_run
from pipeline.pushed_model import find_pushed_model
from tests.conftest import COUNTERPOISE, counterpoise, counterpoise_here

# A table of two classes with enough rows.
ROWS = [f"{number},{'rare' if number % 4 == 0 else 'common'}" for number in range(40)]


def run_table(tmp_path, text, **data):
    (tmp_path / "table.csv").write_text(text)
    settings = {"format": "csv", "path": "table.csv", "label": "kind", **data}
    return run_experiment(tmp_path, {"data": settings})


def run_experiment(tmp_path, content, *words):
    path = tmp_path / "experiment.yaml"
    path.write_text(yaml.safe_dump(content))
    return counterpoise_here("run", path, "--output", tmp_path / "out", *words)


def assert_refused(done, *parts):
    assert done.returncode == 2
    assert all(part in done.stderr for part in parts), done.stderr
    assert "Traceback" not in done.stderr and not done.stdout


def write_images(folder, sizes):
    for name, size in sizes.items():
        (folder / name).mkdir(parents=True)
        for number in range(size):
            Image.new("L", (8, 8), number).save(folder / name / f"{number}.png")


def test_nothing_heavy_is_imported_for_the_help():
    imported = subprocess.run(
        [sys.executable, "-c", "import sys, pipeline.cli; print(*sys.modules)"],
        capture_output=True,
        text=True,
    ).stdout.split()
    assert not {"tensorflow", "tfx", "apache_beam", "pydantic", "numpy"} & set(imported)
    assert counterpoise("--help").returncode == 0


def test_missing_table_is_refused(tmp_path):
    # By a process of its own, which starts, says it and ends as for a person.
    path = tmp_path / "experiment.yaml"
    path.write_text("data: {format: csv, path: no.csv}")
    assert_refused(counterpoise("run", path, "--output", tmp_path / "out"), "no.csv", "does not exist")


def test_missing_image_folder_is_refused(tmp_path):
    done = run_experiment(tmp_path, {"data": {"format": "image_folder", "path": "no"}})
    assert_refused(done, "does not exist")


def test_empty_image_folder_is_refused(tmp_path):
    (tmp_path / "images").mkdir()
    assert_refused(
        run_experiment(tmp_path, {"data": {"format": "image_folder", "path": "images"}}), "is empty"
    )


def test_new_data_that_are_missing_or_lack_a_column_are_refused(tmp_path):
    (tmp_path / "table.csv").write_text("x,kind\n" + "\n".join(ROWS))
    (tmp_path / "new.csv").write_text("y\n1\n")
    content = {"data": {"format": "csv", "path": "table.csv", "label": "kind"}}
    missing = run_experiment(tmp_path, {**content, "bulk_inference": {"path": "none.csv"}})
    assert_refused(missing, "bulk_inference.path", "none.csv does not exist")
    lacking = run_experiment(tmp_path, {**content, "bulk_inference": {"path": "new.csv"}})
    assert_refused(lacking, "bulk_inference.path", "the column 'x', which is not there", "Columns: y")


def test_single_class_is_refused(tmp_path):
    write_images(tmp_path / "images", {"only": 5})
    done = run_experiment(tmp_path, {"data": {"format": "image_folder", "path": "images"}})
    assert_refused(done, "single class", "'only'")
    assert_refused(run_table(tmp_path, "x,kind\n" + "1,a\n" * 9), "single class", "data.label")


def test_label_column_that_is_missing_is_refused_with_the_nearest_name(tmp_path):
    assert_refused(
        run_table(tmp_path, "x,kind\n" + "\n".join(ROWS), label="kin"), "data.label", "'kin'", "'kind'"
    )


def test_class_with_two_examples_is_refused(tmp_path):
    text = "x,kind\n" + "\n".join([*ROWS, "1,lone", "2,lone"])
    assert_refused(run_table(tmp_path, text), "'lone'", "2 examples", "3 are needed")


def test_unknown_key_wrong_type_and_splits_that_do_not_sum_to_one_are_refused(tmp_path):
    data = {"format": "csv", "path": "table.csv", "label": "kind"}
    assert_refused(run_experiment(tmp_path, {"data": {**data, "lable": "x"}}), "data.lable", "'label'")
    assert_refused(run_experiment(tmp_path, {"data": data, "seed": "one"}), "seed", "'one'")
    splits = {"train": 0.8, "eval": 0.15, "test": 0.15}
    assert_refused(run_experiment(tmp_path, {"data": {**data, "splits": splits}}), "data.splits", "1.1")


def test_a_quality_that_there_is_not_is_refused_with_the_nearest(tmp_path):
    content = {"data": {"format": "csv", "path": "table.csv", "label": "kind"}}
    assert_refused(run_experiment(tmp_path, content, "--quality", "fastest"), "quality", "'fast'")


def test_a_model_that_is_not_there_is_neither_asked_nor_described(tmp_path):
    assert_refused(counterpoise_here("predict", tmp_path, tmp_path / "x.csv"), "holds no version of a model")
    assert_refused(counterpoise_here("describe", tmp_path / "none"), "is not a folder")


def test_bad_search_is_refused_before_anything_runs(tmp_path):
    write_images(tmp_path / "images", {"cat": 5, "dog": 5, "owl": 5})
    path = tmp_path / "experiment.yaml"
    path.write_text(yaml.safe_dump({"data": {"format": "image_folder", "path": "images"}}))
    for setting, part in (
        ("tuner.objective=val_average_precision", "3 classes"),
        ("loss.gama={float: [1, 3]}", "'loss.gamma'"),
    ):
        done = counterpoise_here("tune", path, "--output", tmp_path / "out", "--set", setting)
        assert_refused(done, part)
        assert not (tmp_path / "out").exists()


def test_report_of_no_run_is_refused(tmp_path):
    assert_refused(counterpoise_here("report", tmp_path), "holds no finished run")


def test_config_schema_is_json_schema_of_the_experiment():
    schema = json.loads(counterpoise("config-schema").stdout)
    assert {"data", "loss", "training"} <= set(schema["properties"])
    assert schema["required"] == ["data"]


def test_config_schema_of_the_metrics_is_that_of_the_document():
    assert json.loads(counterpoise_here("config-schema", "--metrics").stdout) == Metrics.json_schema()


def test_an_output_that_cannot_be_written_is_refused_before_the_data_are_read(tmp_path):
    experiment = {"data": {"format": "csv", "path": "no.csv", "label": "kind"}}
    (tmp_path / "out" / "run.log").mkdir(parents=True)
    assert_refused(run_experiment(tmp_path, experiment), "--output", "run.log is a folder", "Remove it")


def test_results_are_not_written_over_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "table.csv").write_text("x,kind\n" + "\n".join(ROWS))
    (tmp_path / "experiment.yaml").write_text("data: {format: csv, path: table.csv, label: kind}\n")
    for words in (
        ("init", tmp_path / "table.csv", "--force", "-o", tmp_path / "pipe"),
        ("compile", tmp_path / "experiment.yaml", "--image", "i", "--root", "r", "-o", tmp_path / "pipe"),
        ("monitor", tmp_path, tmp_path / "table.csv", "--json", tmp_path / "pipe"),
    ):
        assert_refused(counterpoise(*words, timeout=60), "pipe is no regular file")


def test_what_the_system_says_of_a_path_is_no_traceback(tmp_path, capsys):
    with pytest.raises(typer.Exit) as caught, clear_errors():
        os.stat(tmp_path / "none")
    assert caught.value.exit_code == 2
    assert capsys.readouterr().err == f"Error: {tmp_path}/none: No such file or directory.\n"


def test_names_of_others_neither_steer_the_terminal_nor_fill_it(capsys):
    with pytest.raises(typer.Exit), clear_errors():
        raise InputError("no column '\x1b[2J\udc80'.\n" + "x" * 100_000 + " Rename it.")
    message = capsys.readouterr().err
    assert message.startswith("Error: no column '\ufffd[2J\ufffd'.\nx") and message.endswith("Rename it.\n")
    assert len(message) < 10_000


def test_an_argument_that_is_not_utf8_is_refused(tmp_path):
    done = subprocess.run([COUNTERPOISE, "predict", tmp_path, b"\xff.csv"], capture_output=True)
    assert done.returncode == 2 and b"is not UTF-8 text" in done.stderr and b"Traceback" not in done.stderr


def test_limits_that_are_no_numbers_are_refused(tmp_path):
    for words in (("--max-prior-ratio", "inf"), ("--max-prior-ratio", "nan")):
        done = counterpoise_here("monitor", tmp_path, tmp_path / "x.csv", *words)
        assert done.returncode == 2 and "--max-prior-ratio" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("content", ["{", "{}", "[1]", "nothing", "[" * 100_000])
def test_damaged_files_of_a_run_are_named(tmp_path, content):
    for name in ("metrics.json", "report.html", "test_records.npz"):
        (tmp_path / name).write_text(content)
    with pytest.raises(typer.Exit) as caught:
        report(str(tmp_path), open_=False)
    assert caught.value.exit_code == 2
    with pytest.raises(InputError, match="is damaged, or no file of a run"):
        read_run(str(tmp_path))


def test_damaged_files_beside_a_model_are_named(tmp_path):
    extra = tmp_path / "serving" / "1" / "assets.extra"
    extra.mkdir(parents=True)
    (extra.parent / "saved_model.pb").touch()
    for name in ("features.json", "decision.json"):
        (extra / name).write_text("[")
    model = find_pushed_model(str(tmp_path))
    with pytest.raises(InputError, match=r"features.json is damaged"):
        model.features()
    with pytest.raises(InputError, match=r"decision.json is damaged"):
        model.classes()
