import numpy as np
import pyarrow as pa
import pytest
import tensorflow_data_validation as tfdv
from apache_beam import Create, Pipeline
from tensorflow_metadata.proto.v0 import statistics_pb2

from components.imbalance_validator.class_statistics import MOST_CLASSES, sliced_classes, summarize

LABELS = ["cat"] * 4 + ["dog"] * 6
WEIGHT = [1.0, 2.0, 3.0, None, 10, 20, 30, 40, 50, 90]
COLOUR = ["red", "red", "blue", None] + ["green"] * 6


@pytest.fixture(scope="module")
def statistics(tmp_path_factory) -> statistics_pb2.DatasetFeatureStatisticsList:
    """What TFDV says of ten records, sliced by class."""

    def texts(values):
        cells = [None if value is None else [value.encode()] for value in values]
        return pa.array(cells, pa.large_list(pa.large_binary()))

    weight = [None if value is None else [value] for value in WEIGHT]
    batch = pa.RecordBatch.from_arrays(
        [texts(LABELS), pa.array(weight, pa.large_list(pa.float32())), texts(COLOUR)],
        ["y", "weight", "colour"],
    )
    path = str(tmp_path_factory.mktemp("statistics") / "stats.pb")
    slicer = tfdv.experimental_get_feature_value_slicer({"y": [b"cat", b"dog"]})
    options = tfdv.StatsOptions(experimental_slice_functions=[slicer])
    with Pipeline() as pipeline:
        described = pipeline | Create([batch]) | tfdv.GenerateStatistics(options)
        _ = described | tfdv.WriteStatisticsToBinaryFile(path)
    return tfdv.load_stats_binary(path)


def test_numbers_and_categories_of_each_class_are_those_counted_by_hand(statistics):
    summary = summarize(statistics, "y", ["weight", "colour"])
    cat, dog = summary.numeric["weight"]["cat"], summary.numeric["weight"]["dog"]
    assert (cat.count, cat.missing, cat.mean, cat.median) == (4, 0.25, 2, 2)
    assert (dog.count, dog.missing, dog.mean) == (6, 0, 40)
    assert dog.deviation == pytest.approx(np.std(WEIGHT[4:]))
    colours = summary.categorical["colour"]
    assert colours["cat"].as_dict() == {"count": 4, "missing": 0.25, "top": (("red", 0.5), ("blue", 0.25))}
    assert colours["dog"].as_dict() == {"count": 6, "missing": 0, "top": (("green", 1),)}


def test_only_the_columns_asked_for_are_taken(statistics):
    summary = summarize(statistics, "y", ["colour"])
    assert summary.numeric == {} and list(summary.categorical) == ["colour"]


def test_of_very_many_classes_the_rarest_and_commonest_are_described():
    counts = {f"c{number}": 1000 - number for number in range(100)}
    chosen = sliced_classes({**counts, "empty": 0})
    assert len(chosen) == MOST_CLASSES
    assert chosen[0] == "c99" and chosen[-1] == "c0" and "empty" not in chosen
    assert sliced_classes({"b": 2, "a": 9}) == ["b", "a"]
