"""Summarises TFDV's statistics of train class by class, for the report."""

from collections.abc import Sequence

from tensorflow_metadata.proto.v0 import statistics_pb2

from core.documents.imbalance_report import CategorySummary, FeaturesByClass, NumberSummary

MOST_CLASSES = 20
_TOP_CATEGORIES = 5


def sliced_classes(counts: dict[str, int]) -> list[str]:
    """Chooses the classes that get statistics of their own: all, or the 20 rarest and commonest.

    Args:
        counts: Class to its records in train.
    """
    ordered = sorted((name for name, count in counts.items() if count), key=lambda name: (counts[name], name))
    half = MOST_CLASSES // 2
    return ordered if len(ordered) <= MOST_CLASSES else ordered[:half] + ordered[-half:]


def summarize(
    statistics: statistics_pb2.DatasetFeatureStatisticsList, label: str, columns: Sequence[str]
) -> FeaturesByClass:
    """Takes out of the sliced statistics what is compared between classes.

    Args:
        statistics: Statistics of all of train and of slices named `<label>_<class>`.
        label: Feature of the class's name.
        columns: Features to take.
    """
    numeric: dict[str, dict[str, NumberSummary]] = {}
    categorical: dict[str, dict[str, CategorySummary]] = {}
    for dataset in statistics.datasets:
        if not dataset.name.startswith(f"{label}_"):
            continue
        name, total = dataset.name.removeprefix(f"{label}_"), int(dataset.num_examples)
        for feature in dataset.features:
            column = feature.path.step[0] if feature.path.step else feature.name
            if column not in columns:
                continue
            if feature.WhichOneof("stats") == "num_stats":
                numeric.setdefault(column, {})[name] = _numbers(feature.num_stats, total)
            elif feature.WhichOneof("stats") == "string_stats":
                categorical.setdefault(column, {})[name] = _texts(feature.string_stats, total)
    return FeaturesByClass(
        numeric={name: numeric[name] for name in columns if name in numeric},
        categorical={name: categorical[name] for name in columns if name in categorical},
    )


def _missing(common: statistics_pb2.CommonStatistics, total: int) -> float:
    return 1 - common.num_non_missing / total if total else 0.0


def _numbers(stats: statistics_pb2.NumericStatistics, total: int) -> NumberSummary:
    present = stats.common_stats.num_non_missing > 0
    return NumberSummary(
        count=total,
        missing=_missing(stats.common_stats, total),
        mean=stats.mean if present else None,
        median=stats.median if present else None,
        deviation=stats.std_dev if present else None,
    )


def _texts(stats: statistics_pb2.StringStatistics, total: int) -> CategorySummary:
    return CategorySummary(
        count=total,
        missing=_missing(stats.common_stats, total),
        top=tuple((top.value, top.frequency / total) for top in stats.top_values[:_TOP_CATEGORIES]),
    )
