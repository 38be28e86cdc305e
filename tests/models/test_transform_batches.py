"""What Transform learns is learnt of the records, whatever batches, order and workers they come by."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_transform as tft

from core.features import NUMERIC, RECORD_KEY
from models.serving.raw_signature import to_sparse
from models.transform import preprocessing_fn

SIZE = 3000
# As many as Beam has been seen to choose, by how long the first ones took.
BATCHES = (37, 100, 500, 1000, 2100)
NUMBERS = {
    "even": tf.float32,
    "skewed": tf.float32,
    "gaps": tf.float32,
    "ties": tf.int64,
    "milliseconds": tf.int64,
    "never": tf.float32,
    "single": tf.int64,
}
DTYPES = {**NUMBERS, RECORD_KEY: tf.string, "kind": tf.string}


def records() -> list[dict]:
    random = np.random.default_rng(5)
    return [
        {
            "even": float(random.uniform(10, 20)),
            "skewed": float(random.lognormal(sigma=3)),
            "gaps": float(random.normal()) if i % 4 else None,
            "ties": int(random.integers(0, 4)),
            "milliseconds": 1_600_000_000_000 + 1000 * i,
            "never": None,
            "single": 7,
            RECORD_KEY: f"parts.csv, row {i + 1}",
            # One as often as the other, so that chance could decide which is the first class.
            "kind": ("even", "odd")[i % 2],
        }
        for i in range(SIZE)
    ]


@pytest.fixture(scope="module")
def learnt(example, tmp_path_factory) -> dict[str, tft.TFTransformOutput]:
    """Transform's output by how the records came, all of it learnt in one run of Beam."""
    import apache_beam as beam
    import tensorflow_transform.beam as tft_beam
    from tensorflow_transform.tf_metadata import schema_utils
    from tfx_bsl.public import tfxio

    schema = schema_utils.schema_from_feature_spec(
        {name: tf.io.VarLenFeature(dtype) for name, dtype in DTYPES.items()}
    )
    reader = tfxio.TFExampleBeamRecord("inmem", schema=schema)
    serialized = [example(record) for record in records()]
    shuffled = np.random.default_rng(1).permutation(np.array(serialized, object)).tolist()
    # A hundred at a time they come in another order, too.
    ways = {str(size): (shuffled if size == 100 else serialized, size) for size in BATCHES}
    folder = tmp_path_factory.mktemp("batches")
    with tft_beam.Context(temp_dir=str(folder / "temp")), beam.Pipeline() as pipeline:
        for name, (given, size) in ways.items():
            raw = pipeline | f"Create{name}" >> beam.Create(given) | f"Read{name}" >> reader.BeamSource(size)
            _ = (
                (raw, reader.TensorAdapterConfig())
                | f"Analyze{name}"
                >> tft_beam.AnalyzeDataset(
                    lambda inputs: preprocessing_fn(inputs, {"label": "kind", "image": None})
                )
                | f"Write{name}" >> tft_beam.WriteTransformFn(str(folder / name))
            )
    return {name: tft.TFTransformOutput(str(folder / name)) for name in ways}


@pytest.fixture(scope="module")
def transformed(learnt, example) -> dict[str, dict[str, np.ndarray]]:
    """What the learnt graphs make of the records, and of one without any value, which comes last."""
    spec = {name: tf.io.VarLenFeature(dtype) for name, dtype in DTYPES.items()}
    raw = tf.io.parse_example([*map(example, records()), example({})], spec)
    return {
        name: {key: values.numpy() for key, values in output.transform_features_layer()(raw).items()}
        for name, output in learnt.items()
    }


def scores(transformed: dict[str, np.ndarray], name: str) -> np.ndarray:
    return transformed[NUMERIC][:, sorted(NUMBERS).index(name)]


@pytest.mark.parametrize("size", BATCHES)
def test_records_are_transformed_to_the_same_bytes_at_any_size_of_batches(transformed, size):
    expected = transformed["1000"]
    for key, values in transformed[str(size)].items():
        assert values.tobytes() == expected[key].tobytes() or values.dtype == object, key
        assert values.tolist() == expected[key].tolist(), key


@pytest.mark.parametrize("name", ["even", "skewed", "gaps"])
def test_a_missing_number_is_the_exact_median(transformed, name):
    values = np.array([record[name] for record in records()], float)
    by_value = scores(transformed["1000"], name)
    median = np.flatnonzero(values == np.sort(values[~np.isnan(values)])[(~np.isnan(values)).sum() // 2])
    assert by_value[-1] == by_value[median[0]] == pytest.approx(0, abs=1e-6)


def test_milliseconds_a_second_apart_are_told_apart(transformed):
    # All but those in the outermost half buckets, which are alike by intention.
    assert (np.diff(scores(transformed["100"], "milliseconds")[5 : SIZE - 5]) > 0).all()


def test_named_tensors_are_transformed_to_the_same_bytes_as_examples(learnt, transformed):
    raw = {}
    for name, dtype in NUMBERS.items():
        values = [np.nan if record[name] is None else record[name] for record in records()]
        [raw[name]] = to_sparse(tf.constant(values, tf.float64)[:, None], dtype)
    scores = learnt["100"].transform_features_layer()(raw)[NUMERIC].numpy()
    assert scores.tobytes() == transformed["100"][NUMERIC][:SIZE].tobytes()
