"""What the SavedModel answers to raw records against what the network says of the same records in training."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.documents.served_as import ServedAs
from core.features import (
    CATEGORICAL,
    IMAGE,
    KEY,
    LABEL,
    MISSING,
    NUMERIC,
    FeatureSpec,
    categories_vocabulary,
)
from models.input.dataset import ExampleFiles
from models.network.classifier import InputShape, build_classifier
from models.network.grad_cam import grad_cam
from models.serving.export import export_classifier
from models.settings import ImageModelSettings, ModelSettings
from tests.models.png_declaring import png_declaring

CLASSES = ["scratch", "dent", "größerer Riss"]
IMAGE_SETTINGS = ImageModelSettings(size=(10, 8), channels=3, alpha=0.25)
NUMERIC_COLUMNS, CATEGORICAL_COLUMNS = ("age", "weight / kg"), ("größe", "line")


@dataclass(frozen=True)
class Exported:
    """A network with weights that tell records apart, and its SavedModel.

    Attributes:
        data: The records it was made for.
        model: The network.
        folder: The SavedModel.
        served: The same, loaded.
    """

    data: Any
    model: keras.Model
    folder: Path
    served: Any

    def answer(self, serialized: list[bytes]) -> dict[str, np.ndarray]:
        answers = self.served.signatures["serving_default"](examples=tf.constant(serialized, tf.string))
        return {name: values.numpy() for name, values in answers.items()}

    def answer_raw(
        self, records: list[dict[str, Any]], signature: str = "predict_raw"
    ) -> dict[str, np.ndarray]:
        answers = self.served.signatures[signature](**self.tensors(records))
        return {name: values.numpy() for name, values in answers.items()}

    def tensors(self, records: list[dict[str, Any]]) -> dict[str, tf.Tensor]:
        features = {"age": "age", "line": "line", "photo": "photo"}
        features |= {"weight / kg": "weight___kg", "größe": "gr__e"}
        numbers, tensors = ("age", "weight / kg"), {}
        for feature, name in features.items():
            if feature in self.data.records[0]:
                values = [one_value(record.get(feature)) for record in records]
                if feature in numbers:
                    tensors[name] = tf.constant([np.nan if v is None else v for v in values], tf.float64)
                else:
                    tensors[name] = tf.constant([v or "" for v in values], tf.string)
        return tensors

    def transform(self, serialized: list[bytes]) -> dict[str, np.ndarray]:
        features = self.served.signatures["transform_features"](examples=tf.constant(serialized))
        return {name: values.numpy() for name, values in features.items()}


def input_shape(output) -> InputShape:
    spec = output.transformed_feature_spec()
    sizes = [
        output.vocabulary_size_by_name(categories_vocabulary(position)) + 1
        for position in range(len(CATEGORICAL_COLUMNS) if CATEGORICAL in spec else 0)
    ]
    return InputShape(
        image=(*IMAGE_SETTINGS.size, IMAGE_SETTINGS.channels) if IMAGE in spec else None,
        num_numeric=len(NUMERIC_COLUMNS) if NUMERIC in spec else 0,
        categorical_sizes=tuple(sizes),
    )


@pytest.fixture(scope="module", params=["both", "table", "image"])
def exported(request, data_of, tmp_path_factory) -> Exported:
    data, folder = data_of(request.param), tmp_path_factory.mktemp("export") / "saved"
    output = data.transformed.output
    settings = ModelSettings(image=IMAGE_SETTINGS, tabular={"hidden_units": (8,)}, embedding_units=8)
    model = build_classifier(input_shape(output), settings, np.array([6, 3, 1]), seed=1)
    random = np.random.default_rng(1)
    # Moving averages and biases that are not those of an untrained network: what is lost shows.
    model.set_weights(
        [
            random.uniform(0.5, 1.5, weights.shape) * np.where(weights, weights, 0.1)
            for weights in model.get_weights()
        ]
    )
    has_table = request.param != "image"
    spec = FeatureSpec(
        "defect kind", data.image, NUMERIC_COLUMNS * has_table, CATEGORICAL_COLUMNS * has_table
    )
    export_classifier(model, output, spec, CLASSES, IMAGE_SETTINGS, str(folder))
    return Exported(data, model, folder, tf.saved_model.load(str(folder)))


@pytest.fixture(scope="module")
def network_inputs(exported, tmp_path_factory) -> list[dict[str, tf.Tensor]]:
    """All records in batches of 64, read as they are read in training."""
    folder = tmp_path_factory.mktemp("transformed")
    count = len(exported.data.records)
    exported.data.transformed.write(folder / "all", range(count))
    files = ExampleFiles(
        sorted(str(path) for path in (folder / "all").iterdir()),
        exported.data.transformed.output.transformed_feature_spec(),
        IMAGE_SETTINGS.size,
        IMAGE_SETTINGS.channels,
    )
    return [inputs for inputs, _ in files.batches(64, count)]


@pytest.fixture(scope="module")
def probabilities(exported, network_inputs) -> np.ndarray:
    """What the network says of all records."""
    logits = np.concatenate(
        [exported.model(inputs, training=False).numpy() for inputs in network_inputs]
    ).astype(np.float64)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def one_value(cell: Any) -> Any:
    return cell[0] if isinstance(cell, list) else cell


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in names}


def test_the_answers_tell_records_apart(probabilities):
    assert (probabilities.std(axis=0) > 0.001).all()
    assert len(np.unique(probabilities.round(6), axis=0)) > 80


@pytest.mark.parametrize("batch_size", [1, 64])
def test_raw_records_are_answered_as_the_network_answers_in_training(
    exported, example, probabilities, batch_size
):
    for start in range(0, 192, 64):
        records = exported.data.records[start : start + batch_size]
        answers = exported.answer([example(record) for record in records])
        expected = probabilities[start : start + batch_size]
        np.testing.assert_allclose(answers["probabilities"], expected, atol=1e-5)


def test_neither_label_nor_key_is_needed(exported, example, probabilities):
    bare = [example(without(record, "record_key", "defect kind")) for record in exported.data.records]
    np.testing.assert_allclose(exported.answer(bare)["probabilities"], probabilities, atol=1e-5)


def test_the_label_has_no_say(exported, example):
    records = exported.data.records[:8]
    other = [example({**record, "defect kind": CLASSES[2]}) for record in records]
    expected = exported.answer([example(record) for record in records])["probabilities"]
    np.testing.assert_array_equal(exported.answer(other)["probabilities"], expected)


def test_the_decision_is_the_name_of_the_likeliest_class(exported, example, probabilities):
    answers = exported.answer([example(record) for record in exported.data.records])
    chosen = probabilities.argmax(axis=1)
    assert answers["decision_index"].tolist() == chosen.tolist()
    assert [name.decode() for name in answers["decision"]] == [CLASSES[index] for index in chosen]
    np.testing.assert_allclose(answers["score"], probabilities.max(axis=1), atol=1e-5)


def test_the_classes_stand_in_the_order_of_the_probabilities(exported, example):
    answers = exported.answer([example(record) for record in exported.data.records[:5]])
    assert [[name.decode() for name in row] for row in answers["classes"]] == [CLASSES] * 5
    np.testing.assert_allclose(answers["probabilities"].sum(axis=1), 1, atol=1e-6)


def test_the_outputs_have_their_dtypes_and_shapes_for_any_number_of_records(exported, example):
    for size in (0, 1, 3):
        answers = exported.answer([example(record) for record in exported.data.records[:size]])
        described = {name: (values.shape, values.dtype) for name, values in answers.items()}
        assert described == {
            "probabilities": ((size, 3), np.float32),
            "decision": ((size,), object),
            "decision_index": ((size,), np.int64),
            "score": ((size,), np.float32),
            "classes": ((size, 3), object),
            "embedding": ((size, 8), np.float32),
        }


def test_a_record_without_any_feature_is_answered(exported, example):
    [row] = exported.answer([example({})])["probabilities"]
    assert np.isfinite(row).all() and row.sum() == pytest.approx(1, abs=1e-6)


def test_missing_features_do_not_touch_their_neighbours_in_the_batch(exported, example, probabilities):
    records = [{}, exported.data.records[3], {}, exported.data.records[4]]
    answers = exported.answer([example(record) for record in records])["probabilities"]
    np.testing.assert_allclose(answers[[1, 3]], probabilities[3:5], atol=1e-5)
    np.testing.assert_array_equal(answers[0], answers[2])


def test_all_unknown_categories_are_answered_alike(exported, example):
    record = exported.data.records[1]
    unknown = [{**record, "line": name} for name in ("line 4", "never seen", "noch nie gesehen")]
    answers = exported.answer([example(one) for one in (*unknown, {**record, "line": "A"})])["probabilities"]
    np.testing.assert_array_equal(answers[:3], answers[[0, 0, 0]])
    # Without a table nothing reads the column.
    assert np.allclose(answers[0], answers[3], atol=1e-6) == ("line" not in record)


def test_transform_features_gives_what_transform_gave(exported, example):
    features = exported.transform([example(record) for record in exported.data.records])
    expected = exported.data.transformed.columns()
    assert set(features) == set(expected)
    assert LABEL in features
    for name, values in features.items():
        if values.dtype == object:
            assert values.tolist() == expected[name].tolist()
        else:
            np.testing.assert_allclose(values, expected[name], atol=1e-5, err_msg=name)


def test_transform_features_yields_the_index_of_the_label(exported, example):
    records = exported.data.records[:20]
    labels = exported.transform([example(record) for record in records])[LABEL]
    assert [CLASSES[index] for index in labels] == [record["defect kind"] for record in records]
    unlabelled = [example(without(record, "defect kind")) for record in records[:2]]
    assert exported.transform(unlabelled)[LABEL].tolist() == [-1, -1]


def test_transformed_features_are_those_the_data_have(exported):
    names = set(exported.served.signatures["transform_features"].structured_outputs)
    has_table = "line" in exported.data.records[0]
    table = {NUMERIC, MISSING, CATEGORICAL} if has_table else set()
    assert names == {LABEL, KEY} | table | ({IMAGE} if exported.data.image else set())


@pytest.mark.parametrize("batch_size", [1, 64])
def test_named_tensors_are_answered_as_the_same_record_in_an_example_is(exported, example, batch_size):
    records = exported.data.records[70 : 70 + batch_size]
    expected, answers = exported.answer([example(one) for one in records]), exported.answer_raw(records)
    assert answers.keys() == expected.keys()
    for name, values in expected.items():
        if values.dtype == np.float32:
            np.testing.assert_allclose(answers[name], values, atol=1e-6, err_msg=name)
        else:
            assert answers[name].tolist() == values.tolist()


def test_values_that_are_missing_are_missing_among_named_tensors_too(exported, example):
    record = exported.data.records[3]
    records = [{}, *(without(record, name) for name in record), record]
    expected = exported.answer([example(one) for one in records])["probabilities"]
    assert len(np.unique(expected.round(6), axis=0)) > 1
    np.testing.assert_allclose(exported.answer_raw(records)["probabilities"], expected, atol=1e-6)


def test_named_tensors_may_be_empty(exported):
    answers = exported.answer_raw([])
    assert answers["probabilities"].shape == (0, 3) and answers["decision"].shape == (0,)


@pytest.mark.parametrize("exported", ["table"], indirect=True)
def test_named_tensors_of_unequal_length_are_refused(exported):
    inputs = {
        name: tf.zeros([2 if name == "age" else 1], spec.dtype)
        if spec.dtype != tf.string
        else tf.constant(["A"])
        for name, spec in exported.served.signatures["predict_raw"].structured_input_signature[1].items()
    }
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Expected as many \w+ as other inputs"):
        exported.served.signatures["predict_raw"](**inputs)


@pytest.mark.parametrize("batch_size", [1, 64])
def test_the_embedding_is_what_the_logits_are_computed_from(exported, example, probabilities, batch_size):
    serialized = [example(record) for record in exported.data.records[:batch_size]]
    answers = exported.served.signatures["embed"](examples=tf.constant(serialized))
    vectors = answers["embedding"].numpy()
    assert vectors.shape == (batch_size, 8) and vectors.dtype == np.float32
    kernel, bias = exported.model.get_layer("logits").get_weights()
    odds = np.exp(vectors @ kernel + bias)
    np.testing.assert_allclose(odds / odds.sum(axis=1, keepdims=True), probabilities[:batch_size], atol=1e-5)
    empty = exported.served.signatures["embed"](examples=tf.constant([], tf.string))
    assert empty["embedding"].shape == (0, 8)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_the_heat_map_is_grad_cam_for_the_class_decided_for(exported, network_inputs, batch_size):
    if not exported.data.image:
        assert "heat_map" not in exported.served.signatures["explain"].structured_outputs
        return
    maps = []
    for start in range(0, 60, batch_size):
        records = exported.data.records[start : start + batch_size]
        answers, decided = exported.answer_raw(records, "explain"), exported.answer_raw(records)
        assert answers["decision"].tolist() == decided["decision"].tolist()
        inputs = {name: values[start : start + batch_size] for name, values in network_inputs[0].items()}
        expected = grad_cam(exported.model, inputs, decided["decision_index"])
        assert answers["heat_map"].dtype == np.float32
        np.testing.assert_allclose(answers["heat_map"], expected, atol=1e-5)
        maps.extend(answers["heat_map"])
    assert len(np.unique(np.stack(maps).round(4), axis=0)) > 5


@pytest.mark.parametrize("exported", ["image"], indirect=True)
def test_a_heat_map_of_no_record_is_empty(exported):
    answers = exported.answer_raw([], "explain")
    size = exported.model.get_layer("feature_map").output.shape[1:3]
    assert answers["heat_map"].shape == (0, *size) and answers["decision"].shape == (0,)


@pytest.mark.parametrize("exported", ["image"], indirect=True)
def test_an_image_over_the_limit_is_refused_undecoded_by_every_signature_that_decodes(exported, example):
    # 484 megapixels in a few bytes: they are more than the default, which was exported with.
    record = {**exported.data.records[0], "photo": png_declaring(22_000)}
    records, named = [exported.data.records[1], record], ("predict_raw", "explain")
    for name in ("serving_default", "embed", *named):
        tensors = (
            exported.tensors(records)
            if name in named
            else {"examples": tf.constant([example(one) for one in records])}
        )
        with pytest.raises(tf.errors.InvalidArgumentError, match="declares more than 50000000 pixels"):
            exported.served.signatures[name](**tensors)
    assert ServedAs.of_model(str(exported.folder)).max_image_pixels == 50_000_000


def test_the_raw_features_are_described_beside_the_model(exported):
    content = json.loads((exported.folder / "assets.extra" / "features.json").read_text(encoding="utf-8"))
    kinds = {one["name"]: one["kind"] for one in content["features"]}
    table = {"age": "whole", "weight / kg": "number", "größe": "text", "line": "text"}
    has_table = "line" in exported.data.records[0]
    image = exported.data.image
    assert kinds == (table if has_table else {}) | ({image: "image"} if image else {})
    assert (content["label"], content["image"]) == ("defect kind", image)
    inputs = exported.served.signatures["predict_raw"].structured_input_signature[1]
    assert {one["input"] for one in content["features"]} == set(inputs)
    of_numbers = {
        inputs[one["input"]].dtype for one in content["features"] if one["kind"] in ("number", "whole")
    }
    assert of_numbers <= {tf.float64}


# Once is enough, and starting a process is dear: these records need the most.
@pytest.mark.parametrize("exported", ["both"], indirect=True)
def test_a_process_that_knows_tensorflow_alone_loads_it(
    exported, example, network_inputs, probabilities, tmp_path
):
    serialized = [example(record) for record in exported.data.records[:16]]
    (tmp_path / "examples").write_bytes(b"".join(len(one).to_bytes(4, "big") + one for one in serialized))
    tensors = exported.tensors(exported.data.records[:3])
    for name, values in tensors.items():
        (tmp_path / name).write_bytes(tf.io.serialize_tensor(values).numpy())
    code = """
