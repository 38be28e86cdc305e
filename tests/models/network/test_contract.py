"""What every loss, metric, layer and initializer of the network must be able to do."""

import importlib
import inspect
import json
import pkgutil

import keras
import numpy as np
import pytest
import tensorflow as tf

import models.network
from models.network.attention.attention_model import AttentionMap
from models.network.attention.attention_pooling import AttentionPooling
from models.network.attention.cbam import CBAM
from models.network.attention.multi_head import MultiHead
from models.network.attention.self_attention import SelfAttention2D
from models.network.attention.squeeze_excitation import SqueezeExcitation
from models.network.average_precision import MacroAveragePrecision
from models.network.backbones.input_scaling import InputScaling
from models.network.branches.bilateral import BilateralClassifier
from models.network.branches.bilateral_loss import BilateralLoss
from models.network.branches.class_groups import JoinGroups
from models.network.branches.class_groups_loss import ClassGroupsLoss
from models.network.branches.experts_loss import ExpertsLoss
from models.network.branches.join_members import JoinMembers
from models.network.branches.member_loss import MemberLoss
from models.network.ensemble import MeanProbability
from models.network.fusion.cross_attention import CrossAttention
from models.network.fusion.gating import GatedFusion
from models.network.layers.column_embeddings import ColumnEmbeddings
from models.network.layers.cosine_logits import CosineLogits
from models.network.layers.log_prior import LogPrior
from models.network.layers.member_dense import MemberDense
from models.network.losses.adapted import Adapted
from models.network.losses.asymmetric_focal import AsymmetricFocal
from models.network.losses.balanced_softmax import BalancedSoftmax
from models.network.losses.focal import Focal
from models.network.losses.label_aware_smoothing import LabelAwareSmoothing
from models.network.losses.ldam import LDAM
from models.network.losses.logit_adjusted import LogitAdjusted
from models.network.losses.supervised_contrastive import SupervisedContrastive
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy
from models.network.losses.with_contrastive import WithContrastive
from models.network.metrics import ConfusionFigures
from models.network.mirror_average import MirrorMean, WithMirrorImages
from models.network.projection import Projection
from models.network.refined_loss import RefinedLoss
from models.network.tabular.ensemble_dense import EnsembleDense
from models.network.tabular.feature_attention import ColumnAttention
from models.network.tabular.feature_tokens import FeatureTokens
from models.network.tabular.periodic import Periodic
from models.network.tabular.piecewise_linear import PiecewiseLinear
from models.network.tabular.token_block import TokenBlock
from models.network.trees.binary_logits import BinaryLogits
from models.network.trees.category_statistics import CategoryStatistics
from models.network.trees.oblivious_trees import ObliviousTrees
from models.network.trees.tree_columns import TreeColumns

