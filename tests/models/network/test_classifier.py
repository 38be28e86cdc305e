import keras
import numpy as np
import pytest

from models.network.classifier import InputShape, build_classifier
from models.network.losses.factory import make_loss
from models.network.metrics import make_metrics
from models.network.tabular.column_inputs import column_inputs
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


SETTINGS = ModelSettings(embedding_units=7)


@pytest.fixture(params=SHAPES, scope="module")
def shape(request) -> InputShape:
    return SHAPES[request.param]


@pytest.fixture(scope="module")
def model(shape) -> keras.Model:
    """A classifier as it is made, for whoever leaves it so."""
    return build_classifier(shape, SETTINGS, COUNTS, seed=0)


def compiled(model: keras.Model, rate: float = 1e-3, run_eagerly: bool = False) -> keras.Model:
    loss = make_loss(LossSettings(), COUNTS)
    metrics = make_metrics(len(COUNTS))
    model.compile(keras.optimizers.Adam(rate), loss, metrics=metrics, run_eagerly=run_eagerly)
    return model


def test_inputs_are_those_that_exist_by_name_and_dtype(shape, model):
    expected = {
        name: (records.shape[1:], records.dtype) for name, records in random_records(shape, 1).items()
    }
    assert {name: (tuple(x.shape[1:]), x.dtype) for name, x in model.input.items()} == expected


def test_every_mix_of_inputs_gives_one_float32_logit_per_class(shape, model):
    logits = np.asarray(model(random_records(shape, 5)))
    assert logits.shape == (5, 3)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()


def test_without_features_the_untrained_model_answers_with_the_prior(shape, model):
    kernel, bias = model.get_layer("logits").get_weights()
    model.get_layer("logits").set_weights([np.zeros_like(kernel), bias])
    odds = np.exp(np.asarray(model(random_records(shape, 2))))
    model.get_layer("logits").set_weights([kernel, bias])
    np.testing.assert_allclose(odds / odds.sum(axis=-1, keepdims=True), [[0.6, 0.3, 0.1]] * 2, rtol=1e-6)


