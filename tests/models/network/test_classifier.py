import keras
import numpy as np
import pytest

from models.network.classifier import InputShape, build_classifier
from models.network.losses import make_loss
from models.network.metrics import make_metrics
from models.settings import LossSettings, ModelSettings

COUNTS = np.array([60, 30, 10])
SHAPES = {
    "image": InputShape(image=(12, 8, 1)),
    "numeric": InputShape(num_numeric=2),
    "categorical": InputShape(categorical_sizes=(3, 4)),
    "all": InputShape(image=(8, 8, 3), num_numeric=2, categorical_sizes=(3, 4)),
}


def random_records(shape: InputShape, size: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    records = {}
    if shape.image:
        records["image"] = random.uniform(0, 255, (size, *shape.image)).astype(np.float32)
    if shape.num_numeric:
        records["numeric"] = random.normal(size=(size, shape.num_numeric)).astype(np.float32)
        records["missing"] = random.integers(0, 2, (size, shape.num_numeric)).astype(np.float32)
    if shape.categorical_sizes:
        records["categorical"] = random.integers(
            0, shape.categorical_sizes, (size, len(shape.categorical_sizes))
        ).astype(np.int64)
    return records


@pytest.fixture(params=SHAPES)
def shape(request) -> InputShape:
    return SHAPES[request.param]


def compiled(model: keras.Model, rate: float = 1e-3) -> keras.Model:
    loss = make_loss(LossSettings(), COUNTS)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=make_metrics(len(COUNTS)))
    return model


def test_inputs_are_those_that_exist_by_name_and_dtype(shape):
    model = build_classifier(shape, ModelSettings(), COUNTS, seed=0)
    expected = {
        name: (records.shape[1:], records.dtype) for name, records in random_records(shape, 1).items()
    }
    assert {name: (tuple(x.shape[1:]), x.dtype) for name, x in model.input.items()} == expected


def test_every_mix_of_inputs_gives_one_float32_logit_per_class(shape):
    model = build_classifier(shape, ModelSettings(), COUNTS, seed=0)
    logits = np.asarray(model(random_records(shape, 5)))
    assert logits.shape == (5, 3)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()


def test_without_features_the_untrained_model_answers_with_the_prior(shape):
    model = build_classifier(shape, ModelSettings(), COUNTS, seed=0)
    kernel, bias = model.get_layer("logits").get_weights()
    model.get_layer("logits").set_weights([np.zeros_like(kernel), bias])
    odds = np.exp(np.asarray(model(random_records(shape, 2))))
    np.testing.assert_allclose(odds / odds.sum(axis=-1, keepdims=True), [[0.6, 0.3, 0.1]] * 2, rtol=1e-6)


def test_the_embedding_is_the_vector_that_the_logits_are_computed_from(shape):
    model = build_classifier(shape, ModelSettings(embedding_units=7), COUNTS, seed=0)
    records = random_records(shape, 4)
    embedding = np.asarray(keras.Model(model.input, model.get_layer("embedding").output)(records))
    kernel, bias = model.get_layer("logits").get_weights()
    assert embedding.shape == (4, 7)
    np.testing.assert_allclose(np.asarray(model(records)), embedding @ kernel + bias, rtol=1e-4, atol=1e-5)


def test_every_input_has_a_say(shape):
    model = build_classifier(shape, ModelSettings(), COUNTS, seed=0)
    records = random_records(shape, 1)
    before = np.asarray(model(records))
    for name, values in records.items():
        changed = {**records, name: (values + 1) % (2 if name in ("missing", "categorical") else 255)}
        assert not np.array_equal(np.asarray(model(changed)), before), name


def test_a_saved_model_answers_and_measures_the_same_once_loaded(shape, tmp_path):
    model = compiled(build_classifier(shape, ModelSettings(), COUNTS, seed=0))
    records, labels = random_records(shape, 12), np.arange(12) % 3
    model.fit(records, labels, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        loaded.predict(records, verbose=0), model.predict(records, verbose=0), rtol=1e-5, atol=1e-6
    )
    measured = [m.evaluate(records, labels, verbose=0, return_dict=True) for m in (model, loaded)]
    assert measured[1] == pytest.approx(measured[0], rel=1e-5)
    assert {"loss", "accuracy", "balanced_accuracy", "macro_f1"} <= set(measured[0])
    assert loaded.loss.get_config() == model.loss.get_config()


def test_training_on_images_and_columns_together_lowers_the_loss():
    shape = SHAPES["all"]
    model = compiled(build_classifier(shape, ModelSettings(), COUNTS, seed=0), rate=3e-3)
    losses = model.fit(random_records(shape, 48), np.arange(48) % 3, epochs=12, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]


def test_training_moves_every_weight_it_should():
    shape = SHAPES["all"]
    model = compiled(build_classifier(shape, ModelSettings(), COUNTS, seed=0))
    before = [w.copy() for w in model.get_weights()]
    model.fit(random_records(shape, 48), np.arange(48) % 3, verbose=0)
    assert all(not np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))


def test_the_seed_decides_every_initial_weight():
    shape = SHAPES["all"]
    first, again, other = (
        build_classifier(shape, ModelSettings(), COUNTS, seed).get_weights() for seed in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    drawn = [i for i, weight in enumerate(first) if weight.ndim > 1]
    assert all(not np.array_equal(first[i], other[i]) for i in drawn)


def test_a_class_without_records_is_refused():
    with pytest.raises(ValueError, match=r"the classes with index \[1\]. Add records"):
        build_classifier(SHAPES["numeric"], ModelSettings(), np.array([5, 0]), seed=0)


def test_a_record_that_holds_nothing_is_refused_with_the_way_out():
    with pytest.raises(
        ValueError, match=r"Name columns in `data.numeric`, `data.categorical` or `data.image`"
    ):
        InputShape()


@pytest.mark.parametrize(
    "values", [{"num_numeric": -1}, {"categorical_sizes": (3, 0)}, {"image": (8, 8)}, {"image": (8, 8, 2)}]
)
def test_an_impossible_record_is_refused(values):
    with pytest.raises(ValueError, match="Received: "):
        InputShape(**values)
