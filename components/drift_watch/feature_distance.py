"""Distance of new data's columns from those of train, as TensorFlow Data Validation measures it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow_data_validation as tfdv
from scipy.stats import chi2, norm
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from components.drift_watch.feature_shares import features_of, num_present

INFINITY_NORM, JENSEN_SHANNON = "infinity norm", "Jensen-Shannon"
_TYPES = {
    statistics_pb2.FeatureNameStatistics.INT: schema_pb2.INT,
    statistics_pb2.FeatureNameStatistics.FLOAT: schema_pb2.FLOAT,
    statistics_pb2.FeatureNameStatistics.STRING: schema_pb2.BYTES,
}
_FALSE_ALARMS = 0.01
# Two histograms of ten buckets each are compared on the buckets between all of their edges.
_NUM_BUCKETS = 20


@dataclass(frozen=True)
class FeatureDistance:
    """A column's distance between new data and train.

    Attributes:
        name: The column.
        measure: INFINITY_NORM of a category's shares, JENSEN_SHANNON for numbers.
        distance: In [0, 1]; None where the column is empty on either side.
        limit: What it must stay within.
    """

    name: str
    measure: str
    distance: float | None
    limit: float

    @property
    def drifted(self) -> bool:
        return self.distance is not None and self.distance > self.limit


def feature_distances(
    new: statistics_pb2.DatasetFeatureStatisticsList,
    train: statistics_pb2.DatasetFeatureStatisticsList,
    numeric: Collection[str],
    categorical: Collection[str],
    max_distance: float,
) -> list[FeatureDistance]:
    """Measures every column.

    Args:
        new: Statistics of the new data.
        train: Statistics of the train split.
        numeric: Columns of numbers.
        categorical: Columns of text.
        max_distance: The limit, in (0, 1]; raised where so few values would pass it by chance.

    Returns:
        The distances, numbers first.
    """
    new, train = _with_equal_ends(new, train)
    schema = schema_pb2.Schema()
    types = {name: feature.type for name, feature in features_of(train).items()}
    for name in (*numeric, *categorical):
        # TFDV measures nothing of a feature whose type the schema leaves open.
        kind = _TYPES.get(types.get(name), schema_pb2.FLOAT)
        comparator = schema.feature.add(name=name, type=kind).drift_comparator
        if name in categorical:
            comparator.infinity_norm.threshold = max_distance
        else:
            comparator.jensen_shannon_divergence.threshold = max_distance
            # Buckets of equal width would let a single far value push all others into one.
            comparator.jensen_shannon_divergence.source.type = schema_pb2.HistogramSelection.QUANTILES
    anomalies = tfdv.validate_statistics(new, schema, previous_statistics=train)
    measured = _measured(anomalies)
    before, after = features_of(train), features_of(new)
    distances = []
    for name in (*numeric, *categorical):
        measure = INFINITY_NORM if name in categorical else JENSEN_SHANNON
        sizes = (num_present(before.get(name)), num_present(after.get(name)))
        limit = max(max_distance, chance_distance(measure, *sizes, len(numeric) + len(categorical)))
        distances.append(FeatureDistance(name, measure, measured.get(name) if all(sizes) else None, limit))
    return distances


def _with_equal_ends(
    *both: statistics_pb2.DatasetFeatureStatisticsList,
) -> list[statistics_pb2.DatasetFeatureStatisticsList]:
    """Lets the outermost buckets of each column's quantiles reach equally far in both statistics.

    A bucket counts as filled evenly: one far value would spread its tenth of the records to where there are none.
    """
    copies = []
    for one in both:
        copies.append(statistics_pb2.DatasetFeatureStatisticsList())
        copies[-1].CopyFrom(one)
    first, second = (
        {name: buckets for name, feature in features_of(one).items() if (buckets := _quantiles(feature))}
        for one in copies
    )
    for name in first.keys() & second.keys():
        pair = (first[name], second[name])
        low = min(buckets[0].low_value for buckets in pair)
        high = max(buckets[-1].high_value for buckets in pair)
        for buckets in pair:
            buckets[0].low_value, buckets[-1].high_value = low, high
    return copies


def _quantiles(feature: statistics_pb2.FeatureNameStatistics) -> Any:
    for histogram in feature.num_stats.histograms:
        if histogram.type == statistics_pb2.Histogram.QUANTILES:
            return histogram.buckets
    return None


def chance_distance(measure: str, n: int, m: int, num_features: int) -> float:
    """Returns the distance that samples of one distribution pass in less than 1 % of all comparisons.

    With v = 1/n + 1/m, Jensen-Shannon's divergence of equal weights over k buckets is about v χ²(k - 1) / (8 ln 2)
    in bits, and a category's share moves by at most √(v / 4) times a normal variable.

    Args:
        measure: INFINITY_NORM or JENSEN_SHANNON.
        n: Number of values on one side.
        m: Number on the other.
        num_features: Columns that are compared together.
    """
    if not n or not m:
        return 1.0
    variance, tail = 1 / n + 1 / m, _FALSE_ALARMS / num_features
    if measure == JENSEN_SHANNON:
        return float(variance * chi2.ppf(1 - tail, _NUM_BUCKETS - 1) / (8 * np.log(2)))
    return float(np.sqrt(variance / 4) * norm.ppf(1 - tail / 2))


def _measured(anomalies: anomalies_pb2.Anomalies) -> dict[str, float]:
    return {
        info.path.step[0]: info.drift_measurements[0].value
        for info in anomalies.drift_skew_info
        if info.drift_measurements
    }