LOSSES = {
    "cross_entropy": lambda: WeightedCrossEntropy(),
    "cross_entropy_with_all": lambda: WeightedCrossEntropy(
        np.array([0.5, 1.0, 2.5], np.float32), label_smoothing=0.1, name="mine"
    ),
    "focal": lambda: Focal(),
    "focal_with_all": lambda: Focal(gamma=0.7, class_weights=(1, 2, 3), name="mine"),
    "ldam": lambda: LDAM(np.array([7, 2, 1]), 0.3, 2, class_weights=(1, 2, 3), name="mine"),
    "balanced_softmax": lambda: BalancedSoftmax((7, 2, 1), class_weights=(1, 2, 3), name="mine"),
    "logit_adjusted": lambda: LogitAdjusted((7, 2, 1), 0.5, class_weights=(1, 2, 3), name="mine"),
    "asymmetric_focal": lambda: AsymmetricFocal(0.5, 3, 0.1, class_weights=(1, 2, 3), name="mine"),
    "label_aware_smoothing": lambda: LabelAwareSmoothing(
        (7, 2, 1), 0.3, 0.1, "convex", class_weights=(1, 2, 3), name="mine"
    ),
    "adapted": lambda: Adapted(keras.losses.MeanSquaredError(), class_weights=(1, 2, 3), name="mine"),
    "member": lambda: MemberLoss(Focal(class_weights=(1, 2, 3)), name="mine"),
    "with_contrastive": lambda: WithContrastive(Focal(class_weights=(1, 2, 3)), 3, 0.5, 0.2, name="mine"),
    "bilateral": lambda: BilateralLoss(WeightedCrossEntropy()),
    "experts": lambda: ExpertsLoss(Focal(), diversity=0.3, temperatures=(1, 0.9, 0.8)),
    "class_groups": lambda: ClassGroupsLoss(WeightedCrossEntropy(), ((0, 2), (1,)), (1, 0.5)),
}
# Its scores are embeddings: it may be 0, and a shift changes it.
EMBEDDING_LOSSES = {
    "supervised_contrastive": lambda: SupervisedContrastive(0.3, balanced=True, name="mine"),
}
METRICS = {
    "confusion_figures": lambda: ConfusionFigures(3),
    "macro_average_precision": lambda: MacroAveragePrecision(3, num_records=5, name="mine"),
    "refined_loss": lambda: RefinedLoss(3, num_records=5, name="mine"),
}
FEATURE_MAP = np.random.default_rng(1).normal(size=(2, 3, 2, 8)).astype(np.float32)
VECTORS = np.random.default_rng(2).normal(size=(2, 5)).astype(np.float32)
# Layers of several inputs take a list of arrays.
LAYERS = {
    "squeeze_excitation": (lambda: SqueezeExcitation(ratio=2, seed=5, name="mine"), FEATURE_MAP),
    "cbam": (lambda: CBAM(ratio=2, kernel_size=3, seed=5, name="mine"), FEATURE_MAP),
    "self_attention": (lambda: SelfAttention2D(num_heads=3, seed=5, name="mine"), FEATURE_MAP),
    "attention_pooling": (lambda: AttentionPooling(name="mine"), FEATURE_MAP),
    "attention_map": (lambda: AttentionMap(CBAM(seed=5, name="inner"), name="mine"), FEATURE_MAP),
    "multi_head": (
        lambda: MultiHead(units=6, num_heads=4, seed=5, name="mine"),
        [FEATURE_MAP[:, 0], FEATURE_MAP[:, :, 0]],
    ),
    "gated_fusion": (lambda: GatedFusion(units=3, seed=5, name="mine"), [VECTORS, FEATURE_MAP[:, 0, 0]]),
    "cross_attention": (lambda: CrossAttention(num_heads=2, seed=5, name="mine"), [VECTORS, FEATURE_MAP]),
    "cosine_logits": (lambda: CosineLogits(units=3, scale=20, seed=5, name="mine"), VECTORS),
    "projection": (lambda: Projection(units=4, seed=5, name="mine"), [VECTORS, FEATURE_MAP[:, 0, 0]]),
    "join_members": (lambda: JoinMembers(name="mine"), FEATURE_MAP[:, 0]),
    "join_members_by_probability": (lambda: JoinMembers("probabilities", name="mine"), FEATURE_MAP[:, 0]),
    "join_groups": (lambda: JoinGroups(((0, 2), (1,)), name="mine"), VECTORS),
    "column_embeddings": (
        lambda: ColumnEmbeddings((3, 4), dim=2, seed=5, name="mine"),
        np.array([[2, 3], [0, 1]]),
    ),
    "member_dense": (
        lambda: MemberDense(3, LogPrior(np.array([7, 2, 1])), seed=5, name="mine"),
        FEATURE_MAP[:, 0],
    ),
    "ensemble_dense": (
        lambda: EnsembleDense(3, scaled_groups=(1, 4, 3), seed=5, name="mine"),
        FEATURE_MAP[:, 0],
    ),
    "piecewise_linear": (lambda: PiecewiseLinear(3, num_bins=4, seed=5, name="mine"), VECTORS),
    "periodic": (lambda: Periodic(3, num_frequencies=4, seed=5, name="mine"), VECTORS),
    "feature_tokens_of_numbers": (
        lambda: FeatureTokens(4, seed=5, name="mine"),
        [VECTORS, (VECTORS > 0).astype(np.float32)],
    ),
    "feature_tokens_of_all": (
        lambda: FeatureTokens(8, (2, 3), seed=5, name="mine"),
        [FEATURE_MAP[:, 0], VECTORS[:, :2], np.array([[1, 2], [0, 1]])],
    ),
    "token_block": (lambda: TokenBlock(num_heads=2, seed=5, name="mine"), FEATURE_MAP[:, 0]),
    "last_token_block": (
        lambda: TokenBlock(num_heads=2, class_only=True, seed=5, name="mine"),
        FEATURE_MAP[:, 0],
    ),
    "column_attention": (
        lambda: ColumnAttention(TokenBlock(num_heads=2, seed=5, name="block"), name="mine"),
        FEATURE_MAP[:, 0],
    ),
    "oblivious_trees_in_groups": (
        lambda: ObliviousTrees(3, 2, num_borders=4, outputs=2, group_sizes=[1, 2], name="mine"),
        VECTORS,
    ),
    "oblivious_trees": (lambda: ObliviousTrees(3, 2, num_borders=4, outputs=2, name="mine"), VECTORS),
    "tree_columns_of_numbers": (
        lambda: TreeColumns(name="mine"),
        [VECTORS, (VECTORS > 0).astype(np.float32)],
    ),
    "tree_columns_of_all": (
        lambda: TreeColumns((3, 4), (True, False), name="mine"),
        [VECTORS, (VECTORS > 0).astype(np.float32), np.array([[1, 2], [0, 3]])],
    ),
    "category_statistics": (
        lambda: CategoryStatistics(3, 2, num_rows=4, num_statistics=2, name="mine"),
        [VECTORS, np.array([[1, 2], [0, 3]])],
    ),
    "mean_probability": (
        lambda: MeanProbability((0.25, 0.75), ((0.5, 0, 0, 0, 0), (0, 0, 1, 0, 0)), name="mine"),
        [VECTORS, 2 * VECTORS],
    ),
    "binary_logits": (lambda: BinaryLogits(name="mine"), VECTORS[:, :1]),
    "with_mirror_images": (lambda: WithMirrorImages(name="mine"), FEATURE_MAP),
    "mirror_mean": (lambda: MirrorMean(name="mine"), FEATURE_MAP),
    "input_scaling": (
        lambda: InputScaling("caffe", name="mine"),
        np.full((1, 2, 3, 1), 100, np.float32),
    ),
}
# Networks: how they are made, and inputs.
MODELS = {"bilateral": (lambda: _bilateral_classifier(), {"numeric": VECTORS})}
INITIALIZERS = {"log_prior": lambda: LogPrior(np.array([7, 2, 1]))}

