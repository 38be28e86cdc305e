"""Transformed records of a common and two rare classes, on disk and as arrays."""

import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pytest
import tensorflow as tf
from apache_beam.options.pipeline_options import PipelineOptions
from tensorflow_transform.tf_metadata import dataset_metadata, metadata_io, schema_utils
from tfx.types import artifact_utils, standard_artifacts

from components.artifacts import ClassPriors
from components.examples_io import encode_examples, shard_path, write_shard
from components.minority_augmenter.component import MinorityAugmenter
from components.minority_augmenter.records import METHOD, PARENTS, columns_of
from components.minority_augmenter.rows import Rows
from core.augmentation.settings import AugmentationSettings
from core.features import CATEGORICAL, CLASSES_VOCABULARY, IMAGE, KEY, LABEL, MISSING, NUMERIC

CLASSES = ("common", "rare", "rarest")
COUNTS = {"train": (160, 40, 12), "eval": (30, 8, 3)}
NUM_CATEGORIES = (4, 3)


def make_rows(labels: np.ndarray, seed: int, kind: str = "mixed") -> Rows:
    """Draws rows that overlap a little; `kind` is mixed, numbers, categories or none."""
    random = np.random.default_rng(seed)
    count = len(labels)
    num_numeric = 3 if kind in ("mixed", "numbers") else 0
    numeric = random.normal(labels[:, np.newaxis] * 0.9, 1, (count, num_numeric)).astype(np.float32)
    flags = np.zeros((count, num_numeric), np.float32)
    if kind == "mixed":
        flags[:, 0] = random.random(count) < 0.3
    num_categorical = len(NUM_CATEGORIES) if kind in ("mixed", "categories") else 0
    categories = np.empty((count, num_categorical), np.int64)
    for place in range(num_categorical):
        categories[:, place] = random.integers(0, NUM_CATEGORIES[place], count)
    return Rows(numeric, flags, categories)


@dataclass
class Written:
    """Transformed records read back.

    Attributes:
        columns: Feature to what every record has, None where a record lacks it.
    """

    columns: dict[str, list[Any]]

    @property
    def keys(self) -> list[str]:
        return self.columns[KEY]

    @property
    def counts(self) -> dict[str, int]:
        return {CLASSES[label]: count for label, count in Counter(self.columns[LABEL]).items()}

    def record(self, key: str) -> dict[str, Any]:
        place = self.keys.index(key)
        return {name: values[place] for name, values in self.columns.items()}

    def records(self, synthetic: bool) -> list[dict[str, Any]]:
        rows = range(len(self.keys))
        there = [row for row in rows if (self.columns[METHOD][row] is not None) == synthetic]
        return [{name: values[row] for name, values in self.columns.items()} for row in there]


def read(folder: Path) -> Written:
    """Reads all shards of a split with tf.train.Example, one at a time."""
    columns: dict[str, list[Any]] = {
        name: [] for name in (LABEL, KEY, NUMERIC, MISSING, CATEGORICAL, IMAGE, METHOD, PARENTS)
    }
    for path in sorted(folder.iterdir()):
        for serialized in tf.data.TFRecordDataset(str(path), "GZIP").as_numpy_iterator():
            features = tf.train.Example.FromString(serialized).features.feature
            for name, values in columns.items():
                if name not in features:
                    values.append(None)
                    continue
                feature = features[name]
                found = list(getattr(feature, feature.WhichOneof("kind")).value)
                if name in (KEY, METHOD, PARENTS):
                    found = [one.decode() for one in found]
                values.append(found[0] if name in (LABEL, KEY, METHOD, IMAGE) else found)
    return Written(columns)


