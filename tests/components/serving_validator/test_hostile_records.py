import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorflow_metadata.proto.v0 import schema_pb2

from components.serving_validator.hostile_images import other_images, unreadable_images
from components.serving_validator.hostile_records import Columns, hostile_requests

SCHEMA = schema_pb2.Schema(
    feature=[
        schema_pb2.Feature(name=name, type=kind)
        for name, kind in (
            ("width", schema_pb2.FLOAT),
            ("age", schema_pb2.INT),
            ("line", schema_pb2.BYTES),
            ("photo", schema_pb2.BYTES),
            ("defect", schema_pb2.BYTES),
            ("record_key", schema_pb2.BYTES),
        )
    ]
)


def png() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (9, 11, 3), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def record() -> bytes:
    example = tf.train.Example()
    features = example.features.feature
    features["width"].float_list.value[:] = [0.5]
    features["age"].int64_list.value[:] = [7]
    for name, value in (("line", b"A"), ("photo", png()), ("defect", b"dent"), ("record_key", b"row 1")):
        features[name].bytes_list.value[:] = [value]
    return example.SerializeToString(deterministic=True)


@pytest.fixture(scope="module")
def requests():
    columns = Columns.of(SCHEMA, "defect", "photo")
    return {request.kind: request for request in hostile_requests([record()], columns)}


def values(example: bytes) -> dict[str, list]:
    features = tf.train.Example.FromString(example).features.feature
    return {
        name: list(getattr(feature, feature.WhichOneof("kind")).value) for name, feature in features.items()
    }


def test_features_are_told_apart_by_the_schema():
    columns = Columns.of(SCHEMA, "defect", "photo")
    assert columns.numbers == {"age": True, "width": False}
    assert (columns.texts, columns.image) == (("line",), "photo")
    assert Columns.of(SCHEMA, "defect", None).texts == ("line", "photo")


def test_every_feature_is_missing_once_alone_and_once_with_all_others(requests):
    request = requests["a feature is missing"]
    whole = set(values(record()))
    left_out = [whole - set(values(example)) for example in request.examples]
    assert left_out == [{name} for name in sorted(whole)]
    assert request.subjects[0] == "record 'row 1' with no 'age'"
    [bare] = requests["every feature is missing"].examples
    assert values(bare) == {}


def test_categories_are_unknown_empty_and_no_text(requests):
    lines = [values(example)["line"][0] for example in requests["a category is unknown"].examples]
    assert b"" in lines and b"A" not in lines and len(set(lines)) == 3
    assert any(line.decode(errors="replace") != line.decode(errors="ignore") for line in lines)


def test_numbers_are_extreme_in_their_own_type(requests):
    rows = [values(example) for example in requests["a number is extreme"].examples]
    widths, ages = (np.array([row[name][0] for row in rows], float) for name in ("width", "age"))
    assert np.isnan(widths).any() and np.isposinf(widths).any() and np.isneginf(widths).any()
    assert widths[np.isfinite(widths)].max() > 1e38 and widths[np.isfinite(widths)].min() < -1e38
    assert ages.max() > 4e18 and ages.min() < -4e18


def test_several_values_begin_with_the_real_one(requests):
    [example] = requests["a feature has several values"].examples
    assert values(example)["line"] == [b"A", b"A"] and values(example)["width"] == [0.5, 0.5]
    assert len(values(example)["photo"]) == 1


def test_other_images_can_be_read_and_unreadable_ones_cannot():
    modes = set()
    for what, encoded in other_images(png()).items():
        if encoded:
            image = Image.open(io.BytesIO(encoded))
            image.load()
            modes.add(image.mode)
            assert tf.io.decode_image(encoded, expand_animations=False).shape[0] == image.height, what
    assert modes >= {"L", "RGBA", "P", "RGB"}
    for encoded in unreadable_images(png()).values():
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.io.decode_image(encoded)


def test_what_cannot_be_read_is_to_be_refused(requests):
    refused = {kind for kind, request in requests.items() if request.expected == "refuse"}
    assert refused == {"an image is unreadable", "a record is unreadable"}
    for example in requests["a record is unreadable"].examples:
        # Of the half record TensorFlow's message quotes bytes that are no text.
        with pytest.raises((tf.errors.InvalidArgumentError, UnicodeDecodeError)):
            tf.io.parse_example([example], {"line": tf.io.VarLenFeature(tf.string)})


def test_kinds_without_a_feature_are_left_out():
    plain = schema_pb2.Schema(feature=[schema_pb2.Feature(name="width", type=schema_pb2.FLOAT)])
    kinds = {request.kind for request in hostile_requests([record()], Columns.of(plain, "defect", None))}
    assert "a category is unknown" not in kinds and "an image is unreadable" not in kinds
    assert "a number is extreme" in kinds


def test_a_wide_table_is_tried_in_some_of_its_columns_each_with_one_extreme_number():
    schema = schema_pb2.Schema(
        feature=[schema_pb2.Feature(name=f"c{number:04}", type=schema_pb2.FLOAT) for number in range(400)]
    )
    example = tf.train.Example()
    for number in range(400):
        example.features.feature[f"c{number:04}"].float_list.value[:] = [1.0]
    records = [example.SerializeToString()] * 3
    requests = {one.kind: one for one in hostile_requests(records, Columns.of(schema, "y", None))}
    assert len(requests["a feature is missing"].examples) == 200
    extreme = requests["a number is extreme"]
    # Every value alone in columns, and in all of them at once.
    assert len(extreme.examples) == 200 + 5
    for word in ("not a number", "infinite", "huge", "huge and negative"):
        assert sum(f" with {word} for 'c" in subject for subject in extreme.subjects) == 40
        assert sum(f" with {word} in every" in subject for subject in extreme.subjects) == 1


def test_what_no_cost_can_be_made_of_is_to_be_refused():
    columns = Columns.of(SCHEMA, "defect", None, ("age", "width"))
    made = {request.kind: request for request in hostile_requests([record()], columns)}
    amounts = made["no cost can be made of an amount"]
    assert amounts.expected == made["every feature is missing"].expected == "refuse"
    found = [(values(one).get("age"), values(one).get("width")) for one in amounts.examples]
    assert (None, [0.5]) in found and ([7], None) in found and ([7], [float("inf")]) in found
    assert all(age is None or width is None or age != [7] or width != [0.5] for age, width in found)
    # What is to be answered has the amounts that it had.
    for request in made.values():
        if request.expected == "answer":
            assert all(
                values(one)["age"][0] == 7 and values(one)["width"][0] == 0.5 for one in request.examples
            )
