"""Measures MinorityAugmenter's time against imbalanced-learn's, and its memory against the size of the common class.

Usage: python -m benchmarks.augmenter path/to/cs-training.csv (Give Me Some Credit; some ten minutes on 2 cores).

Time is that of the stage in this process with Beam's in-process runner, start-up of Python left out, against
`fit_resample` of the same columns and writing the same new rows by tfx_bsl. Memory is the peak of a process that
brings 5,000 rare rows to as many as there are common ones: 50,000, 200,000, 800,000.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

LABEL_COLUMN = "SeriousDlqin2yrs"
FACTORS = (1, 4, 16)
_RARE_ROWS = 5_000
_SHARDS = 4
_COMMON_ROWS = 50_000


def read_table(path: str) -> tuple[Any, np.ndarray]:
    """Reads the CSV as Transform would leave it: z-scores, missing cells flagged and replaced by the median."""
    import pandas as pd

    from components.minority_augmenter.rows import Rows

    table = pd.read_csv(path)
    # The original file numbers its rows in a column without a name.
    table = table.drop(columns=[name for name in table.columns if name.startswith("Unnamed")])
    labels = table.pop(LABEL_COLUMN).to_numpy(np.int64)
    flags = table.isna().to_numpy(np.float32)
    filled = table.fillna(table.median()).to_numpy(np.float64)
    numeric = ((filled - filled.mean(axis=0)) / filled.std(axis=0)).astype(np.float32)
    return Rows(numeric, flags, np.empty((len(labels), 0), np.int64)), labels


def write_examples(folder: Path, parts: list[tuple[Any, np.ndarray]]) -> None:
    """Writes rows as transformed examples, a shard a part, and what Transform says of them."""
    import tensorflow as tf
    from tensorflow_transform.tf_metadata import dataset_metadata, metadata_io, schema_utils

    from components.examples_io import encode_examples, shard_path, write_shard
    from components.minority_augmenter.records import columns_of
    from core.features import CLASSES_VOCABULARY, KEY, LABEL, MISSING, NUMERIC

    first = 0
    (folder / "examples/Split-train").mkdir(parents=True)
    for number, (rows, labels) in enumerate(parts):
        keys = [f"row {first + row}".encode() for row in range(len(labels))]
        examples = encode_examples(columns_of(rows, labels, keys, None))
        write_shard(shard_path(str(folder / "examples/Split-train"), number, len(parts)), examples)
        first += len(labels)
    width = parts[0][0].numeric.shape[1:]
    spec = {
        LABEL: tf.io.FixedLenFeature([], tf.int64),
        KEY: tf.io.FixedLenFeature([], tf.string),
        NUMERIC: tf.io.FixedLenFeature(width, tf.float32),
        MISSING: tf.io.FixedLenFeature(width, tf.float32),
    }
    metadata = dataset_metadata.DatasetMetadata(schema_utils.schema_from_feature_spec(spec))
    metadata_io.write_metadata(metadata, str(folder / "graph/transformed_metadata"))
    (folder / "graph/transform_fn/assets").mkdir(parents=True)
    (folder / "graph/transform_fn/assets" / CLASSES_VOCABULARY).write_text("common\nrare\n")


def run_stage(folder: Path, name: str, **settings: Any) -> float:
    """Runs the stage and returns its seconds."""
    import apache_beam as beam
    from tfx.types import artifact_utils, standard_artifacts

    from components.artifacts import ClassPriors
    from components.minority_augmenter.component import MinorityAugmenter
    from core.augmentation.settings import AugmentationSettings

    def artifact(kind: Any, place: str) -> Any:
        made = kind()
        made.uri = str(folder / place)
        return made

    examples = artifact(standard_artifacts.Examples, "examples")
    examples.split_names = artifact_utils.encode_split_names(["train"])
    start = time.monotonic()
    MinorityAugmenter.test_call(
        examples=examples,
        transform_graph=artifact(standard_artifacts.TransformGraph, "graph"),
        augmented_examples=artifact(standard_artifacts.Examples, f"{name}/examples"),
        class_priors=artifact(ClassPriors, f"{name}/priors"),
        augmentation=AugmentationSettings(**settings).model_dump_json(),
        seed=0,
        beam_pipeline=beam.Pipeline(),
    )
    return time.monotonic() - start


def run_imbalanced_learn(rows: Any, labels: np.ndarray, folder: Path) -> float:
    """Does the same by imbalanced-learn and tfx_bsl, and returns the seconds."""
    import pyarrow as pa
    import tensorflow as tf
    from imblearn.over_sampling import SMOTENC
    from tfx_bsl.coders import example_coder

    from components.minority_augmenter.records import columns_of
    from components.minority_augmenter.rows import Rows

    start = time.monotonic()
    width = rows.numeric.shape[1]
    varying = np.flatnonzero(rows.flags.any(axis=0))
    columns = np.hstack([rows.numeric, rows.flags[:, varying]]).astype(np.float64)
    sampler = SMOTENC(categorical_features=list(range(width, columns.shape[1])), random_state=0)
    made, made_labels = (part[len(labels) :] for part in sampler.fit_resample(columns, labels))
    flags = np.zeros((len(made), width), np.float32)
    flags[:, varying] = made[:, width:]
    new = Rows(made[:, :width].astype(np.float32), flags, np.empty((len(made), 0), np.int64))
    keys = [f"new {row}".encode() for row in range(len(made))]
    features = columns_of(new, made_labels, keys, None)
    batch = pa.RecordBatch.from_arrays(list(features.values()), list(features))
    path = str(folder / "imbalanced_learn.gz")
    with tf.io.TFRecordWriter(path, tf.io.TFRecordOptions(compression_type="GZIP")) as writer:
        for example in example_coder.RecordBatchToExamplesEncoder().encode(batch):
            writer.write(example)
    return time.monotonic() - start


def measure_time(path: str) -> None:
    rows, labels = read_table(path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shards = np.array_split(np.arange(len(labels)), _SHARDS)
        write_examples(folder, [(rows.take(shard), labels[shard]) for shard in shards])
        run_stage(folder, "warm_up", tabular="none")
        stage = run_stage(folder, "stage", tabular="smote")
        passing = run_stage(folder, "passing", tabular="none")
        theirs = run_imbalanced_learn(rows, labels, folder)
    print(f"{len(labels)} rows to 1:1: stage {stage:.1f} s, fit_resample and writing {theirs:.1f} s")
    print(f"ratio: {stage / theirs:.2f} (with nothing asked, the stage takes {passing:.1f} s)", flush=True)


def measure_memory(factor: int) -> float:
    """Brings 5,000 rare rows to 50,000 common ones times a factor; returns the stage's peak in MiB."""
    from components.minority_augmenter.rows import Rows

    random = np.random.default_rng(0)

    def part(label: int, size: int) -> tuple[Any, np.ndarray]:
        numeric = random.normal(size=(size, 10)).astype(np.float32)
        flags = (random.random((size, 10)) < 0.1).astype(np.float32)
        return Rows(numeric, flags, np.empty((size, 0), np.int64)), np.full(size, label)

    with tempfile.TemporaryDirectory() as folder:
        common = [part(0, _COMMON_ROWS) for _ in range(factor)]
        write_examples(Path(folder), [part(1, _RARE_ROWS), *common])
        # In a process of its own: what writing the data takes must not count.
        command = [sys.executable, "-m", "benchmarks.augmenter", "--written", folder]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return float(done.stdout.decode().splitlines()[-1])


def print_peak(folder: str) -> None:
    """Runs the stage on examples written before, and prints this process's peak memory in MiB."""
    run_stage(Path(folder), "stage", tabular="smote")
    # getrusage would count the parent's memory, of which a new process is a copy for a moment.
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) / 1024)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("path", nargs="?", help="cs-training.csv")
    parser.add_argument("--written", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.written:
        print_peak(words.written)
        return
    if not words.path:
        parser.error("give the path of cs-training.csv")
    measure_time(words.path)
    peaks = {}
    for factor in FACTORS:
        peaks[factor] = measure_memory(factor)
        print(
            f"{factor * _COMMON_ROWS:>7} common rows: {peaks[factor]:.0f} MiB, ratio {peaks[factor] / peaks[1]:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