LABELS = np.array([0, 1, 2, 2, 0])
LOGITS = np.random.default_rng(0).normal(0, 2, (5, 3)).astype(np.float32)
SAMPLE_WEIGHTS = np.array([1.0, 0.5, 2.0, 0.0, 3.0], np.float32)


def _bilateral_classifier():
    x = keras.Input((5,), name="numeric")
    logits = [keras.layers.Dense(3, name=f"logits_{name}")(x) for name in ("conventional", "rebalancing")]
    rows = keras.layers.Concatenate(axis=1)([keras.layers.Reshape((1, 3))(each) for each in logits])
    return BilateralClassifier({"numeric": x}, JoinMembers()(rows), name="mine")


def each_of(function, inputs):
    """Applies a function to the input of a layer, or to each of its inputs."""
    return [function(each) for each in inputs] if isinstance(inputs, list) else function(inputs)


def round_trip(thing):
    """Sends an object through its serialised form as JSON, the way a `.keras` file does."""
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(thing)))
    return keras.saving.deserialize_keras_object(config)


def measured(metric):
    metric.update_state(LABELS, LOGITS, sample_weight=SAMPLE_WEIGHTS)
    return {name: float(figure) for name, figure in metric.result().items()}


def leaves_open(kind):
    attributes = (inspect.getattr_static(kind, name, None) for name in dir(kind))
    return any(getattr(one, "__isabstractmethod__", False) for one in attributes)


