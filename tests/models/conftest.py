"""Raw records, and what Transform makes of them. TensorFlow is imported late: test_settings does without."""

import io
import pickle
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def example(record: dict[str, Any]) -> bytes:
    """Serialises a record; None leaves the feature out, a list gives it several values."""
    import tensorflow as tf

    features = {}
    for name, value in record.items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        if not values:
            continue
        if isinstance(values[0], str | bytes):
            values = [one.encode() if isinstance(one, str) else one for one in values]
            features[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
        elif isinstance(values[0], int):
            features[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=values))
        else:
            features[name] = tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


@dataclass(frozen=True)
class Transformed:
    """Output of a run of Transform.

    Attributes:
        folder: Of the transform graph.
        examples: Transformed tf.Examples in the order of the records.
    """

    folder: str
    examples: list[bytes]

    @cached_property
    def output(self):
        import tensorflow_transform as tft

        return tft.TFTransformOutput(self.folder)

    def columns(self) -> dict[str, np.ndarray]:
        """Parses the transformed examples."""
        import tensorflow as tf

        parsed = tf.io.parse_example(self.examples, self.output.transformed_feature_spec())
        return {name: values.numpy() for name, values in parsed.items()}

    @cached_property
    def _graph(self):
        import tensorflow as tf

        layer, raw_spec = self.output.transform_features_layer(), self.output.raw_feature_spec()
        signature = [tf.TensorSpec([None], tf.string)]
        return tf.function(lambda serialized: layer(tf.io.parse_example(serialized, raw_spec)), signature)

    def apply(self, records: list[dict[str, Any]]) -> dict[str, np.ndarray]:
        """Transforms further records by the learnt graph."""
        transformed = self._graph([example(record) for record in records])
        return {name: values.numpy() for name, values in transformed.items()}

    def write(self, folder: Path, positions: range, num_shards: int = 2) -> str:
        """Writes some of the transformed examples as TFX does, and returns the files' pattern."""
        folder.mkdir(parents=True)
        for shard, chosen in enumerate(np.array_split(np.asarray(positions), num_shards)):
            path = folder / f"data_tfrecord-{shard:05d}-of-{num_shards:05d}.gz"
            write_records(path, [self.examples[position] for position in chosen])
        return str(folder / "*")


def write_records(path: Path, serialized: list[bytes]) -> None:
    import tensorflow as tf

    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for one in serialized:
            writer.write(one)


def encoded(pixels: np.ndarray, image_format: str = "PNG") -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, image_format)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def transform_records(tmp_path_factory):
    """Runs TensorFlow Transform on Beam over records, all of them for analysis."""

    def run(
        records: list[dict[str, Any]], dtypes: dict[str, Any], label: str, image: str | None
    ) -> Transformed:
        import apache_beam as beam
        import pyarrow as pa
        import tensorflow as tf
        import tensorflow_transform.beam as tft_beam
        from tensorflow_transform.tf_metadata import dataset_metadata, schema_utils
        from tfx_bsl.coders import example_coder
        from tfx_bsl.public import tfxio

        from models.transform import preprocessing_fn

        raw_spec = {name: tf.io.VarLenFeature(dtype) for name, dtype in dtypes.items()}
        schema = schema_utils.schema_from_feature_spec(raw_spec)
        reader = tfxio.TFExampleBeamRecord("inmem", schema=schema, raw_record_column_name="raw record")
        serialized = [example(record) for record in records]
        assert len(set(serialized)) == len(serialized)
        folder = tmp_path_factory.mktemp("transform")
        graph, batches = str(folder / "graph"), str(folder / "batches")
        config = {"label": label, "image": image}
        with (
            tft_beam.Context(temp_dir=str(folder / "temp"), passthrough_keys={"raw record"}),
            beam.Pipeline() as pipeline,
        ):
            raw = pipeline | beam.Create(serialized) | reader.BeamSource()
            (transformed, _), transform_fn = (
                raw,
                reader.TensorAdapterConfig(),
            ) | tft_beam.AnalyzeAndTransformDataset(
                lambda inputs: preprocessing_fn(inputs, config), output_record_batches=True
            )
            _ = transform_fn | tft_beam.WriteTransformFn(graph)
            metadata = dataset_metadata.DatasetMetadata(schema)
            _ = metadata | tft_beam.WriteMetadata(f"{graph}/metadata", pipeline)
            _ = transformed | beam.Map(pickle.dumps) | beam.io.WriteToTFRecord(batches)

        transformed_of = {}
        encoder = example_coder.RecordBatchToExamplesEncoder()
        for pickled in tf.data.TFRecordDataset(tf.io.gfile.glob(f"{batches}*")).as_numpy_iterator():
            batch, _ = pickle.loads(pickled)
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            keys = columns.pop("raw record").flatten().to_pylist()
            features = pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
            transformed_of.update(zip(keys, encoder.encode(features), strict=True))
        return Transformed(graph, [transformed_of[one] for one in serialized])

    return run


