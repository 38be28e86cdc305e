"""Experiments from YAML, and what is said of bad ones."""

import json

import pytest
import yaml

from core.errors import InputError
from pipeline.config import Experiment, load_experiment

MINIMAL = {"data": {"format": "csv", "path": "parts.csv", "label": "defect"}}


@pytest.fixture
def write(tmp_path):
    def write_experiment(content):
        path = tmp_path / "parts.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        return str(path)

    return write_experiment


def explain(path, *overrides):
    with pytest.raises(InputError) as caught:
        load_experiment(path, overrides)
    return str(caught.value)


def test_file_name_and_folder_stand_in_for_what_is_left_out(write, tmp_path):
    experiment = load_experiment(write(MINIMAL))
    assert experiment.name == "parts"
    assert experiment.data.path == str(tmp_path / "parts.csv")


def test_split_paths_become_absolute(write, tmp_path):
    splits = {"train": "a/train", "test": "a/test", "eval": 0.2}
    experiment = load_experiment(write({"data": {"format": "image_folder", "splits": splits}}))
    assert experiment.data.splits.train == str(tmp_path / "a" / "train")
    assert experiment.data.splits.eval == 0.2


def test_new_data_lie_beside_the_experiment_and_are_none_unless_asked_for(write, tmp_path):
    path = write(MINIMAL)
    assert load_experiment(path).bulk_inference is None
    for override in ("bulk_inference.path=new/*.csv", "bulk_inference={path: new/*.csv}"):
        assert load_experiment(path, [override]).bulk_inference.path == str(tmp_path / "new" / "*.csv")


@pytest.mark.parametrize("name", ["backbone.weights.h5", "backbone.keras"])
def test_a_weights_file_is_looked_for_beside_the_experiment(write, tmp_path, name):
    (tmp_path / name).touch()
    experiment = load_experiment(write(MINIMAL), [f"model.image.weights={name}"])
    assert experiment.model.image.weights == str(tmp_path / name)


def test_a_saved_model_is_a_file_of_weights_too(write, tmp_path):
    (tmp_path / "saved").mkdir()
    path = write(MINIMAL)
    assert "is no file of weights" in explain(path, "model.image.weights=saved")
    (tmp_path / "saved" / "saved_model.pb").touch()
    weights = load_experiment(path, ["model.image.weights=saved"]).model.image.weights
    assert weights == str(tmp_path / "saved")


def test_a_missing_weights_file_is_refused_with_what_may_stand_there(write):
    message = explain(write(MINIMAL), "model.image.weights=imagnet")
    assert "model.image.weights" in message
    assert "imagnet' does not exist. Received: 'imagnet'. Name a .h5" in message
    assert "or imagenet, or null" in message


def test_override_replaces_and_adds_settings(write):
    overrides = ["loss.name=focal", "loss.gamma=1.5", "seed=3", "data.drop=[serial, operator]"]
    experiment = load_experiment(write(MINIMAL), overrides)
    assert (experiment.loss.name, experiment.loss.gamma, experiment.seed) == ("focal", 1.5, 3)
    assert experiment.data.drop == ("serial", "operator")


def test_experiment_survives_the_journey_as_json(write):
    experiment = load_experiment(write(MINIMAL), ["data.splits={train: 0.6, eval: 0.2, test: 0.2}"])
    assert Experiment.model_validate(json.loads(experiment.model_dump_json(by_alias=True))) == experiment


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("loss.nam=focal", ["loss.nam", "unknown key", "'name'"]),
        ("trainin.epochs=3", ["trainin", "unknown key", "'training'"]),
        ("data.splits.colum=side", ["data.splits.colum", "'column'"]),
        ("loss.name=focl", ["loss.name", "'focl'", "'focal'"]),
        ("data.format=cvs", ["data.format", "'cvs'", "'csv'"]),
        ("model.image.backbone=small_cn", ["model.image.backbone", "'small_cn'", "'small_cnn'"]),
        ("training.epochs=ten", ["training.epochs", "integer", "'ten'"]),
        ("training.epochs=0", ["training.epochs", "greater than or equal to 1", "0"]),
        ("seed=-1", ["seed", "-1"]),
        ("data.splits={train: 0.5, eval: 0.1, test: 0.1}", ["data.splits", "sum to 1", "0.7"]),
        ("data.splits={train: a.csv}", ["data.splits.test", "missing"]),
        ("data.numeric=[defect]", ["'defect'", "label", "numeric"]),
        ("model.attention=cban", ["model.attention", "'cban'", "'cbam'"]),
        ("data.schema=missing.pbtxt", ["data.schema", "missing.pbtxt", "does not exist"]),
        ("loss=focal", ["loss", "'focal'"]),
        ("bulk_inference={pth: new.csv}", ["bulk_inference.pth", "unknown key", "'path'"]),
        ("bulk_inference={on_bad_record: skip}", ["bulk_inference.path", "missing", "File, pattern"]),
        ("bulk_inference=new.csv", ["bulk_inference", "'new.csv'"]),
    ],
)
def test_bad_setting_names_key_value_and_way_out(write, override, parts):
    message = explain(write(MINIMAL), override)
    assert all(part in message for part in parts), message
    assert "pydantic" not in message