import json, sys
import tensorflow as tf
content, examples = open("examples", "rb").read(), []
while content:
    size = int.from_bytes(content[:4], "big")
    examples.append(content[4 : 4 + size])
    content = content[4 + size :]
signatures = tf.saved_model.load(sys.argv[1]).signatures
answers = signatures["serving_default"](examples=tf.constant(examples))
explain = signatures["explain"]
specs = explain.structured_input_signature[1].items()
tensors = {name: tf.io.parse_tensor(open(name, "rb").read(), spec.dtype) for name, spec in specs}
maps = explain(**tensors)["heat_map"]
assert not {"models", "tensorflow_transform", "tfx"} & set(sys.modules)
print(json.dumps([answers["probabilities"].numpy().tolist(), maps.numpy().tolist()]))
"""
    answered = subprocess.run(
        [sys.executable, "-c", code, str(exported.folder)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answered.returncode == 0, answered.stderr
    answers, maps = json.loads(answered.stdout)
    np.testing.assert_allclose(answers, probabilities[:16], atol=1e-5)
    inputs = {name: values[:3] for name, values in network_inputs[0].items()}
    expected = grad_cam(exported.model, inputs, probabilities[:3].argmax(axis=1))
    np.testing.assert_allclose(maps, expected, atol=1e-5)
