import numpy as np
import pandas as pd
import pytest
import tensorflow_data_validation as tfdv

from components.drift_watch.feature_distance import (
    INFINITY_NORM,
    JENSEN_SHANNON,
    chance_distance,
    feature_distances,
)
from components.drift_watch.feature_shares import features_of, missing_share, unknown_share


def statistics(**columns):
    return tfdv.generate_statistics_from_dataframe(pd.DataFrame(columns))


def table(n, seed, width=0.0, west=0.0):
    random = np.random.default_rng(seed)
    return {
        "width": random.normal(width, 1, n),
        "line": np.where(random.random(n) < west, "west", random.choice(["north", "south"], n)),
    }


@pytest.fixture(scope="module")
def train():
    return statistics(**table(4000, 0))


def distances(new, train):
    return {one.name: one for one in feature_distances(new, train, ["width"], ["line"], 0.1)}


def test_data_of_the_same_kind_do_not_drift(train):
    found = distances(statistics(**table(1000, 1)), train)
    assert all(one.distance < 0.05 for one in found.values())
    assert found["width"].measure == JENSEN_SHANNON and found["line"].measure == INFINITY_NORM


def test_a_category_that_gains_shows_as_the_share_it_gained(train):
    columns = table(1000, 1, west=0.3)
    found = distances(statistics(**columns), train)
    assert found["line"].distance == pytest.approx(np.mean(columns["line"] == "west"), abs=0.02)
    assert found["line"].drifted and not found["width"].drifted


def test_numbers_that_move_drift(train):
    assert distances(statistics(**table(1000, 1, width=1.5)), train)["width"].drifted


@pytest.mark.parametrize("far_in", ["new", "train"])
def test_one_far_value_is_no_drift(far_in, train):
    columns, other = table(1000, 1), train
    columns["width"][0] = 1e9
    new = statistics(**columns)
    if far_in == "train":
        new, other = other, new
    assert distances(new, other)["width"].distance < 0.05


@pytest.mark.parametrize(("share", "drifts"), [(0.32, False), (0.7, True)])
def test_numbers_of_two_values_drift_where_their_shares_do(share, drifts):
    first, second = (statistics(flag=(np.arange(2000) < 2000 * one).astype(np.int64)) for one in (0.3, share))
    [found] = feature_distances(second, first, ["flag"], [], 0.1)
    assert found.drifted == drifts, found


def test_few_records_need_more_to_be_sure(train):
    few = [distances(statistics(**table(20, seed)), train) for seed in range(5)]
    assert not any(one.drifted for found in few for one in found.values())
    assert all(one.limit > 0.1 for found in few for one in found.values())


def test_a_column_without_values_has_no_distance(train):
    new = statistics(width=np.full(50, np.nan), line=np.full(50, "north"))
    found = distances(new, train)["width"]
    assert found.distance is None and not found.drifted
    assert missing_share(features_of(new).get("width"), 50) == 1


def test_chance_shrinks_with_the_number_of_values():
    for measure in (INFINITY_NORM, JENSEN_SHANNON):
        assert chance_distance(measure, 100_000, 100_000, 5) < 0.02 < chance_distance(measure, 50, 50, 5)


def test_shares_of_missing_and_unknown_values_are_counted():
    features = features_of(statistics(line=["north", None, "west", "west", "south"]))
    assert missing_share(features["line"], 5) == pytest.approx(0.2)
    assert unknown_share(features["line"], {"north", "south"}) == pytest.approx(0.5)
    assert unknown_share(None, {"north"}) is None
