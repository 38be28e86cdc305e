import numpy as np
import pytest
import tensorflow as tf
from catboost import CatBoostClassifier
from hypothesis import given, settings
from hypothesis import strategies as st

from models.network.classifier import InputShape
from models.network.trees.trees_model import trees_model
from models.settings import TreesSettings
from models.training.trees.catboost_classifier import catboost_classifier, catboost_pool
from models.training.trees.exported_trees import exported, exported_trees
from tests.models.training.trees.made_records import SIZES, made_records


def raw_values(fitted, records):
    """Runs the model; returns logits, of two classes the second one's."""
    columns = {"numeric": records.numeric, "missing": records.missing, "categorical": records.categorical}
    inputs = {name: tf.constant(values) for name, values in columns.items() if values.shape[1]}
    logits = trees_model(InputShape(None, fitted.num_numeric, fitted.categorical_sizes), fitted)(inputs)
    return np.asarray(logits)[:, 1:] if len(fitted.bias) == 1 else np.asarray(logits)


@given(
    seed=st.integers(0, 2**32 - 2),
    num_classes=st.integers(2, 5),
    depth=st.integers(1, 8),
    rate=st.floats(0.01, 1),
    one_hot_max_size=st.integers(2, 5),
    sizes=st.sampled_from([(), SIZES, (3, 40)]),
)
@settings(max_examples=6)
def test_raw_values_are_those_of_catboost(seed, num_classes, depth, rate, one_hot_max_size, sizes):
    train = made_records(seed, num_classes=num_classes, sizes=sizes, weighted=True)
    asked = TreesSettings(iterations=8, depth=depth, learning_rate=rate, one_hot_max_size=one_hot_max_size)
    model = catboost_classifier(train, None, asked, seed)
    new = made_records(seed + 1, sizes=sizes)
    expected = model.predict(catboost_pool(new), prediction_type="RawFormulaVal").reshape(len(new), -1)
    fitted = exported_trees(exported(model, catboost_pool(train)), 2, sizes)
    np.testing.assert_allclose(raw_values(fitted, new), expected, rtol=1e-6, atol=1e-6)


def test_scale_and_bias_of_a_model_are_part_of_its_answer():
    train = made_records(0, sizes=())
    model = CatBoostClassifier(iterations=3, allow_writing_files=False, logging_level="Silent")
    model.fit(catboost_pool(train))
    model.set_scale_and_bias(0.5, 2.0)
    expected = model.predict(catboost_pool(train), prediction_type="RawFormulaVal")
    fitted = exported_trees(exported(model, catboost_pool(train)), 2, ())
    np.testing.assert_allclose(raw_values(fitted, train)[:, 0], expected, rtol=1e-6, atol=1e-6)


def test_trees_of_fewer_questions_and_of_none_stand_beside_deeper_ones():
    def tree(values, splits):
        asked = [
            {"split_type": "FloatFeature", "float_feature_index": feature, "border": border}
            for feature, border in splits
        ]
        return {"leaf_values": values, "splits": asked or None}

    trees = [tree([1, 2, 3, 4], [(1, 0.5), (0, -1.0)]), tree([10, 20], [(1, 0.5)]), tree([100], [])]
    model = {"features_info": {}, "oblivious_trees": trees, "scale_and_bias": [1, [0.25]]}
    records = made_records(0, 5, sizes=())
    records.numeric[:] = [[0, 1], [-2, 1], [0, 0], [-2, 9], [9, 1]]
    records.missing[:] = [[0, 0], [0, 0], [0, 0], [0, 1], [1, 0]]
    found = raw_values(exported_trees(model, 2, ()), records)[:, 0]
    assert found.tolist() == [124.25, 122.25, 113.25, 111.25, 122.25]


@pytest.mark.parametrize("num_classes", [2, 3])
def test_trees_do_not_depend_on_the_number_of_threads(num_classes):
    train = made_records(1, 2000, num_classes)
    asked = TreesSettings(iterations=12, depth=4, learning_rate=0.5)
    found = []
    for threads in (1, 3):
        model = catboost_classifier(train, None, asked, 3, thread_count=threads)
        found.append(exported_trees(exported(model, catboost_pool(train)), 2, SIZES).to_arrays())
    for name, values in found[0].items():
        assert found[1][name].tobytes() == values.tobytes(), name


def test_as_many_trees_are_kept_as_lower_the_log_loss_held_out():
    train, held_out = made_records(1, 300), made_records(2, 300)
    asked = TreesSettings(depth=3, learning_rate=0.3)
    model = catboost_classifier(train, held_out, asked, 3)
    losses = model.get_evals_result()["validation"]["Logloss"]
    assert model.tree_count_ == np.argmin(losses) + 1 < len(losses) < 1000
    fixed = catboost_classifier(train, held_out, asked.model_copy(update={"iterations": 20}), 3)
    assert fixed.tree_count_ == 20
