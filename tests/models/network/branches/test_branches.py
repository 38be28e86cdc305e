import keras
import numpy as np
import pytest
import tensorflow as tf

from models.network.branches.inference import inference_model
from models.network.branches.training_loss import training_loss
from models.network.classifier import InputShape, build_classifier
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy
from models.network.variable_path import variable_path
from models.settings import ImageModelSettings, ModelSettings, TabularModelSettings

COUNTS = np.array([200, 50, 5])
SHAPE = InputShape(image=(8, 8, 1), num_numeric=2)
BRANCHES = {"bilateral": 2, "experts": 3, "class_groups": 3}
random = np.random.default_rng(0)
RECORDS = {
    "image": random.uniform(0, 255, (6, 8, 8, 1)).astype(np.float32),
    "numeric": random.normal(size=(6, 2)).astype(np.float32),
    "missing": np.zeros((6, 2), np.float32),
}
LABELS = np.arange(6) % 3


def classifier(branches: str, shape: InputShape = SHAPE, **values) -> keras.Model:
    settings = ModelSettings(
        image=ImageModelSettings(alpha=0.25, dropout=0),
        tabular=TabularModelSettings(hidden_units=(8,), dropout=0),
        branches=branches,
        **{"embedding_units": 8, **values},
    )
    model = build_classifier(shape, settings, COUNTS, seed=0)
    model.compile(keras.optimizers.Adam(1e-2), training_loss(WeightedCrossEntropy(), settings, COUNTS))
    return model


def with_reversed(records: dict, other: dict) -> dict:
    return {**records, **{f"{name}_reversed": values for name, values in other.items()}}


def paired(share: float):
    backwards = {name: values[::-1].copy() for name, values in RECORDS.items()}
    labels = np.stack([LABELS, LABELS[::-1], np.full(6, share)], axis=1).astype(np.float32)
    return with_reversed(RECORDS, backwards), labels


@pytest.mark.parametrize("branches", BRANCHES)
def test_training_gets_every_branch_and_all_others_one_answer(branches):
    model = classifier(branches)
    assert model(RECORDS, training=True).shape == (6, BRANCHES[branches], 3)
    assert model(RECORDS, training=False).shape == (6, 3)
    assert model(RECORDS).shape == (6, 3)


@pytest.mark.slow
@pytest.mark.parametrize("branches", BRANCHES)
def test_training_moves_every_weight_and_the_trained_network_lasts_in_any_form(branches, tmp_path):
    model = classifier(branches, fusion="gating")
    records, labels = paired(0.6) if branches == "bilateral" else (RECORDS, LABELS)
    before = [weight.copy() for weight in model.get_weights()]
    data = tf.data.Dataset.from_tensor_slices((records, labels)).batch(3)
    validation = tf.data.Dataset.from_tensor_slices((RECORDS, LABELS)).batch(6)
    history = model.fit(data, validation_data=validation, epochs=2, verbose=0).history
    assert np.isfinite(history["val_loss"]).all()
    unmoved = [
        variable_path(weight)
        for weight, old in zip(model.weights, before, strict=True)
        if np.array_equal(old, np.asarray(weight))
    ]
    assert unmoved == []

    expected = np.asarray(model(RECORDS, training=False))
    exported = inference_model(model)
    np.testing.assert_allclose(exported(RECORDS, training=False), expected, rtol=1e-6)
    for each in (model, exported):
        each.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        assert type(loaded) is type(each)
        np.testing.assert_allclose(loaded(RECORDS, training=False), expected, rtol=1e-5, atol=1e-6)
    tf.saved_model.save(exported, str(tmp_path / "saved"))
    serve = tf.saved_model.load(str(tmp_path / "saved")).signatures["serving_default"]
    (served,) = serve(**{name: tf.constant(values) for name, values in RECORDS.items()}).values()
    np.testing.assert_allclose(served, expected, rtol=1e-5, atol=1e-6)


def test_a_single_classifier_is_exported_as_it_is():
    model = classifier("single")
    assert inference_model(model) is model


def test_the_exported_bilateral_network_shares_its_weights_with_the_trained_one():
    model = classifier("bilateral")
    exported = inference_model(model)
    model.get_layer("logits_rebalancing").bias.assign([100.0, 0.0, 0.0])
    assert np.asarray(exported(RECORDS))[:, 0].min() > 40


def test_each_of_two_branches_sees_records_of_its_own():
    model = classifier("bilateral")
    inputs, _ = paired(0.5)
    both = np.asarray(model(RECORDS, training=False))
    alone = {
        branch: keras.Model(model.input, model.get_layer(f"logits_{branch}").output)
        for branch in ("conventional", "rebalancing")
    }
    np.testing.assert_allclose(both, sum(np.asarray(m(RECORDS)) for m in alone.values()) / 2, rtol=1e-5)
    others = {**inputs, "image_reversed": inputs["image_reversed"] * 0}
    first, second = (np.asarray(model(each, training=True)) for each in (inputs, others))
    np.testing.assert_allclose(first[:, 0], second[:, 0], rtol=1e-5)
    assert not np.allclose(first[:, 1], second[:, 1], atol=0.05)


def test_the_rebalancing_branch_starts_without_a_prior():
    model = classifier("bilateral")
    np.testing.assert_allclose(
        model.get_layer("logits_conventional").bias, np.log(COUNTS / COUNTS.sum()), rtol=1e-6
    )
    assert len(set(np.asarray(model.get_layer("logits_rebalancing").bias).tolist())) == 1


@pytest.mark.parametrize("num_experts", [2, 4])
def test_there_are_as_many_experts_as_asked_for_and_they_differ(num_experts):
    model = classifier("experts", num_experts=num_experts)
    logits = np.asarray(model(RECORDS, training=True))
    assert logits.shape[1] == num_experts
    assert len({logits[:, expert].tobytes() for expert in range(num_experts)}) == num_experts


def test_groups_of_classes_answer_with_probabilities_and_start_at_the_prior():
    model = classifier("class_groups")
    assert model.get_layer("members").groups == [[0], [1], [2]]
    kernel, bias = model.get_layer("logits").get_weights()
    model.get_layer("logits").set_weights([np.zeros_like(kernel), bias])
    # Each class is alone in its group: its probability there is its share of all records.
    np.testing.assert_allclose(np.exp(model(RECORDS)), [COUNTS / COUNTS.sum()] * 6, rtol=1e-5)


@pytest.mark.parametrize("branches", BRANCHES)
def test_branches_stand_on_a_table_alone(branches):
    model = classifier(branches, InputShape(num_numeric=2), embedding_units=None, classifier="cosine")
    columns = {name: values for name, values in RECORDS.items() if name != "image"}
    assert model(columns, training=True).shape == (6, BRANCHES[branches], 3)
    assert np.isfinite(model(columns)).all()
