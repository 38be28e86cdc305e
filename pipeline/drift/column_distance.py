"""Measures how far the columns of new records are from those the model was trained on."""

import os

import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import statistics_pb2

from components.drift_watch.drift_report import Column, Limits
from components.drift_watch.feature_distance import feature_distances
from components.drift_watch.feature_shares import features_of, missing_share, unknown_share
from components.stratified_example_gen.columns import Role
from core.features import categories_vocabulary
from pipeline.pushed_run import PushedRun


def compare_columns(run: PushedRun, table: str, roles: dict[str, Role], limits: Limits) -> tuple[Column, ...]:
    """Compares columns by TFDV's statistics.

    Args:
        run: The run that pushed the model, with the statistics of its splits.
        table: A gzipped TFRecord of the new records' tf.Examples.
        roles: The columns and what they hold.
        limits: What counts as drift.

    Returns:
        Every column: its distance from train, and what is missing or unknown in it against test.
    """
    new = tfdv.generate_statistics_from_tfrecord(
        table, stats_options=tfdv.StatsOptions(feature_allowlist=list(roles))
    )
    train, test = (
        tfdv.load_stats_binary(os.path.join(run.statistics, f"Split-{split}", "FeatureStats.pb"))
        for split in ("train", "test")
    )
    numeric = [name for name, role in roles.items() if role != "category"]
    # In the order in which the model's vocabularies are numbered.
    categorical = sorted(name for name, role in roles.items() if role == "category")
    distances = feature_distances(new, train, numeric, categorical, limits.max_distance)
    return tuple(
        Column(
            distance,
            _missing(distance.name, test, new),
            _unknown(distance.name, test, new, run.model, categorical.index(distance.name))
            if distance.name in categorical
            else (None, None),
        )
        for distance in distances
    )


def _missing(
    name: str,
    test: statistics_pb2.DatasetFeatureStatisticsList,
    new: statistics_pb2.DatasetFeatureStatisticsList,
) -> tuple[float, float]:
    before, after = (
        missing_share(features_of(one).get(name), one.datasets[0].num_examples) for one in (test, new)
    )
    return before, after


def _unknown(
    name: str,
    test: statistics_pb2.DatasetFeatureStatisticsList,
    new: statistics_pb2.DatasetFeatureStatisticsList,
    model: str,
    position: int,
) -> tuple[float | None, float | None]:
    path = os.path.join(model, "assets", categories_vocabulary(position))
    with open(path, encoding="utf-8", errors="replace") as handle:
        known = set(handle.read().split("\n"))
    before, after = (unknown_share(features_of(one).get(name), known) for one in (test, new))
    return before, after
