"""Tables and folders scored with a pushed model, against the same model asked directly."""

import csv
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf
from PIL import Image

from core.errors import InputError
from pipeline.pushed_model import PushedModel, find_pushed_model
from pipeline.score_records import predict
from tests.conftest import counterpoise, counterpoise_here
from tests.made_documents import decision, raw_inputs

CLASSES = ["good", "größerer Riss"]
HEADER = ["key", "decision", "score", "p_good", "p_größerer Riss"]
KINDS = {"Width / m": "number", "count": "whole", "line": "text", "picture": "image"}
INPUTS = {"Width / m": "width___m", "count": "count", "line": "line", "picture": "picture"}


class Parts(tf.Module):
    """Makes the second class likelier with width, count, line "south", and brightness; missing counts 0.25."""

    def __init__(self, features):
        super().__init__()
        self.scale = tf.Variable(0.7)
        specs = {
            INPUTS[name]: tf.TensorSpec(
                [None], tf.string if KINDS[name] in ("text", "image") else tf.float32, name=INPUTS[name]
            )
            for name in features
        }
        self.predict_raw = tf.function(self.answer).get_concrete_function(**specs)

    def answer(self, **tensors):
        logit = 0.0
        for name, values in tensors.items():
            if name == "picture":
                brightness = tf.map_fn(_brightness, values, fn_output_signature=tf.TensorSpec([], tf.float32))
                logit += brightness
            elif values.dtype == tf.string:
                logit += tf.where(values == "", 0.25, tf.cast(values == "south", tf.float32))
            else:
                logit += tf.where(tf.math.is_nan(values), 0.25, values)
        probabilities = tf.nn.softmax(tf.stack([tf.zeros_like(logit), self.scale * logit - 1], axis=1))
        decision = tf.argmax(probabilities, axis=1)
        return {
            "probabilities": probabilities,
            "decision": tf.gather(tf.constant(CLASSES), decision),
            "score": tf.reduce_max(probabilities, axis=1),
        }


def _brightness(encoded):
    pixels = tf.io.decode_image(encoded, channels=3, expand_animations=False)
    return tf.reduce_mean(tf.cast(pixels, tf.float32)) / 255.0


def pushed(folder: Path, *features: str) -> PushedModel:
    version = folder / "serving" / "1"
    model = Parts(features)
    tf.saved_model.save(model, str(version), {"predict_raw": model.predict_raw})
    (version / "assets.extra").mkdir()
    content = [{"name": name, "input": INPUTS[name], "kind": KINDS[name]} for name in features]
    raw_inputs(*content).write(str(version))
    decision(CLASSES).write(str(version))
    return find_pushed_model(str(folder))


@pytest.fixture(scope="module")
def table_model(tmp_path_factory):
    return pushed(tmp_path_factory.mktemp("table"), "Width / m", "count", "line")


@pytest.fixture(scope="module")
def image_model(tmp_path_factory):
    return pushed(tmp_path_factory.mktemp("image"), "picture")


@pytest.fixture(scope="module")
def both_model(tmp_path_factory):
    return pushed(tmp_path_factory.mktemp("both"), "Width / m", "picture")


@pytest.fixture
def score(tmp_path):
    def run(model, data, *beam_args, skip=False, name="out.csv"):
        done = predict(model, str(data), str(tmp_path / name), skip, 10_000, list(beam_args))
        with open(tmp_path / name, newline="", encoding="utf-8") as handle:
            header, *rows = csv.reader(handle)
        assert header == HEADER and done.records == len(rows)
        return rows

    return run


def probability(width=0.0, count=0.0, line=0.0, brightness=0.0) -> float:
    """Computes the second class's probability by the formula in `Parts`."""
    return 1 / (1 + np.exp(1 - 0.7 * (width + count + line + brightness)))


def random_rows(size: int) -> list[tuple[str, str, str]]:
    random = np.random.default_rng(3)
    return [
        (
            "" if number % 7 == 0 else f"{random.normal():.4f}",
            "NA" if number % 5 == 0 else str(random.integers(0, 3)),
            ("north", "south", "")[random.integers(0, 3)],
        )
        for number in range(size)
    ]


def expected_of(rows) -> np.ndarray:
    def number(cell):
        return float(cell) if cell not in ("", "NA") else 0.25

    lines = {"north": 0.0, "south": 1.0, "": 0.25}
    return np.array([probability(number(width), number(count), lines[line]) for width, count, line in rows])


