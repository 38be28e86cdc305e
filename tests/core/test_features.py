import pytest
import tensorflow as tf

from core.features import (
    CATEGORICAL,
    CLASSES_VOCABULARY,
    IMAGE,
    LABEL,
    MISSING,
    NUMERIC,
    RECORD_KEY,
    FeatureSpec,
    categories_vocabulary,
    transformed_name,
)


def test_numbers_are_numeric_and_text_is_categorical_each_sorted_by_name():
    dtypes = {
        "width": tf.float32,
        "age": tf.int64,
        "line": tf.string,
        "Colour": tf.string,
        "kind": tf.string,
        "photo": tf.string,
    }
    spec = FeatureSpec.from_dtypes(dtypes, label="kind", image="photo")
    assert spec == FeatureSpec("kind", "photo", ("age", "width"), ("Colour", "line"))


def test_the_order_of_the_features_changes_nothing():
    dtypes = {"b": tf.float32, "a": tf.float32, "y": tf.string, "d": tf.string, "c": tf.string}
    reversed_dtypes = dict(reversed(dtypes.items()))
    assert FeatureSpec.from_dtypes(dtypes, "y", None) == FeatureSpec.from_dtypes(reversed_dtypes, "y", None)


def test_the_record_key_is_no_feature_of_the_model():
    spec = FeatureSpec.from_dtypes({RECORD_KEY: tf.string, "kind": tf.string}, "kind", None)
    assert spec == FeatureSpec("kind", None, (), ())


def test_without_an_image_column_a_text_column_named_image_is_a_category():
    spec = FeatureSpec.from_dtypes({"image": tf.string, "kind": tf.string}, "kind", None)
    assert spec.image is None
    assert spec.categorical == ("image",)


def test_a_numeric_label_is_still_the_label():
    assert FeatureSpec.from_dtypes({"kind": tf.int64, "age": tf.int64}, "kind", None).numeric == ("age",)


def test_every_transformed_feature_has_a_name_of_its_own():
    names = [LABEL, IMAGE, NUMERIC, MISSING, CATEGORICAL]
    assert len(set(names)) == 5
    assert transformed_name("label") == LABEL == "label_xf"


@pytest.mark.parametrize("position", [0, 11])
def test_a_vocabulary_is_named_by_its_columns_position(position):
    name = categories_vocabulary(position)
    assert str(position) in name and name.isidentifier() and name != CLASSES_VOCABULARY
    assert name != categories_vocabulary(position + 1)
