"""Reads the artifacts into what the checks look at."""

import functools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from tfx.utils import io_utils

from components.imbalance_validator.class_statistics import sliced_classes, summarize
from components.imbalance_validator.facts import Anomaly, DataFacts
from components.imbalance_validator.find_crossings import find_crossings
from components.imbalance_validator.leakage import feature_aucs
from components.imbalance_validator.sample import sampling_rates, to_sample
from components.imbalance_validator.shard_index import (
    ShardIndex,
    read_columns,
    read_index,
    read_sample,
    write_index,
    write_sample,
)
from components.statistics_in_memory import is_small, statistics_of
from core.documents.imbalance_report import FeaturesByClass
from core.documents.split_summary import SplitSummary
from core.features import BOOKKEEPING, RECORD_TIME
from core.file_names import SPLITS_TABLE

_TRAIN = "train"
_TEXT = statistics_pb2.FeatureNameStatistics.STRING
_BY_CLASS = "FeatureStats.pb"


@dataclass(frozen=True)
class Sources:
    """The artifacts that are read; see `ImbalanceValidator`."""

    examples: Artifact
    statistics: Artifact
    schema: Artifact
    anomalies: Artifact
    previous_examples: Artifact | None


def gather(
    sources: Sources,
    pipeline: beam.Pipeline,
    folder: str,
    label: str,
    image: str | None,
    has_groups: bool,
    splits_given: bool,
    time_gap: int | None = None,
) -> tuple[DataFacts, FeaturesByClass]:
    """Reads everything the checks look at, the examples by Beam.

    Args:
        sources: The artifacts.
        pipeline: Reads the shards.
        folder: Gets TFDV's statistics by class, where there are features but the image.
        label: Feature of the class's name.
        image: Feature of the encoded image, or None.
        has_groups: Whether the records have groups.
        splits_given: Whether the data came split.
        time_gap: Microseconds that splits by time lie apart at least; None where the splits are by something else.

    Returns:
        The facts, and what `summarize` returns.
    """
    names = artifact_utils.decode_split_names(sources.examples.split_names)
    splits = (_TRAIN, *(name for name in names if name != _TRAIN))
    shards = [
        (split, number, path)
        for split in splits
        for number, path in enumerate(
            sorted(fileio.glob(f"{artifact_utils.get_split_uri([sources.examples], split)}/*"))
        )
    ]
    train_statistics = _statistics(artifact_utils.get_split_uri([sources.statistics], _TRAIN))
    types = _feature_types(train_statistics)
    train_counts = _class_counts(train_statistics, label)
    known = {
        feature.name
        for feature in io_utils.SchemaReader().read(io_utils.get_only_uri_in_dir(sources.schema.uri)).feature
    }
    columns = {
        name: kind
        for name, kind in sorted(types.items())
        if name in known and name not in (label, image, *BOOKKEEPING)
    }
    work = os.path.join(folder, "work")
    fileio.makedirs(work)
    _read_shards(pipeline, shards, columns, train_counts, label, work, os.path.join(folder, _BY_CLASS))

    indexes = [(split, read_index(split, number, work)) for split, number, _ in shards]
    classes, counts = _count_classes(indexes, splits)
    tables = [read_sample(split, number, work) for split, number, _ in shards if split == _TRAIN and columns]
    numeric = [name for name, kind in columns.items() if kind != _TEXT]
    sample = to_sample([table for table in tables if table is not None], label, classes, numeric)
    fileio.rmtree(work)
    summary = SplitSummary.read_if_there(sources.examples.uri, fileio)
    facts = DataFacts(
        classes,
        splits,
        counts,
        splits_given,
        sample,
        anomalies=_anomalies(sources.anomalies),
        aucs=feature_aucs(sample, len(classes)),
        given_copies=summary.duplicates.found if summary else 0,
        previous=_previous_counts(sources.previous_examples),
        time_gap=time_gap,
        time_spans=_time_spans(indexes),
        over_time=summary.time if summary else None,
        **find_crossings(indexes, splits, os.path.join(sources.examples.uri, SPLITS_TABLE), has_groups),
    )
    features = summarize(_by_class(folder), label, list(columns))
    return facts, features


def _read_shards(
    pipeline: beam.Pipeline,
    shards: list[tuple[str, int, str]],
    columns: dict[str, int],
    train_counts: dict[str, int],
    label: str,
    work: str,
    by_class: str,
) -> None:
    index = functools.partial(write_index, label=label, work=work)
    sample = functools.partial(
        write_sample,
        types=columns,
        label=label,
        rates=sampling_rates(train_counts, len(columns)),
        work=work,
    )
    read = functools.partial(read_columns, types={**columns, label: _TEXT})
    train = [shard for shard in shards if shard[0] == _TRAIN]
    slicer = tfdv.experimental_get_feature_value_slicer(
        {label: [name.encode() for name in sliced_classes(train_counts)]}
    )
    if is_small(path for _, _, path in shards):
        for shard in shards:
            index(*shard)
        for shard in train if columns else []:
            sample(*shard)
        if columns:
            batches = [batch for _, _, path in train for batch in read(path)]
            _write_statistics(_describe_slices(batches, slicer), by_class)
        return
    with pipeline as root:
        _ = (
            root
            | "ListShards" >> beam.Create(shards)
            | "SpreadShards" >> beam.Reshuffle()
            | "IndexShard" >> beam.MapTuple(index)
        )
        if not columns:
            return
        spread = root | "ListTrainShards" >> beam.Create(train) | "SpreadTrainShards" >> beam.Reshuffle()
        _ = spread | "SampleShard" >> beam.MapTuple(sample)
        _ = (
            spread
            | "TakePath" >> beam.Map(lambda shard: shard[2])
            | "ReadColumns" >> beam.FlatMap(read)
            | "DescribeClasses"
            >> tfdv.GenerateStatistics(tfdv.StatsOptions(experimental_slice_functions=[slicer]))
            | "WriteStatistics" >> tfdv.WriteStatisticsToBinaryFile(by_class)
        )