CLASSES = ("scratch", "dent", "größerer Riss")


def made_up_records(size: int, image: bool, table: bool) -> list[dict[str, Any]]:
    """Makes records of three classes, 60, 30 and 10 %; three quarters of them look like their class."""
    random = np.random.default_rng(7)
    records = []
    for i in range(size):
        kind = (0, 1, 0, 0, 1, 0, 2, 0, 1, 0)[i % 10]
        looks = int(random.integers(0, 3)) if i % 4 == 3 else kind
        record: dict[str, Any] = {"record_key": f"row {i}", "defect kind": CLASSES[kind]}
        if image:
            height, width = random.integers(9, 20, 2)
            pixels = np.clip(random.normal(60 + 60 * looks, 50, (height, width, 3)), 0, 255).astype(np.uint8)
            record["photo"] = encoded(pixels, ("PNG", "JPEG", "BMP")[i % 3]) if i % 11 else b""
        if table:
            record["weight / kg"] = float(random.normal(looks, 1)) if i % 7 else None
            record["age"] = int(random.integers(0, 50)) if i % 5 else None
            record["größe"] = [("S", "M", "L")[int(random.integers(0, 2)) + looks // 2], None][i % 9 == 0]
            record["line"] = f"line {i}" if i % 4 == 0 else "A"
        records.append(record)
    return records


@dataclass(frozen=True)
class Data:
    """Records with what Transform makes of them; the last fifth is not trained on."""

    records: list[dict[str, Any]]
    transformed: Transformed
    image: str | None

    @property
    def num_train(self) -> int:
        return len(self.records) * 4 // 5


@pytest.fixture(scope="session")
def data_of(transform_records, made_once):
    """Returns the `Data` of records with an image, a table, or both; made once for all test workers."""
    import tensorflow as tf

    dtypes = {"weight / kg": tf.float32, "age": tf.int64}
    made: dict[str, Data] = {}

    def transformed(records: list, dtypes: dict, image: str | None) -> tuple[str, list[bytes]]:
        new = transform_records(records, dtypes, "defect kind", image)
        return new.folder, new.examples

    def get(kind: str) -> Data:
        if kind not in made:
            records = made_up_records(200, image=kind != "table", table=kind != "image")
            image = "photo" if kind != "table" else None
            raw = {name: dtypes.get(name, tf.string) for name in records[0]}
            transform = partial(transformed, records, raw, image)
            made[kind] = Data(records, Transformed(*made_once(f"transformed_{kind}", transform)), image)
        return made[kind]

    return get


@pytest.fixture(scope="session", name="example")
def example_fixture():
    """The function that serialises a record."""
    return example


@pytest.fixture(scope="session", name="write_records")
def write_records_fixture():
    """The function that writes serialised examples into a gzipped TFRecord file."""
    return write_records


@pytest.fixture(scope="session", name="encoded")
def encoded_fixture():
    """The function that encodes pixels as an image file."""
    return encoded
