"""Shares of missing and of unknown values of a column, out of statistics of TensorFlow Data Validation."""

from collections.abc import Collection

from tensorflow_metadata.proto.v0 import statistics_pb2


def features_of(
    statistics: statistics_pb2.DatasetFeatureStatisticsList,
) -> dict[str, statistics_pb2.FeatureNameStatistics]:
    """Returns the statistics by column."""
    [dataset] = statistics.datasets
    return {feature.path.step[0]: feature for feature in dataset.features}


def num_present(feature: statistics_pb2.FeatureNameStatistics | None) -> int:
    """Counts the values that a column has; a column that no record has is not in the statistics."""
    return 0 if feature is None else _common(feature).num_non_missing


def missing_share(feature: statistics_pb2.FeatureNameStatistics | None, num_records: int) -> float:
    """Returns the share of the records without a value, in [0, 1]."""
    return 1 - num_present(feature) / num_records


def unknown_share(
    feature: statistics_pb2.FeatureNameStatistics | None, known: Collection[str]
) -> float | None:
    """Returns the share of a column's values that are not known, in [0, 1]; None of a column without values.

    Statistics hold a column's 1000 most frequent values; the share is that among these.
    """
    buckets = [] if feature is None else feature.string_stats.rank_histogram.buckets
    total = sum(bucket.sample_count for bucket in buckets)
    if not total:
        return None
    return sum(bucket.sample_count for bucket in buckets if bucket.label not in known) / total


def _common(feature: statistics_pb2.FeatureNameStatistics) -> statistics_pb2.CommonStatistics:
    kind = feature.WhichOneof("stats")
    return getattr(feature, kind).common_stats
