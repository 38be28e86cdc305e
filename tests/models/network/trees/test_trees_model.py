import io

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.network.classifier import InputShape
from models.network.trees.fitted_trees import FittedTrees
from models.network.trees.trees_model import trees_model

SIZES = (3, 5)
SHAPE = InputShape(None, 2, SIZES)
RECORDS = {
    "numeric": np.array([[0.3, -1], [2, 0], [-0.5, 0.5]], np.float32),
    "missing": np.array([[0, 0], [0, 1], [1, 0]], np.float32),
    "categorical": np.array([[0, 4], [2, 1], [1, 3]]),
}


def drawn(outputs, num_trees=4, depth=2):
    """Makes trees over two numbers, three flags, and two statistics each of two combinations."""
    random = np.random.default_rng(outputs)
    return FittedTrees(
        num_numeric=2,
        categorical_sizes=SIZES,
        one_hot=np.array([True, False]),
        condition_features=np.array([1], np.int32),
        condition_borders=np.array([-0.5], np.float32),
        # The second column, and both of them with the condition.
        strides=np.array([[0, 10], [1, 2], [0, 1]], np.int32),
        offsets=np.array([0, 5], np.int32),
        statistics=random.random((35, 2)).astype(np.float32),
        border_features=np.arange(9, dtype=np.int32),
        borders=np.full(9, 0.4, np.float32),
        splits=random.permutation(np.arange(num_trees * depth) % 9)
        .reshape(num_trees, depth)
        .astype(np.int32),
        leaf_values=random.normal(size=(num_trees, 2**depth, outputs)).astype(np.float32),
        bias=random.normal(size=outputs).astype(np.float32),
    )


def by_hand(fitted):
    """Answers record by record."""
    logits = []
    for numeric, missing, (first, second) in zip(*RECORDS.values(), strict=True):
        features = [np.nan if gap else number for number, gap in zip(numeric, missing, strict=True)]
        holds = features[1] > -0.5
        features += [first == 0, first == 1, first == 2, *fitted.statistics[second]]
        features += [*fitted.statistics[5 + 10 * first + 2 * second + holds]]
        leaves = [sum(2**bit for bit, b in enumerate(tree) if features[b] > 0.4) for tree in fitted.splits]
        logits.append(fitted.bias + sum(fitted.leaf_values[tree, leaf] for tree, leaf in enumerate(leaves)))
    return np.array(logits)


def test_two_classes_have_the_logits_0_and_the_log_odds():
    fitted = drawn(outputs=1)
    found = np.asarray(trees_model(SHAPE, fitted)(RECORDS))
    np.testing.assert_allclose(found, np.hstack([np.zeros((3, 1)), by_hand(fitted)]), rtol=1e-5)


def test_a_model_answers_the_same_once_saved_and_served(tmp_path):
    fitted = drawn(outputs=3)
    model = trees_model(SHAPE, fitted)
    expected = np.asarray(model(RECORDS))
    np.testing.assert_allclose(expected, by_hand(fitted), rtol=1e-5)
    assert model.trainable_weights == [] and expected.dtype == np.float32
    model.save(tmp_path / "trees.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "trees.keras")(RECORDS), expected)
    served = tf.Module()
    served.weights = model.weights
    specs = {name: tf.TensorSpec([None, *x.shape[1:]], x.dtype, name) for name, x in RECORDS.items()}
    function = tf.function(lambda **given: model(given)).get_concrete_function(**specs)
    tf.saved_model.save(served, str(tmp_path / "saved"), signatures=function)
    serve = tf.saved_model.load(str(tmp_path / "saved")).signatures["serving_default"]
    for rows in (slice(0, 3), slice(1, 2), slice(0, 0)):
        given = {name: tf.constant(values[rows]) for name, values in RECORDS.items()}
        [found] = serve(**given).values()
        np.testing.assert_array_equal(found, expected[rows])


def test_trees_survive_a_file_of_arrays():
    fitted, file = drawn(outputs=3), io.BytesIO()
    np.savez(file, **fitted.to_arrays())
    file.seek(0)
    copy = FittedTrees.from_arrays(np.load(file))
    assert (copy.num_numeric, copy.categorical_sizes, copy.num_classes, copy.num_trees) == (2, SIZES, 3, 4)
    for name, values in fitted.to_arrays().items():
        np.testing.assert_array_equal(copy.to_arrays()[name], values)
        assert copy.to_arrays()[name].dtype == values.dtype
    with pytest.raises(ValueError, match="Missing: bias"):
        FittedTrees.from_arrays(
            {name: values for name, values in fitted.to_arrays().items() if name != "bias"}
        )


@pytest.mark.parametrize("shape", [InputShape(None, 3, SIZES), InputShape(None, 2, (3, 6))])
def test_other_columns_than_those_of_the_fit_are_refused(shape):
    with pytest.raises(ValueError, match="that they were fitted on"):
        trees_model(shape, drawn(outputs=3))
