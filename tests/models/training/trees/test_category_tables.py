import numpy as np
import pytest

from models.settings import TreesSettings
from models.training.trees.catboost_classifier import catboost_classifier, catboost_pool
from models.training.trees.category_tables import CategoricalColumns, category_tables, num_rows
from models.training.trees.exported_trees import exported
from tests.models.training.trees.made_records import made_records

SIZES = (2, 4, 13)


@pytest.mark.parametrize("num_classes", [2, 3])
def test_statistics_are_those_of_the_records_with_the_same_parts(num_classes):
    train = made_records(2, 800, num_classes, sizes=SIZES)
    asked = TreesSettings(iterations=60, depth=6, learning_rate=0.3)
    model = exported(catboost_classifier(train, None, asked, 0), catboost_pool(train))
    hashes = {int(known["value"]): known["hash"] for known in model["features_info"]["cat_features_hash"]}
    # One category more than the records have.
    columns = CategoricalColumns((2, 4, 14), hashes, {0: 2})
    tables = category_tables(model, columns)
    features = np.hstack([np.where(train.missing, np.nan, train.numeric), np.eye(2)[train.categorical[:, 0]]])
    holds = [features[:, feature] > border for feature, border in tables.conditions]
    parts = np.column_stack([train.categorical, *holds]).astype(int)
    ctrs = model["features_info"]["ctrs"]
    assert {ctr["ctr_type"] for ctr in ctrs} == {"Borders", "Counter"}
    if num_classes == 2:
        kinds = {each["combination_element"] for ctr in ctrs for each in ctr["elements"]}
        assert kinds == {"cat_feature_value", "cat_feature_exact_value", "float_feature"}
    for ctr, (combination, place) in zip(ctrs, tables.places, strict=True):
        rows = tables.offsets[combination] + parts @ tables.strides[:, combination]
        of_row = rows == rows[:, None]
        if ctr["ctr_type"] == "Borders":
            above = of_row @ (train.labels > ctr["target_border_idx"]).astype(int)
            of = of_row.sum(axis=1)
        else:
            above, of = of_row.sum(axis=1), of_row.sum(axis=1).max()
        expected = 15 * (above + ctr["prior_numerator"]) / (of + 1)
        np.testing.assert_allclose(tables.statistics[rows, place], expected, rtol=1e-6)
        if ctr["ctr_type"] == "Borders" and tables.strides[2, combination]:
            unseen = tables.offsets[combination] + 13 * tables.strides[2, combination]
            assert tables.statistics[unseen, place] == 15 * ctr["prior_numerator"]
    assert num_rows(model, columns.sizes) == len(tables.statistics)