def _statistics(split_uri: str) -> statistics_pb2.DatasetFeatureStatistics:
    with fileio.open(os.path.join(split_uri, "FeatureStats.pb"), "rb") as handle:
        return statistics_pb2.DatasetFeatureStatisticsList.FromString(handle.read()).datasets[0]


def _by_class(folder: str) -> statistics_pb2.DatasetFeatureStatisticsList:
    path = os.path.join(folder, _BY_CLASS)
    if not fileio.exists(path):
        return statistics_pb2.DatasetFeatureStatisticsList()
    with fileio.open(path, "rb") as handle:
        return statistics_pb2.DatasetFeatureStatisticsList.FromString(handle.read())


def _feature_types(statistics: statistics_pb2.DatasetFeatureStatistics) -> dict[str, int]:
    return {feature.path.step[0]: feature.type for feature in statistics.features}


def _class_counts(statistics: statistics_pb2.DatasetFeatureStatistics, label: str) -> dict[str, int]:
    """Counts train's classes; those beyond the thousand commonest may be left out."""
    for feature in statistics.features:
        if feature.path.step[0] == label:
            return {
                bucket.label: int(bucket.sample_count)
                for bucket in feature.string_stats.rank_histogram.buckets
            }
    return {}


def _describe_slices(
    batches: list[pa.RecordBatch], slicer: Callable[[pa.RecordBatch], Iterable[tuple[str, pa.RecordBatch]]]
) -> statistics_pb2.DatasetFeatureStatisticsList:
    """Returns the statistics of all records, and those of each slice under its name."""
    parts: dict[str, list[pa.RecordBatch]] = {}
    for batch in batches:
        for name, part in slicer(batch):
            parts.setdefault(name, []).append(part)
    named = [("All Examples", batches), *sorted(parts.items())]
    return statistics_pb2.DatasetFeatureStatisticsList(
        datasets=[
            statistics_of(joined, name)
            for name, pieces in named
            for joined in pa.Table.from_batches(pieces).combine_chunks().to_batches()
        ]
    )


def _write_statistics(statistics: statistics_pb2.DatasetFeatureStatisticsList, path: str) -> None:
    with fileio.open(path, "wb") as handle:
        handle.write(statistics.SerializeToString(deterministic=True))


def _count_classes(
    indexes: list[tuple[str, ShardIndex]], splits: tuple[str, ...]
) -> tuple[tuple[str, ...], np.ndarray]:
    classes = tuple(sorted({name for _, index in indexes for name in index.classes}))
    place = {name: number for number, name in enumerate(classes)}
    counts = np.zeros((len(splits), len(classes)), np.int64)
    for split, index in indexes:
        held = np.bincount(index.labels, minlength=len(index.classes))
        for name, count in zip(index.classes, held, strict=True):
            counts[splits.index(split), place[name]] += count
    return classes, counts


def _time_spans(indexes: list[tuple[str, ShardIndex]]) -> dict[str, tuple[int, int]]:
    """Returns each split's earliest and latest time, as the shards have them."""
    times: dict[str, list[int]] = {}
    for split, index in indexes:
        times.setdefault(split, []).extend(index.times.tolist())
    return {split: (min(found), max(found)) for split, found in times.items() if found}


def _anomalies(artifact: Artifact) -> tuple[Anomaly, ...]:
    found = []
    for split in artifact_utils.decode_split_names(artifact.split_names):
        path = os.path.join(artifact_utils.get_split_uri([artifact], split), "SchemaDiff.pb")
        with fileio.open(path, "rb") as handle:
            anomalies = anomalies_pb2.Anomalies.FromString(handle.read())
        infos = dict(anomalies.anomaly_info)
        if anomalies.HasField("dataset_anomaly_info"):
            infos[""] = anomalies.dataset_anomaly_info
        # No schema that was reviewed before the records had times has them, and no input of the model is one.
        infos.pop(RECORD_TIME, None)
        for feature, info in sorted(infos.items()):
            hard = info.severity == anomalies_pb2.AnomalyInfo.ERROR
            found.append(Anomaly(split, feature, "hard" if hard else "soft", info.description))
    return tuple(found)


def _previous_counts(previous: Artifact | None) -> dict[str, int] | None:
    """Counts the last run's classes; None where there was none, or somebody has cleared its files away."""
    summary = None if previous is None else SplitSummary.read_if_there(previous.uri, fileio)
    if summary is None:
        return None
    return {name: sum(counts.values()) for name, counts in summary.classes.items()}