def test_every_keras_class_of_the_network_is_under_contract():
    made = [make() for kind in (LOSSES, EMBEDDING_LOSSES, METRICS, INITIALIZERS) for make in kind.values()]
    made += [make() for make, _ in (*LAYERS.values(), *MODELS.values())]
    under_contract = {type(thing) for thing in made}
    kinds = (
        keras.losses.Loss,
        keras.metrics.Metric,
        keras.layers.Layer,
        keras.initializers.Initializer,
    )
    defined = set()
    for module in pkgutil.walk_packages(models.network.__path__, "models.network."):
        for name, thing in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(thing, kinds) and thing.__module__.startswith("models.network") and name[0] != "_":
                defined.add(thing)
    # What leaves methods open is there to be derived from; under Keras 3 no metaclass says so.
    defined = {thing for thing in defined if not leaves_open(thing)}
    assert defined == under_contract


def test_every_model_names_the_argument_that_training_is_told_by():
    """Keras 3 trains a model in inference mode otherwise, and says nothing."""
    models_of_ours = {
        thing
        for module in pkgutil.walk_packages(models.network.__path__, "models.network.")
        for _, thing in inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        if issubclass(thing, keras.Model) and thing.__module__.startswith("models.network.")
    }
    assert {each.__name__ for each in models_of_ours} >= {"BilateralClassifier", "_Head"}
    deaf = [
        each.__name__
        for each in models_of_ours
        if "call" in vars(each) and "training" not in inspect.signature(each.call).parameters
    ]
    assert deaf == []


@pytest.mark.parametrize("name", [*LOSSES, *EMBEDDING_LOSSES])
def test_a_loss_survives_serialisation(name):
    loss = {**LOSSES, **EMBEDDING_LOSSES}[name]()
    copy = round_trip(loss)
    assert type(copy) is type(loss)
    assert copy.get_config() == loss.get_config()
    assert copy.name == loss.name
    before, after = (float(each(LABELS, LOGITS, sample_weight=SAMPLE_WEIGHTS)) for each in (loss, copy))
    assert before == after


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_one_number_and_never_negative(name):
    value = LOSSES[name]()(LABELS, LOGITS)
    assert value.shape == ()
    assert float(value) > 0


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_does_not_change_with_a_shift_of_all_logits(name):
    loss = LOSSES[name]()
    assert float(loss(LABELS, LOGITS + 3)) == pytest.approx(float(loss(LABELS, LOGITS)), rel=1e-5)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_survives_serialisation(name):
    metric = METRICS[name]()
    copy = round_trip(metric)
    assert type(copy) is type(metric)
    assert copy.get_config() == metric.get_config()
    assert copy.name == metric.name
    assert measured(copy) == measured(metric)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_at_its_best_for_a_perfect_answer_and_starts_anew_when_reset(name):
    metric = METRICS[name]()
    measured(metric)
    metric.reset_state()
    metric.update_state(LABELS, np.eye(3, dtype=np.float32)[LABELS])
    best = 0 if name.endswith("loss") else 1
    assert all(float(figure) == pytest.approx(best, abs=1e-12) for figure in metric.result().values())


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_survives_serialisation(name):
    make, inputs = LAYERS[name]
    layer = make()
    outputs = np.asarray(layer(inputs))
    copy = round_trip(layer)
    # As JSON, which knows no tuples: a layer inside comes back with its shape as a list.
    assert json.dumps(copy.get_config()) == json.dumps(layer.get_config())
    np.testing.assert_array_equal(np.asarray(copy(inputs)), outputs)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_says_its_output_shape_before_it_is_called(name):
    make, inputs = LAYERS[name]
    shapes = each_of(np.shape, inputs)
    assert tuple(make().compute_output_shape(shapes)) == np.asarray(make()(inputs)).shape