def test_the_embedding_is_the_vector_that_the_logits_are_computed_from(shape, model):
    records = random_records(shape, 4)
    embedding = np.asarray(keras.Model(model.input, model.get_layer("embedding").output)(records))
    kernel, bias = model.get_layer("logits").get_weights()
    assert embedding.shape == (4, 7)
    np.testing.assert_allclose(np.asarray(model(records)), embedding @ kernel + bias, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("embedding_units", [None, 0])
def test_without_units_the_embedding_is_what_the_encoders_say(embedding_units):
    shape = SHAPES["image"]
    model = build_classifier(shape, ModelSettings(embedding_units=embedding_units), COUNTS, seed=0)
    embedding = model.get_layer("embedding")
    assert embedding.count_params() == 0
    records = random_records(shape, 4)
    pooled = np.asarray(model.get_layer("small_cnn")(records["image"])).mean(axis=(1, 2))
    kernel, bias = model.get_layer("logits").get_weights()
    np.testing.assert_allclose(np.asarray(model(records)), pooled @ kernel + bias, rtol=1e-4, atol=1e-5)


def test_cosine_logits_have_no_bias_and_keep_within_their_scale():
    shape = SHAPES["categorical"]
    settings = ModelSettings(classifier="cosine", cosine_scale=20)
    model = build_classifier(shape, settings, COUNTS, seed=0)
    assert len(model.get_layer("logits").get_weights()) == 1
    assert 0 < np.abs(np.asarray(model(random_records(shape, 8)))).max() <= 20


@pytest.mark.parametrize(
    ("attention", "pooling"),
    [("squeeze_excitation", "mean"), ("cbam", "attention"), ("self_attention", "attention")],
)
def test_attention_stands_between_the_feature_map_and_pooling(attention, pooling):
    settings = ModelSettings(attention=attention, pooling=pooling)
    model = build_classifier(SHAPES["all"], settings, COUNTS, seed=0)
    records = random_records(SHAPES["all"], 2)
    feature_map = model.get_layer("small_cnn")(records["image"])
    pooled = model.get_layer("pool")(model.get_layer("attention")(feature_map))
    actual = keras.Model(model.input, model.get_layer("pool").output)(records)
    np.testing.assert_allclose(actual, pooled, rtol=1e-4, atol=1e-5)
    assert np.isfinite(np.asarray(model(records))).all()


def test_each_head_of_attention_starts_from_weights_of_its_own_seed():
    settings = ModelSettings(attention="self_attention", branches="experts", fusion="cross_attention")
    first, again, other = (
        build_classifier(SHAPES["all"], settings, COUNTS, seed).get_weights() for seed in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    drawn = [i for i, weight in enumerate(first) if weight.ndim > 1 and weight.any()]
    assert len({first[i].tobytes() for i in drawn}) == len(drawn)
    assert all(not np.array_equal(first[i], other[i]) for i in drawn)


def test_the_bias_starts_at_the_counts_that_suit_the_loss():
    model = build_classifier(
        SHAPES["numeric"], ModelSettings(), COUNTS, seed=0, bias_counts=np.array([1, 1, 2])
    )
    np.testing.assert_allclose(model.get_layer("logits").bias, np.log([0.25, 0.25, 0.5]), rtol=1e-6)


def test_counts_of_the_bias_for_other_classes_are_refused():
    with pytest.raises(ValueError, match=r"one count per class.*\(2,\) and \(3,\)"):
        build_classifier(SHAPES["numeric"], ModelSettings(), COUNTS, seed=0, bias_counts=np.ones(2))


@pytest.mark.parametrize("branches", ["bilateral", "experts", "class_groups"])
def test_branches_for_a_single_class_are_refused_with_what_there_is(branches):
    with pytest.raises(ValueError, match=rf"branches: {branches}.*1 class\(es\), with \[7\] records. Add"):
        build_classifier(SHAPES["numeric"], ModelSettings(branches=branches), np.array([7]), seed=0)


@pytest.mark.parametrize("setting", [{"attention": "cbam"}, {"pooling": "attention"}])
def test_attention_without_an_image_is_refused_with_the_way_out(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=rf"`data.image`, or leave `model.{name}` out"):
        build_classifier(SHAPES["numeric"], ModelSettings(**setting), COUNTS, seed=0)


@pytest.mark.parametrize(("name", "held"), [("numeric", "only columns"), ("image", "only an image")])
def test_fusion_of_a_single_kind_of_input_is_refused_with_the_way_out(name, held):
    with pytest.raises(ValueError, match=rf"records hold {held}.*leave `model.fusion` out"):
        build_classifier(SHAPES[name], ModelSettings(fusion="gating"), COUNTS, seed=0)


def ensemble_encoder(settings, num_numeric, categorical_sizes, seed):
    """Stands for a table's encoder that is an ensemble of 4 members."""
    inputs = column_inputs(num_numeric, categorical_sizes)
    x = keras.layers.Reshape((4, 5))(keras.layers.Dense(20, activation="tanh")(inputs["numeric"]))
    return keras.Model(inputs, x, name="ensemble")


def test_an_ensemble_is_trained_by_member_and_answers_with_its_mean_probabilities(monkeypatch):
    monkeypatch.setattr("models.network.classifier.table_encoder", ensemble_encoder)
    model = build_classifier(SHAPES["numeric"], ModelSettings(), COUNTS, seed=0)
    records = random_records(SHAPES["numeric"], 6)
    members = np.asarray(model(records, training=True))
    assert members.shape == (6, 4, 3)
    mean = (np.exp(members) / np.exp(members).sum(axis=-1, keepdims=True)).mean(axis=1)
    np.testing.assert_allclose(np.exp(model(records, training=False)), mean, rtol=1e-5)


@pytest.mark.parametrize(("name", "branches"), [("all", "single"), ("numeric", "experts")])
def test_an_ensemble_beside_images_or_branches_is_refused(monkeypatch, name, branches):
    monkeypatch.setattr("models.network.classifier.table_encoder", ensemble_encoder)
    with pytest.raises(ValueError, match="is an ensemble, which stands alone"):
        build_classifier(SHAPES[name], ModelSettings(branches=branches), COUNTS, seed=0)


def test_every_input_has_a_say(shape, model):
    records = random_records(shape, 1)
    before = np.asarray(model(records))
    for name, values in records.items():
        changed = {**records, name: (values + 1) % (2 if name in ("missing", "categorical") else 255)}
        assert not np.array_equal(np.asarray(model(changed)), before), name


@pytest.mark.parametrize("shape", ["categorical", "all"], indirect=True)
def test_a_saved_model_answers_and_measures_the_same_once_loaded(shape, tmp_path):
    # A batch or two: tracing them would take longer.
    model = compiled(build_classifier(shape, ModelSettings(), COUNTS, seed=0), run_eagerly=True)
    records, labels = random_records(shape, 12), np.arange(12) % 3
    model.fit(records, labels, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(records), model(records), rtol=1e-5, atol=1e-6)
    measured = [m.evaluate(records, labels, verbose=0, return_dict=True) for m in (model, loaded)]
    assert measured[1] == pytest.approx(measured[0], rel=1e-5)
    assert {"loss", "accuracy", "balanced_accuracy", "macro_f1"} <= set(measured[0])
    assert loaded.loss.get_config() == model.loss.get_config()


def test_training_on_images_and_columns_together_moves_every_weight_and_lowers_the_loss():
    shape = SHAPES["all"]
    model = compiled(build_classifier(shape, ModelSettings(), COUNTS, seed=0), rate=3e-3)
    before, after = [w.copy() for w in model.get_weights()], []
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: after.append(model.get_weights()))
    records, labels = random_records(shape, 48), np.arange(48) % 3
    losses = model.fit(records, labels, epochs=12, verbose=0, callbacks=[note]).history["loss"]
    assert all(not np.array_equal(old, new) for old, new in zip(before, after[0], strict=True))
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("shape", ["all"], indirect=True)
def test_the_seed_decides_every_initial_weight(shape, model):
    first = model.get_weights()
    again, other = (build_classifier(shape, SETTINGS, COUNTS, seed).get_weights() for seed in (0, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    drawn = [i for i, weight in enumerate(first) if weight.ndim > 1 and weight.any()]
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
