"""The command that proposes an experiment."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from components.stratified_example_gen.check_data import check_data
from pipeline.config import load_experiment
from pipeline.proposal.propose import experiment_name, propose
from tests.conftest import counterpoise, counterpoise_here
from tests.pipeline.proposal.tables import measured, of_two, write_table


def write_images(folder, sizes):
    random = np.random.default_rng(0)
    for name, size in sizes.items():
        (folder / name).mkdir(parents=True)
        for number in range(size):
            pixels = random.integers(0, 255, (60, 80, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")


@pytest.fixture
def parts(tmp_path):
    columns = {
        "part_id": [str(row) for row in range(300)],
        "width": measured(300),
        "line": ["north", "south", "west"] * 100,
        "defect": of_two(300, 12, ("good", "[bold]crack")),
    }
    (tmp_path / "data").mkdir()
    return write_table(tmp_path / "data" / "parts.csv", columns)


def test_nothing_of_tensorflow_is_imported():
    imported = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, pipeline.proposal.propose, pipeline.proposal.print_proposal; print(*sys.modules)",
        ],
        capture_output=True,
        text=True,
    ).stdout.split()
    assert "yaml" in imported
    assert not {"tensorflow", "tfx", "apache_beam", "keras"} & set(imported)


def test_proposal_for_a_table_is_shown_and_loads(parts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = counterpoise_here("init", parts, "-o", "out/parts.yaml")
    assert done.returncode == 2 and "cannot be written" in done.stderr
    (tmp_path / "out").mkdir()
    done = counterpoise("init", parts, "-o", "out/parts.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "[bold]crack" in done.stdout and "█" in done.stdout and "24 : 1" in done.stdout
    assert "Next: counterpoise run out/parts.yaml" in done.stdout
    text = (tmp_path / "out" / "parts.yaml").read_text()
    assert text.startswith("# counterpoise run out/parts.yaml\n")
    assert "path: ../data/parts.csv\n" in text
    experiment = load_experiment(str(tmp_path / "out" / "parts.yaml"))
    assert experiment.name == "parts" and experiment.data.path == parts
    assert experiment.data.label == "defect" and experiment.data.drop == ("part_id",)
    assert check_data(experiment.data, 0) == {"good": 288, "[bold]crack": 12}


def test_name_is_that_of_the_data_and_a_file_is_replaced_by_force_alone(parts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written = tmp_path / "parts.yaml"
    assert counterpoise_here("init", parts).returncode == 0
    written.write_text("mine")
    done = counterpoise_here("init", parts)
    assert done.returncode == 2 and "--force" in done.stderr and written.read_text() == "mine"
    assert counterpoise_here("init", parts, "--force").returncode == 0
    assert load_experiment(str(written)).name == "parts"


def test_unclear_label_ends_with_the_candidates(tmp_path):
    table = write_table(
        tmp_path / "t.csv", {"sex": of_two(90, 40), "age": measured(90), "ill": of_two(90, 20)}
    )
    done = counterpoise_here("init", table, "-o", tmp_path / "t.yaml")
    assert done.returncode == 2 and not done.stdout and not (tmp_path / "t.yaml").exists()
    assert all(part in done.stderr for part in ("sex", "ill", "--label")) and "Traceback" not in done.stderr
    assert counterpoise_here("init", table, "-o", tmp_path / "t.yaml", "--label", "sex").returncode == 0
    assert load_experiment(str(tmp_path / "t.yaml")).data.label == "sex"


def test_image_folder_is_proposed_at_its_own_size(tmp_path):
    write_images(tmp_path / "images", {"a: #1": 30, "b": 20, "<b>": 4})
    experiment = load_experiment(propose(str(tmp_path / "images"), str(tmp_path / "x.yaml")).output)
    assert experiment.data.path == str(tmp_path / "images") and experiment.name == "x"
    assert experiment.validation.min_class_count == 3
    height, width = experiment.model.image.size
    assert abs(height - 60) <= 16 and abs(width - 80) <= 16
    assert check_data(experiment.data, 0)["<b>"] == 4


def test_given_splits_are_kept_and_the_classes_of_train_are_shown(tmp_path):
    write_images(tmp_path / "d" / "train", {"a": 40, "b": 10})
    write_images(tmp_path / "d" / "test", {"a": 5, "b": 5})
    proposal = propose(str(tmp_path / "d"), str(tmp_path / "x.yaml"))
    splits = load_experiment(proposal.output).data.splits
    assert (splits.train, splits.test) == (str(tmp_path / "d" / "train"), str(tmp_path / "d" / "test"))
    assert proposal.facts.train_counts == {"a": 40, "b": 10} and proposal.facts.imbalance_ratio == 4


def test_records_that_would_stop_the_run_are_skipped_and_named(tmp_path):
    write_images(tmp_path / "d", {"a": 10, "b": 10})
    (tmp_path / "d" / "a" / "film.mp4").write_bytes(b"x")
    proposal = propose(str(tmp_path / "d"), str(tmp_path / "x.yaml"))
    assert load_experiment(proposal.output).data.on_bad_record == "skip"
    assert any("film.mp4" in warning for warning in proposal.warnings)
    columns = {"size": measured(60), "label": [*of_two(59, 10), ""]}
    proposal = propose(write_table(tmp_path / "t.csv", columns), str(tmp_path / "y.yaml"))
    assert load_experiment(proposal.output).data.on_bad_record == "skip"
    assert proposal.facts.num_records == 59


def test_images_of_unusual_names_are_images_and_what_else_lies_there_is_named(tmp_path):
    write_images(tmp_path / "d", {"a": 10, "b": 10})
    (tmp_path / "d" / "a" / "0.png").rename(tmp_path / "d" / "a" / "0.jfif")
    (tmp_path / "d" / "b" / "0.png").rename(tmp_path / "d" / "b" / "scan.png.1")
    (tmp_path / "d" / "a" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "d" / "b" / "out.png").symlink_to("/")
    proposal = propose(str(tmp_path / "d"), str(tmp_path / "x.yaml"))
    assert load_experiment(proposal.output).data.on_bad_record == "fail"
    assert proposal.facts.counts == {"a": 10, "b": 10}
    assert proposal.warnings == (
        "2 entries are left out: a/Thumbs.db is a file that the system made, b/out.png is a link that leaves the "
        "data's folder, to '/'.",
    )


def test_table_that_names_images_of_unusual_endings_is_understood(tmp_path):
    write_images(tmp_path / "d", {"a": 12})
    for number in range(12):
        (tmp_path / "d" / "a" / f"{number}.png").rename(tmp_path / "d" / "a" / f"scan{number}")
    columns = {"file": [f"d/a/scan{number}" for number in range(12)] * 5, "label": of_two(60, 20)}
    proposal = propose(write_table(tmp_path / "t.csv", columns), str(tmp_path / "y.yaml"))
    assert load_experiment(proposal.output).data.image == "file"


def test_column_with_slips_is_listed_with_all_other_categories(tmp_path):
    columns = {
        "price": ["oops", *measured(100)[1:]],
        "colour": ["red", "blue"] * 50,
        "size": measured(100),
        "label": of_two(100, 20),
    }
    proposal = propose(write_table(tmp_path / "t.csv", columns), str(tmp_path / "x.yaml"))
    data = load_experiment(proposal.output).data
    assert set(data.categorical) == {"price", "colour"} and data.numeric == "auto"
    assert "oops" in proposal.text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"x,label\n", "no rows"),
        (bytes(range(256)) * 20, "no text"),
        (b"\xff\xfe\xfd" * 100, "UTF-8"),
        (b"x,label\n" + b"1,a\n" * 30, "single value"),
        (b'"' + b"x" * 200_000 + b'",label\n1,a\n', "CSV"),
    ],
)
def test_hostile_table_is_refused_in_one_message(tmp_path, content, message):
    (tmp_path / "t.csv").write_bytes(content)
    done = counterpoise_here("init", tmp_path / "t.csv", "-o", tmp_path / "x.yaml")
    assert done.returncode == 2 and message in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "x.yaml").exists()


def test_label_makes_no_sense_for_images(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_images(tmp_path / "d", {"a": 3, "b": 3})
    done = counterpoise_here("init", tmp_path / "d", "--label", "a")
    assert done.returncode == 2 and "folders are classes" in done.stderr


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/bank.csv", "bank"), ("bank.csv.gz", "bank"), ("my data (1).csv", "my-data-1"), ("/", "experiment")],
)
def test_names_of_experiments_are_plain(path, name):
    assert experiment_name(path) == name
