import numpy as np
import pytest
from catboost import CatBoostClassifier
from hypothesis import given, settings
from hypothesis import strategies as st

from models.network.trees.oblivious_trees import ObliviousTrees
from models.settings import TreesSettings
from models.training.trees.boosted_trees import LabelledFeatures, boosted_trees, fitted_classifier


def answers(trees, features):
    """Runs the layer; returns raw values."""
    num_trees, num_leaves, outputs = trees.leaf_values.shape
    layer = ObliviousTrees(num_trees, num_leaves.bit_length() - 1, len(trees.borders), outputs)
    layer.build(features.shape)
    layer.set_weights([trees.border_features, trees.borders, trees.splits, trees.leaf_values, trees.bias])
    return np.asarray(layer(features))


def labelled(seed, num_records=120, num_features=3, num_classes=2, missing=0.2):
    """Makes features of which some values are missing, and labels that depend on them, each of which occurs."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(num_records, num_features)).round(1).astype(np.float32)
    scores = features.sum(axis=1) + random.normal(size=num_records)
    labels = np.searchsorted(np.quantile(scores, np.arange(1, num_classes) / num_classes), scores)
    features[random.random(features.shape) < missing] = np.nan
    return LabelledFeatures(features, labels, random.uniform(0.1, 3, num_records))


@given(
    seed=st.integers(0, 2**32 - 1),
    num_classes=st.integers(2, 5),
    depth=st.integers(1, 8),
    rate=st.floats(0.01, 1),
    iterations=st.integers(1, 12),
    missing=st.sampled_from([0, 0.3]),
)
@settings(max_examples=8)
def test_raw_values_are_those_of_catboost(seed, num_classes, depth, rate, iterations, missing):
    train = labelled(seed, num_classes=num_classes, missing=missing)
    asked = TreesSettings(iterations=iterations, depth=depth, learning_rate=rate)
    model = fitted_classifier(train, None, asked, seed)
    features = np.concatenate([train.features, labelled(seed + 1).features * 2])
    expected = model.predict(features, prediction_type="RawFormulaVal").reshape(len(features), -1)
    found = answers(boosted_trees(model), features)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_scale_and_bias_of_a_model_are_part_of_its_answer():
    train = labelled(0)
    model = CatBoostClassifier(iterations=3, allow_writing_files=False, logging_level="Silent")
    model.fit(train.features, train.labels)
    model.set_scale_and_bias(0.5, 2.0)
    expected = model.predict(train.features, prediction_type="RawFormulaVal")
    found = answers(boosted_trees(model), train.features)[:, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_trees_of_fewer_questions_and_of_none_stand_beside_deeper_ones(monkeypatch):
    def tree(values, *asked):
        splits = [{"float_feature_index": feature, "border": border} for feature, border in asked]
        return {"leaf_values": values, "splits": splits}

    class Exported:
        def save_model(self, path, format):
            import json

            trees = [tree([1, 2, 3, 4], (1, 0.5), (0, -1.0)), tree([10, 20], (1, 0.5)), tree([100], *())]
            with open(path, "w") as file:
                json.dump({"oblivious_trees": trees, "scale_and_bias": [1, [0.25]]}, file)

    features = np.array([[0, 1], [-2, 1], [0, 0], [-2, np.nan], [np.nan, 1]], np.float32)
    found = answers(boosted_trees(Exported()), features)[:, 0]
    assert found.tolist() == [124.25, 122.25, 113.25, 111.25, 122.25]


@pytest.mark.parametrize("num_classes", [2, 3])
def test_trees_do_not_depend_on_the_number_of_threads(num_classes):
    train = labelled(1, 2000, num_classes=num_classes)
    asked = TreesSettings(iterations=12, depth=4, learning_rate=0.5)
    found = [boosted_trees(fitted_classifier(train, None, asked, 3, threads)) for threads in (1, 3)]
    for name, values in vars(found[0]).items():
        assert getattr(found[1], name).tobytes() == values.tobytes(), name


def test_as_many_trees_are_kept_as_lower_the_log_loss_held_out():
    train, held_out = labelled(1, 300), labelled(2, 300)
    asked = TreesSettings(depth=3, learning_rate=0.3)
    model = fitted_classifier(train, held_out, asked, 3)
    losses = model.get_evals_result()["validation"]["Logloss"]
    assert model.tree_count_ == np.argmin(losses) + 1 < len(losses) < 1000
    fixed = fitted_classifier(train, held_out, asked.model_copy(update={"iterations": 20}), 3)
    assert fixed.tree_count_ == 20