def test_every_bad_setting_is_named_at_once(write):
    message = explain(write(MINIMAL), "seed=-1", "training.epochs=0")
    assert "seed" in message and "training.epochs" in message


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("data: [", "not YAML"),
        ("just words", "expected keys"),
        ("seed: 1\nseed: 2\n", "'seed' is given twice"),
    ],
)
def test_file_that_is_no_experiment_is_refused(write, content, part):
    assert part in explain(write(content))


def test_missing_file_and_folder_are_told_apart(tmp_path):
    assert "does not exist" in explain(str(tmp_path / "no.yaml"))
    assert "is a folder" in explain(str(tmp_path))


@pytest.mark.parametrize("override", ["seed", "=3", "seed=[1"])
def test_malformed_override_is_refused(write, override):
    assert "--set" in explain(write(MINIMAL), override)


def test_slices_of_an_image_folder_are_refused(write):
    content = {"data": {"format": "image_folder", "path": "x"}, "evaluation": {"slices": ["line"]}}
    assert "evaluation.slices" in explain(write(content))


def test_training_settings_that_contradict_each_other_are_refused(write):
    message = explain(write(MINIMAL), "training.deferred=10", "loss.class_weights=none")
    assert "training.deferred=10 with loss.class_weights='none'. Set loss.class_weights to" in message


def test_every_key_of_the_reference_experiment_is_known(write):
    content = yaml.safe_load(
        """
        name: trashnet
        data:
          format: image_folder
          path: data/trashnet
          label: label
          image: null
          group: null
          numeric: auto
          categorical: auto
          drop: []
          splits: {train: 0.7, eval: 0.15, test: 0.15}
          duplicates: drop
          schema: null
        validation: {min_class_count: 10, max_imbalance_ratio: null, max_label_drift: 0.05, on_anomaly: fail}
        augmentation: {tabular: none, image: none, target_ratio: 1.0}
        model:
          image: {backbone: MobileNetV2, alpha: 0.35, weights: imagenet, size: [96, 96], fine_tune: last_block}
          tabular: {encoder: mlp}
          attention: none
          branches: single
        loss: {name: focal, gamma: 2.0, class_weights: none}
        training:
          epochs: 30
          batch_size: 64
          sampling: natural
          optimizer: {name: adam, learning_rate: 0.001}
          deferred: null
          second_stage: none
          monitor: val_macro_f1
          mixed_precision: false
        decision: {calibrate: true, prior: train, rule: macro_f1}
        evaluation: {slices: [], min_worst_recall_lower_bound: 0.0, max_drop: 0.02}
        tuner: {enabled: false, algorithm: hyperband, objective: val_macro_f1, max_trials: 20, parallel: 1}
        serving: {max_batch: 64, batch_timeout_ms: 5}
        seed: 0
        """
    )
    assert load_experiment(write(content)).name == "trashnet"


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (
            ["data.splits={time: {}}"],
            r"data: `splits.time` orders records by their time, and `time` names no column",
        ),
        (
            ["data.time=when", "data.splits={time: {gap: -7d}}"],
            r"data\.splits\.time\.gap: Expected a duration.*'-7d'",
        ),
        (
            ["data.time=when", "data.splits={time: {eval_from: 2024-06-01, test_from: 2024-05-01}}"],
            r"data\.splits\.time: eval comes before test.*eval_from=2024-06-01 and test_from=2024-05-01",
        ),
        (
            ["data.time=when", "data.splits={time: {eval_from: 2024-05-01, test_from: 2024-05-05, gap: 7d}}"],
            "The gap before test leaves no time for eval",
        ),
        (
            ["data.time=when", "data.splits={time: {eval_from: 2024-02-30, test_from: 2024-05-05}}"],
            "Expected a day or a time, as in 2024-05-01.*'2024-02-30'",
        ),
        (
            ["data.time=when", "data.splits={time: {}}", "training.folds=5"],
            "training.folds parts train and eval anew",
        ),
        (["evaluation.windows=3"], "evaluation.windows are windows of time, and data.time names no column"),
        (["data.day_first=true"], "`day_first` is about the column of `time`, which names none"),
        (
            ["decision.rule={capacity: {class: fraud, per_day: 200}}"],
            r"capacity\.per_day needs the time of every record.*per_day=200.*give share instead",
        ),
    ],
)
def test_times_that_cannot_be_gone_by_are_refused(tmp_path, overrides, said):
    (tmp_path / "e.yaml").write_text("data: {format: csv, path: t.csv, label: class}\n")
    with pytest.raises(InputError, match=said):
        load_experiment(str(tmp_path / "e.yaml"), overrides)


def test_a_folder_of_images_has_no_time(tmp_path):
    (tmp_path / "e.yaml").write_text("data: {format: image_folder, path: images, time: when}\n")
    with pytest.raises(
        InputError, match=r"an image_folder has none\. Write a table with a row for each image"
    ):
        load_experiment(str(tmp_path / "e.yaml"))


def test_dates_of_an_experiment_stand_without_quotes(tmp_path):
    (tmp_path / "e.yaml").write_text(
        "data:\n  format: csv\n  path: t.csv\n  time: when\n"
        "  splits: {time: {eval_from: 2024-05-01, test_from: 2024-06-01 12:00, gap: 12h}}\n"
    )
    splits = load_experiment(str(tmp_path / "e.yaml")).data.splits
    assert splits.time.test_from == "2024-06-01 12:00" and splits.gap == 12 * 3_600 * 10**6