def write_table(path: Path, rows, header="Width / m,count,line") -> Path:
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n", encoding="utf-8")
    return path


def png(brightness: int, size: int = 4) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((size, size, 3), brightness, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_table_is_answered_row_by_row_in_its_order(score, table_model, tmp_path):
    cells = random_rows(150)
    rows = score(table_model, write_table(tmp_path / "parts.csv", cells))
    expected = expected_of(cells)
    assert [row[0] for row in rows] == [f"parts.csv, row {number}" for number in range(1, 151)]
    np.testing.assert_allclose([float(row[4]) for row in rows], expected, atol=1e-6)
    np.testing.assert_allclose([float(row[3]) for row in rows], 1 - expected, atol=1e-6)
    np.testing.assert_allclose([float(row[2]) for row in rows], np.maximum(expected, 1 - expected), atol=1e-6)
    assert [row[1] for row in rows] == [CLASSES[int(one > 0.5)] for one in expected]


def test_a_class_and_other_columns_are_not_looked_at(score, table_model, tmp_path):
    cells = random_rows(20)
    plain = score(table_model, write_table(tmp_path / "parts.csv", cells))
    wide = [(label, *row, "") for row, label in zip(cells, ["", "good"] * 10, strict=True)]
    header = "label,Width / m,count,line,note"
    assert score(table_model, write_table(tmp_path / "parts.csv", wide, header)) == plain


def test_all_formats_of_table_have_the_same_answers(score, table_model, tmp_path):
    cells = random_rows(30)
    figures = [row[1:] for row in score(table_model, write_table(tmp_path / "parts.csv", cells))]
    columns = list(zip(*cells, strict=True))
    numbers = [[float(cell) if cell not in ("", "NA") else None for cell in column] for column in columns[:2]]
    table = pa.table(
        {"Width / m": numbers[0], "count": numbers[1], "line": [one or None for one in columns[2]]}
    )
    pq.write_table(table, tmp_path / "parts.parquet")
    with tf.io.TFRecordWriter(str(tmp_path / "parts.tfrecord")) as writer:
        for row in table.to_pylist():
            example = tf.train.Example()
            for name, value in row.items():
                feature = example.features.feature[name]
                if isinstance(value, str):
                    feature.bytes_list.value.append(value.encode())
                elif value is not None:
                    feature.float_list.value.append(value)
            writer.write(example.SerializeToString())
    for name in ("parts.parquet", "parts.tfrecord"):
        assert [row[1:] for row in score(table_model, tmp_path / name)] == figures


def test_several_files_follow_each_other(score, table_model, tmp_path):
    cells = random_rows(10)
    for number in (0, 1):
        write_table(tmp_path / f"part-{number}.csv", cells[number * 5 : number * 5 + 5])
    rows = score(table_model, tmp_path / "part-*.csv")
    assert [row[0] for row in rows][4:6] == ["part-0.csv, row 5", "part-1.csv, row 1"]
    np.testing.assert_allclose([float(row[4]) for row in rows], expected_of(cells), atol=1e-6)


def test_two_workers_write_the_same_bytes_as_one(score, table_model, tmp_path):
    for number in range(4):
        write_table(tmp_path / f"part-{number}.csv", random_rows(100 + number))
    score(table_model, tmp_path / "part-*.csv", name="one.csv")
    workers = ("--direct_num_workers=2", "--direct_running_mode=multi_threading")
    score(table_model, tmp_path / "part-*.csv", *workers, name="two.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_images_are_answered_whether_in_folders_of_classes_or_not(score, image_model, tmp_path):
    (tmp_path / "flat").mkdir()
    (tmp_path / "classes" / "a").mkdir(parents=True)
    for number in range(5):
        (tmp_path / "flat" / f"{number}.png").write_bytes(png(50 * number))
        (tmp_path / "classes" / "a" / f"{number}.png").write_bytes(png(50 * number))
    (tmp_path / "flat" / ".hidden").write_bytes(b"")
    flat = score(image_model, tmp_path / "flat")
    assert [row[0] for row in flat] == [f"{number}.png" for number in range(5)]
    expected = [probability(brightness=50 * number / 255) for number in range(5)]
    np.testing.assert_allclose([float(row[4]) for row in flat], expected, atol=1e-6)
    by_class = score(image_model, tmp_path / "classes")
    assert by_class == [[f"a/{row[0]}", *row[1:]] for row in flat]


def test_a_table_that_names_images_is_answered_with_them(score, both_model, tmp_path):
    (tmp_path / "bright.png").write_bytes(png(255))
    (tmp_path / "dark.png").write_bytes(png(0))
    table = write_table(
        tmp_path / "parts.csv", [("1.5", "bright.png"), ("", "dark.png")], "Width / m,picture"
    )
    answers = [float(row[4]) for row in score(both_model, table)]
    np.testing.assert_allclose(answers, [probability(1.5, brightness=1), probability(0.25)], atol=1e-6)


def test_a_row_that_cannot_be_read_is_named(score, table_model, tmp_path):
    table = write_table(tmp_path / "parts.csv", [("1", "2", "a"), ("wide", "2", "a"), ("1", "2")])
    with pytest.raises(
        InputError, match=r"parts.csv, row 2 holds 'wide' in column 'Width / m'.*--on-bad-record"
    ):
        score(table_model, table)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parts.csv"]


def test_rows_that_cannot_be_read_are_left_out_where_asked(score, table_model, tmp_path):
    table = write_table(
        tmp_path / "parts.csv", [("1", "2", "a"), ("wide", "2", "a"), ("1", "2"), ("3", "", "")]
    )
    rows = score(table_model, table, skip=True)
    assert [row[0] for row in rows] == ["parts.csv, row 1", "parts.csv, row 4"]
    done = predict(table_model, str(table), str(tmp_path / "again.csv"), True, 10_000, [])
    assert [key for key, _ in done.left_out] == ["parts.csv, row 2", "parts.csv, row 3"]


def test_images_that_cannot_be_read_are_named(score, image_model, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    contents = {"a.png": png(1), "b.png": b"no image", "c.png": png(1, 101), "d.png": png(9)[:-20]}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    with pytest.raises(InputError, match=r"b\.png is not a JPEG"):
        score(image_model, folder)
    assert [row[0] for row in score(image_model, folder, skip=True)] == ["a.png"]


def test_what_lies_among_images_and_is_none_is_named_by_the_command(image_model, tmp_path):
    (tmp_path / "new" / "deep").mkdir(parents=True)
    (tmp_path / "new" / "deep" / "a").write_bytes(png(1))
    (tmp_path / "new" / "notes.txt").write_text("of monday")
    (tmp_path / "new" / "out.png").symlink_to("/dev/null")
    run = Path(image_model.folder).parents[1]
    done = counterpoise_here("predict", run, tmp_path / "new", "-o", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[1].startswith("deep/a,")
    assert "Left out: notes.txt is a text file by its name, and no image by its content" in done.stderr
    assert "Left out: out.png is a link that leaves the data's folder, to '/dev/null'" in done.stderr


def test_a_column_that_is_not_there_is_refused(score, table_model, tmp_path):
    table = write_table(tmp_path / "parts.csv", [("1", "2", "a")], "width,count,line")
    with pytest.raises(InputError, match="takes the column 'Width / m', which is not there"):
        score(table_model, table)


def test_what_is_not_there_or_of_another_kind_is_refused(score, table_model, image_model, tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        score(table_model, tmp_path / "none.csv")
    with pytest.raises(InputError, match="a folder of images does not have"):
        score(table_model, tmp_path)
    with pytest.raises(InputError, match="holds no files"):
        score(image_model, tmp_path)


def test_a_table_without_rows_has_no_answers(score, table_model, tmp_path):
    assert score(table_model, write_table(tmp_path / "parts.csv", [])) == []


def test_the_command_says_what_it_did(table_model, tmp_path):
    table = write_table(tmp_path / "parts.csv", [("1", "2", "a"), ("wide", "2", "a")])
    run = Path(table_model.folder).parents[1]
    done = counterpoise("predict", run, table, "-o", tmp_path / "out.csv", "--on-bad-record", "skip")
    assert done.returncode == 0, done.stderr
    assert "1 records" in done.stdout
    # And nothing of what libraries have to say.
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["Note", "Left out"]
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("key,decision,score,p_good")


def test_a_column_of_values_the_model_never_saw_is_said(tmp_path):
    model = pushed(tmp_path / "model", "line")
    (Path(model.folder) / "assets" / "categories_0").write_text("south\nnorth\n")
    table = tmp_path / "new.csv"
    table.write_text("line\n" + "sud\n" * 30 + "south\n" * 20)
    done = predict(model, str(table), str(tmp_path / "answers.csv"), False, 1000, [])
    [sentence] = done.mostly_unknown
    assert sentence.startswith("Column 'line': 30 of 50 values are unknown to the model, such as 'sud'")