@pytest.fixture(scope="module")
def saved_outputs(tmp_path_factory):
    """Outputs of all layers side by side in one network: as it is, loaded from Keras's file, and served."""
    folder = tmp_path_factory.mktemp("layers")
    symbolic, arrays, outputs = {}, {}, {}
    for name, (make, inputs) in LAYERS.items():
        kept = []
        for place, array in enumerate(inputs if isinstance(inputs, list) else [inputs]):
            key = f"{name}_{place}"
            kept.append(keras.Input(array.shape[1:], dtype=array.dtype.name, name=key))
            symbolic[key], arrays[key] = kept[-1], tf.constant(array)
        own = each_of(lambda array: keras.Input(array.shape[1:], dtype=array.dtype.name), inputs)
        # A network of its own, as the layers all have the same name.
        outputs[name] = keras.Model(own, make()(own), name=name)(
            kept if isinstance(inputs, list) else kept[0]
        )
    model = keras.Model(symbolic, outputs)
    # From its config alone a layer has its initial weights, so these must be others.
    model.set_weights([w + 0.1 * np.cos(np.arange(w.size)).reshape(w.shape) for w in model.get_weights()])
    model.save(folder / "model.keras")
    loaded = keras.models.load_model(folder / "model.keras")
    # As networks are exported: a function over weights, not Keras's layers.
    served = tf.Module()
    served.weights = model.weights
    specs = {key: tf.TensorSpec([None, *array.shape[1:]], array.dtype, key) for key, array in arrays.items()}
    function = tf.function(lambda **given: model(given, training=False)).get_concrete_function(**specs)
    tf.saved_model.save(served, str(folder / "saved"), signatures=function)
    serve = tf.saved_model.load(str(folder / "saved")).signatures["serving_default"]
    return model(arrays), loaded(arrays), serve(**arrays)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_computes_the_same_in_a_saved_network(name, saved_outputs):
    expected, loaded, served = (np.asarray(outputs[name]) for outputs in saved_outputs)
    np.testing.assert_allclose(loaded, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(served, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_runs_in_float16_in_and_out_of_training(name, training):
    make, inputs = LAYERS[name]

    def outputs(layer):
        takes_training = "training" in inspect.signature(layer.call).parameters
        return np.asarray(layer(inputs, training=training) if takes_training else layer(inputs))

    exact = outputs(make())
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        layer = make()
        rounded = outputs(layer)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert all(weight.dtype == "float32" for weight in layer.weights)
    assert rounded.shape == exact.shape
    np.testing.assert_allclose(rounded.astype(np.float32), exact, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("name", MODELS)
def test_a_network_survives_serialisation(name, tmp_path):
    make, inputs = MODELS[name]
    model = make()
    copy = round_trip(model)
    assert type(copy) is type(model)
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    copy.set_weights(model.get_weights())
    np.testing.assert_array_equal(np.asarray(copy(inputs)), np.asarray(model(inputs)))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded) is type(model)
    for training in (True, False):
        np.testing.assert_array_equal(
            np.asarray(loaded(inputs, training=training)), np.asarray(model(inputs, training=training))
        )


@pytest.mark.parametrize("name", INITIALIZERS)
def test_an_initializer_survives_serialisation(name):
    initializer = INITIALIZERS[name]()
    copy = round_trip(initializer)
    assert copy.get_config() == initializer.get_config()
    np.testing.assert_array_equal(np.asarray(copy((3,))), np.asarray(initializer((3,))))
