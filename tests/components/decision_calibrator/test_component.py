"""The stage over a real SavedModel and real examples; the wrapped model is loaded again and asked."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax
from tfx.types import artifact_utils, standard_artifacts

from components.artifacts import ClassPriors
from components.decision_calibrator.component import DecisionCalibrator
from components.decision_calibrator.settings import DecisionSettings
from components.examples_io import shard_path, write_shard
from core.documents.decision import Decision
from core.documents.served_as import ServedAs
from core.errors import InputError
from core.serving_settings import ServingSettings
from tests import made_documents

CLASSES = ["good", "größerer Riss"]


class Network(tf.Module):
    """Believes both classes alike common; looks its one weight up in a table, as a vocabulary is."""

    def __init__(self, vocabulary: str):
        super().__init__()
        initializer = tf.lookup.TextFileInitializer(
            vocabulary,
            tf.string,
            tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER,
        )
        self.table = tf.lookup.StaticHashTable(initializer, -1)
        self.weight = tf.Variable([[0.0, 2.0]])

    def answer(self, x, line):
        shift = tf.cast(self.table.lookup(line), tf.float32)[:, tf.newaxis] * [[0.0, 0.5]]
        return tf.nn.softmax(x[:, tf.newaxis] * self.weight - [[0.0, 1.0]] + shift)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serving_default(self, examples):
        spec = {"x": tf.io.FixedLenFeature([], tf.float32), "line": tf.io.FixedLenFeature([], tf.string)}
        features = tf.io.parse_example(examples, spec)
        probabilities = self.answer(features["x"], features["line"])
        names = tf.tile(tf.constant([CLASSES]), [tf.shape(probabilities)[0], 1])
        return {"probabilities": probabilities, "classes": names}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float32, name="x"),
            tf.TensorSpec([None], tf.string, name="line"),
        ]
    )
    def predict_raw(self, x, line):
        return {"probabilities": self.answer(x, line)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def transform_features(self, examples):
        return {"length": tf.strings.length(examples)}


def example(x: float, line: str, label: str) -> bytes:
    def text(value):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode()]))

    number = tf.train.Feature(float_list=tf.train.FloatList(value=[x]))
    features = tf.train.Features(feature={"x": number, "line": text(line), "defect": text(label)})
    return tf.train.Example(features=features).SerializeToString()


class Stage:
    def __init__(self, folder: Path, shift: float = 0.0):
        self.folder = folder
        random = np.random.default_rng(0)
        self.labels = (random.random(3000) < 0.1).astype(int)
        self.x = random.normal(self.labels, 1) + shift
        rows = [example(x, "north", CLASSES[label]) for x, label in zip(self.x, self.labels, strict=True)] + [
            example(0.0, "north", "a class that train does not hold")
        ]
        self.examples = self.artifact("examples", standard_artifacts.Examples)
        self.examples.split_names = artifact_utils.encode_split_names(["eval", "test", "train"])
        eval_folder = folder / "examples" / "Split-eval"
        eval_folder.mkdir(parents=True)
        write_shard(shard_path(str(eval_folder), 0, 2), rows[:1000])
        write_shard(shard_path(str(eval_folder), 1, 2), rows[1000:])
        self.model = self.artifact("model", standard_artifacts.Model)
        vocabulary = folder / "lines.txt"
        vocabulary.write_text("north\nsouth\n")
        network = Network(str(vocabulary))
        signatures = {
            name: getattr(network, name) for name in ("serving_default", "predict_raw", "transform_features")
        }
        tf.saved_model.save(network, str(folder / "model" / "Format-Serving"), signatures=signatures)
        vocabulary.unlink()
        self.model_run = self.artifact("model_run", standard_artifacts.ModelRun)
        self.priors = self.artifact("priors", ClassPriors)
        made_documents.training(CLASSES, implied_prior=(0.5, 0.5)).write(self.model_run.uri)
        made_documents.priors({"good": 0.9, "größerer Riss": 0.1}).write(self.priors.uri)

    def artifact(self, name, kind):
        artifact = kind()
        artifact.uri = str(self.folder / name)
        return artifact

    def run(self, name="decided", serving="{}", **settings):
        DecisionCalibrator.test_call(
            model=self.model,
            model_run=self.model_run,
            examples=self.examples,
            class_priors=self.priors,
            decided_model=self.artifact(name, standard_artifacts.Model),
            decision=DecisionSettings(**settings).model_dump_json(by_alias=True),
            label="defect",
            seed=0,
            serving=serving,
        )
        return self.folder / name / "Format-Serving"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return Stage(tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="module")
def decided(stage):
    return stage.run(rule="macro_f1")


def answers(folder, x):
    signature = tf.saved_model.load(str(folder)).signatures["serving_default"]
    return {
        name: value.numpy()
        for name, value in signature(
            examples=tf.constant([example(one, "south", "good") for one in x])
        ).items()
    }


def test_graph_answers_what_its_description_says(decided):
    content = Decision.read(str(decided))
    x = np.linspace(-3, 4, 50)
    outputs = answers(decided, x)
    raw = softmax(np.stack([np.zeros(50), 2 * x - 1 + 0.5], axis=1), axis=1)
    np.testing.assert_allclose(outputs["raw_probabilities"], raw, rtol=1e-5)
    slope, offset = (
        np.array(list(values.values())) for values in (content.calibration.slope, content.calibration.offset)
    )
    honest = softmax(slope * np.log(raw) + offset, axis=1)
    np.testing.assert_allclose(outputs["probabilities"], honest, atol=1e-6)
    threshold = content.rule.thresholds["größerer Riss"]
    expected = (honest[:, 1] > threshold).astype(int)
    np.testing.assert_array_equal(outputs["decision_index"], expected)
    assert [name.decode() for name in outputs["decision"]] == [CLASSES[index] for index in expected]
    np.testing.assert_allclose(outputs["score"], honest[np.arange(50), expected], atol=1e-6)
    assert 0 < expected.sum() < 50 and threshold < 0.5


def test_the_graph_leaves_the_doubtful_to_a_person_and_says_whom_else_it_would_decide_for(stage):
    folder = stage.run("abstaining", rule="macro_f1", abstain={"max_share": 0.1})
    content = Decision.read(str(folder))
    x = np.linspace(-3, 4, 200)
    outputs = answers(folder, x)
    assert outputs["abstain"].dtype == bool and outputs["doubt"].dtype == np.float32
    weights = np.array(list(content.rule.weights.values()))
    weighted = outputs["probabilities"] * weights
    np.testing.assert_allclose(outputs["doubt"], 1 - weighted.max(axis=1) / weighted.sum(axis=1), atol=1e-6)
    expected = outputs["doubt"] > content.abstention.threshold
    np.testing.assert_array_equal(outputs["abstain"], expected)
    assert 0 < expected.sum() < 200 and content.abstention.share == pytest.approx(0.1, abs=0.002)
    named = [CLASSES[index] for index in outputs["decision_index"]]
    said = [name.decode() for name in outputs["decision"]]
    assert said == ["abstain" if one else name for one, name in zip(expected, named, strict=True)]
    np.testing.assert_allclose(
        outputs["score"], outputs["probabilities"][np.arange(200), outputs["decision_index"]]
    )


def test_abstention_comes_before_the_rule_and_sets_are_answered_in_any_case(stage):
    queue = {"capacity": {"class": CLASSES[1], "share": 0.1}}
    folder = stage.run("several", rule=queue, abstain={"max_share": 0.1}, coverage=0.9)
    outputs = answers(folder, np.linspace(-3, 4, 400))
    in_queue = outputs["probabilities"][:, 1] > Decision.read(str(folder)).rule.queue.size.threshold
    np.testing.assert_array_equal(outputs["decision_index"], in_queue.astype(int))
    both = outputs["abstain"] & in_queue
    assert both.any() and (outputs["abstain"] & ~in_queue).any() and (in_queue & ~outputs["abstain"]).any()
    assert set(outputs["decision"][both]) == {b"abstain"}
    assert set(outputs["decision"][in_queue & ~both]) == {CLASSES[1].encode()}
    assert outputs["prediction_set_size"][both].min() >= 1


def test_the_graph_answers_sets_by_the_thresholds_described(stage):
    folder = stage.run("sets", coverage=0.9)
    content = Decision.read(str(folder)).coverage
    outputs = answers(folder, np.linspace(-3, 4, 200))
    assert outputs["prediction_set"].dtype == bool and outputs["prediction_set_size"].dtype == np.int64
    thresholds = np.array(list(content.thresholds.values()), np.float32)
    np.testing.assert_array_equal(outputs["prediction_set"], outputs["probabilities"] >= thresholds)
    np.testing.assert_array_equal(outputs["prediction_set_size"], outputs["prediction_set"].sum(axis=1))
    signature = tf.saved_model.load(str(folder)).signatures["predict_raw"]
    x, line = tf.constant(stage.x, tf.float32), tf.constant(["north"] * 3000)
    held = signature(x=x, line=line)["prediction_set"].numpy()[np.arange(3000), stage.labels]
    for index in (0, 1):
        # These are the very records that the thresholds were fitted on.
        assert 0.9 <= held[stage.labels == index].mean() < 0.91
    assert content.own_weight == {"good": 1, "größerer Riss": 1} and content.fewest_records == 9
    empty = signature(x=x[:0], line=line[:0])
    assert empty["prediction_set"].shape == (0, 2) and empty["prediction_set_size"].shape == (0,)


def test_probabilities_are_those_of_the_natural_prior(stage, decided):
    signature = tf.saved_model.load(str(decided)).signatures["predict_raw"]
    x, line = tf.constant(stage.x, tf.float32), tf.constant(["north"] * 3000)
    rare = signature(x=x, line=line)["probabilities"].numpy()[:, 1]
    assert rare.mean() == pytest.approx(stage.labels.mean(), abs=0.005)
    # Two normal distributions one apart: the true log odds are x - 1/2 + log(1/9).
    truth = 1 / (1 + 9 * np.exp(0.5 - stage.x))
    assert np.abs(rare - truth).mean() < 0.02


def test_other_signatures_are_left_as_they_are(decided):
    loaded = tf.saved_model.load(str(decided))
    assert set(loaded.signatures) == {"serving_default", "predict_raw", "transform_features"}
    assert loaded.signatures["transform_features"](examples=tf.constant(["four"]))["length"].numpy() == [4]


def test_classes_unknown_to_the_model_are_not_fitted_on(decided):
    assert sum(Decision.read(str(decided)).fitted_on.records.values()) == 3000


def test_nothing_asked_leaves_only_the_prior_to_correct(stage):
    content = Decision.read(str(stage.run("plain", calibrate=False)))
    assert content.calibration.slope == {"good": 1, "größerer Riss": 1}
    offset = content.calibration.offset
    assert offset["größerer Riss"] - offset["good"] == pytest.approx(np.log(1 / 9))
    assert content.rule.name == "argmax" and content.rule.weights_spread is None


def test_how_it_is_served_lies_beside_the_model(stage, decided):
    assert ServedAs.of_model(str(decided)) == ServedAs(
        max_batch=64, batch_timeout_ms=5, max_image_pixels=None
    )
    other = stage.run(
        "other batches", serving=ServingSettings(max_batch=7, batch_timeout_ms=0).model_dump_json()
    )
    assert ServedAs.of_model(str(other)) == ServedAs(max_batch=7, batch_timeout_ms=0, max_image_pixels=None)
    assert "max_batch_size { value: 7 }" in (other / "batching_params.pbtxt").read_text()


def test_version_follows_the_rule(stage, decided):
    again, other = stage.run("again", rule="macro_f1"), stage.run("other", rule="balanced_accuracy")
    versions = [Decision.read(str(folder)).version for folder in (decided, again, other)]
    assert versions[0] == versions[1] != versions[2]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rule": {"min_recall": {"god": 0.9}}}, "decision.rule.min_recall: there is no class 'god'.*'good'"),
        (
            {"rule": {"cost_matrix": {"good": {"riss": 2}}}},
            "decision.rule.cost_matrix: there is no class 'riss'",
        ),
        ({"prior": {"good": 0.7, "bad": 0.3}}, "decision.prior: there is no class 'bad'"),
    ],
)
def test_a_class_that_is_not_there_is_refused_by_name(stage, settings, message):
    with pytest.raises(InputError, match=message):
        stage.run("refused", **settings)


def test_a_prior_without_a_class_is_refused_by_name(stage):
    with pytest.raises(ValueError, match=r"sum of 0\.9"):
        DecisionSettings(prior={"good": 0.9})
    with pytest.raises(InputError, match="Left out: größerer Riss"):
        stage.run("refused", prior={"good": 0.9995})


COSTS = {"class": CLASSES[1], "miss": {"column": "x", "times": 2, "plus": 1}, "false_alarm": 0.5}


@pytest.fixture(scope="module")
def paid(tmp_path_factory):
    """A stage whose records all have an amount."""
    made = Stage(tmp_path_factory.mktemp("paid"), shift=10)
    assert made.x.min() > 0
    return made


def test_the_graph_decides_by_what_each_record_costs(paid):
    folder = paid.run("costs", costs=COSTS)
    rule = Decision.read(str(folder)).rule
    assert rule.name == "costs" and rule.costs.columns == ("x",) and rule.thresholds is None
    x = np.linspace(0, 20, 200).astype(np.float32)
    outputs = answers(folder, x)
    probability = outputs["probabilities"][:, 1].astype(np.float64)
    acting, passing = (1 - probability) * 0.5, probability * (2 * x.astype(np.float64) + 1)
    np.testing.assert_array_equal(outputs["decision_index"], (acting < passing).astype(int))
    assert outputs["expected_cost"].dtype == np.float32 and 0 < outputs["decision_index"].sum() < 200
    np.testing.assert_allclose(outputs["expected_cost"], np.minimum(acting, passing), rtol=1e-6)
    raw = tf.saved_model.load(str(folder)).signatures["predict_raw"]
    named = raw(x=tf.constant(x), line=tf.constant(["south"] * 200))
    for name in ("decision_index", "expected_cost", "probabilities"):
        np.testing.assert_array_equal(named[name], outputs[name])
    with pytest.raises(tf.errors.InvalidArgumentError, match="record 2 of the request has -1 in column x"):
        raw(x=tf.constant([1.0, -1.0]), line=tf.constant(["north"] * 2))


def test_who_costs_more_than_a_person_is_left_to_one(stage):
    costs = {**COSTS, "miss": {"column": "weight"}}
    with pytest.raises(
        InputError, match=r"column 'weight' has no amount of at least 0 in 3,000 of 3,000 held-out"
    ):
        stage.run("unpriced", costs=costs, abstain={"cost": 0.3})
    folder = stage.run("persons", costs={**COSTS, "miss": 3}, abstain={"cost": 0.3})
    outputs = answers(folder, np.linspace(-3, 4, 200))
    probability = outputs["probabilities"][:, 1].astype(np.float64)
    cost = np.minimum((1 - probability) * 0.5, probability * 3)
    np.testing.assert_allclose(outputs["doubt"], cost, atol=1e-6)
    np.testing.assert_array_equal(outputs["doubt"], outputs["expected_cost"])
    np.testing.assert_array_equal(outputs["abstain"], outputs["doubt"] > np.float32(0.3))
    assert 0 < outputs["abstain"].sum() < 200


def test_amounts_of_held_out_records_that_are_negative_are_refused_with_their_number(stage):
    with pytest.raises(InputError, match=r"column 'x' has no amount of at least 0 in 1,\d\d\d of 3,000"):
        stage.run("negative", costs=COSTS)
