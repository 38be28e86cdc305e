"""Statistics of few records against NumPy, and against TFX's own executor."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types import artifact_utils, standard_artifacts

from components import statistics_in_memory
from components.examples_io import encode_examples, shard_path, write_shard
from components.statistics_gen.component import Executor

WEIGHTS = {"train": [1.5, None, -2.0, 7.25, 7.25], "eval": [None, 4.0], "test": []}
COLOURS = {"train": ["red", "red", None, "grün", "blue"], "eval": ["red", None], "test": []}


@pytest.fixture
def statistics_by(tmp_path):
    """Runs the executor over three splits, one without a record, into a folder of a name; returns its statistics."""
    examples = standard_artifacts.Examples()
    examples.uri, examples.span = str(tmp_path / "examples"), 3
    examples.split_names = artifact_utils.encode_split_names(list(WEIGHTS))
    for split in WEIGHTS:
        columns = {
            "weight": pa.array([None if v is None else [v] for v in WEIGHTS[split]], pa.list_(pa.float32())),
            "colour": pa.array(
                [None if v is None else [v.encode()] for v in COLOURS[split]], pa.list_(pa.binary())
            ),
        }
        folder = tmp_path / "examples" / f"Split-{split}"
        folder.mkdir(parents=True)
        records = encode_examples(columns) if WEIGHTS[split] else []
        for number, part in enumerate((records[:2], records[2:])):
            write_shard(shard_path(str(folder), number, 2), part)

    def run(name: str) -> dict[str, statistics_pb2.DatasetFeatureStatistics]:
        made = standard_artifacts.ExampleStatistics()
        made.uri = str(tmp_path / name)
        context = BaseBeamExecutor.Context(beam_pipeline_args=[], tmp_dir=str(tmp_path), unique_id="1")
        Executor(context).Do({"examples": [examples]}, {"statistics": [made]}, {})
        assert artifact_utils.decode_split_names(made.split_names) == list(WEIGHTS) and made.span == 3
        found = {}
        for split in WEIGHTS:
            path = Path(made.uri, f"Split-{split}", "FeatureStats.pb")
            [found[split]] = statistics_pb2.DatasetFeatureStatisticsList.FromString(
                path.read_bytes()
            ).datasets
        return found

    return run


def test_numbers_and_texts_are_described(statistics_by):
    train = statistics_by("made")["train"]
    assert train.num_examples == 5
    described = {feature.path.step[0]: feature for feature in train.features}
    weights = np.array([value for value in WEIGHTS["train"] if value is not None])
    numbers = described["weight"].num_stats
    assert (numbers.common_stats.num_missing, numbers.min, numbers.max) == (1, -2.0, 7.25)
    assert (numbers.mean, numbers.std_dev) == pytest.approx((weights.mean(), weights.std()))
    texts = described["colour"].string_stats
    assert (texts.unique, texts.common_stats.num_non_missing) == (3, 4)
    assert (texts.top_values[0].value, texts.top_values[0].frequency) == ("red", 2)


def test_they_are_those_of_tfx(statistics_by, monkeypatch):
    made = statistics_by("made")
    monkeypatch.setattr(statistics_in_memory, "MOST_BYTES", -1)
    assert statistics_by("by_tfx") == made