class Stage:
    """The stage's artifacts in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def write(self, kind: str = "mixed", images: bool = False, seed: int = 0) -> "Stage":
        """Writes the splits in three shards each, one of them empty, and what Transform says of them."""
        self.rows: dict[str, Rows] = {}
        for split, sizes in COUNTS.items():
            random = np.random.default_rng(seed)
            labels = random.permutation(np.repeat(np.arange(len(CLASSES)), sizes))
            rows = self.rows[split] = make_rows(labels, seed + len(split), kind)
            keys = [f"{split}.csv, row {row}".encode() for row in range(len(labels))]
            pictures = [b"picture of " + key for key in keys] if images else None
            encoded = encode_examples(columns_of(rows, labels, keys, pictures))
            folder = self._made(f"examples/Split-{split}")
            half = len(encoded) // 2
            for number, part in enumerate((encoded[:half], encoded[half:], [])):
                write_shard(shard_path(str(folder), number, 3), part)
        spec: dict[str, Any] = {
            LABEL: tf.io.FixedLenFeature([], tf.int64),
            KEY: tf.io.FixedLenFeature([], tf.string),
        }
        rows = self.rows["train"]
        if rows.numeric.shape[1]:
            spec[NUMERIC] = tf.io.FixedLenFeature(rows.numeric.shape[1:], tf.float32)
            spec[MISSING] = tf.io.FixedLenFeature(rows.flags.shape[1:], tf.float32)
        if rows.categories.shape[1]:
            spec[CATEGORICAL] = tf.io.FixedLenFeature(rows.categories.shape[1:], tf.int64)
        if images:
            spec[IMAGE] = tf.io.FixedLenFeature([], tf.string)
        metadata = dataset_metadata.DatasetMetadata(schema_utils.schema_from_feature_spec(spec))
        metadata_io.write_metadata(metadata, str(self._made("graph/transformed_metadata")))
        assets = self._made("graph/transform_fn/assets")
        (assets / CLASSES_VOCABULARY).write_text("\n".join(CLASSES) + "\n")
        for place in range(rows.categories.shape[1]):
            (assets / f"categories_{place}").write_text(
                "".join(f"{n}\n" for n in range(NUM_CATEGORIES[place] - 1))
            )
        return self

    def run(
        self, name: str = "out", seed: int = 0, beam_args: tuple[str, ...] | None = None, **settings: Any
    ) -> "Result":
        """Runs the stage; without `beam_args` in this process, which is faster than Beam."""
        pipeline = None if beam_args is None else beam.Pipeline(options=PipelineOptions(list(beam_args)))
        augmented = self._artifact(standard_artifacts.Examples, f"{name}/examples")
        MinorityAugmenter.test_call(
            examples=self._artifact(standard_artifacts.Examples, "examples"),
            transform_graph=self._artifact(standard_artifacts.TransformGraph, "graph"),
            augmented_examples=augmented,
            class_priors=self._artifact(ClassPriors, f"{name}/priors"),
            augmentation=AugmentationSettings(**settings).model_dump_json(),
            seed=seed,
            beam_pipeline=pipeline,
        )
        assert artifact_utils.decode_split_names(augmented.split_names) == ["eval", "train"]
        return Result(self.folder / name)

    def _artifact(self, kind: Any, name: str) -> Any:
        artifact = kind()
        artifact.uri = str(self.folder / name)
        if name == "examples":
            artifact.split_names = artifact_utils.encode_split_names(["eval", "train"])
        return artifact

    def _made(self, name: str) -> Path:
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        return self.folder / name


class Result:
    """What a run of the stage wrote."""

    def __init__(self, folder: Path):
        self.folder = folder

    @property
    def train(self) -> Written:
        return read(self.folder / "examples" / "Split-train")

    @property
    def priors(self) -> dict[str, Any]:
        return json.loads((self.folder / "priors" / "priors.json").read_text())

    @property
    def provenance(self) -> list[dict[str, str]]:
        with open(self.folder / "priors" / "provenance.csv", newline="") as handle:
            return list(csv.DictReader(handle))

    @property
    def files(self) -> dict[str, bytes]:
        """Every file's bytes by its path."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def stage(tmp_path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture(name="make_rows")
def make_rows_fixture():
    """The function that draws rows."""
    return make_rows
