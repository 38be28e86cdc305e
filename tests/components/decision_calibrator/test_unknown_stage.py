"""The stage calling records unknown: a network of known embeddings, wrapped, loaded again and asked."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.spatial.distance import mahalanobis
from sklearn.covariance import shrunk_covariance
from tfx.types import artifact_utils, standard_artifacts

from components.artifacts import ClassPriors
from components.decision_calibrator.class_distance import LEAST_SHRINKAGE
from components.decision_calibrator.component import DecisionCalibrator
from components.decision_calibrator.described_unknown import read_unlikeness
from components.decision_calibrator.embed_split import embed_split, evenly_chosen
from components.decision_calibrator.settings import DecisionSettings
from components.examples_io import shard_path, write_shard
from core.documents.decision import Decision
from core.documents.file_access import LOCAL
from core.errors import InputError
from core.out_of_fold import OutOfFold
from tests import made_documents

CLASSES = ["good", "größerer Riss"]
UNITS = 6
_X = tf.io.FixedLenFeature([UNITS], tf.float32)


class Network(tf.Module):
    """Embeds a record as its feature `x`, whose first value decides; counts how often it is run."""

    def __init__(self, answers_embedding=True):
        super().__init__()
        self.answers_embedding = answers_embedding
        self.runs = tf.Variable(0)

    def answer(self, x):
        with tf.control_dependencies([self.runs.assign_add(1)]):
            logits = tf.stack([tf.zeros_like(x[:, 0]), x[:, 0] - 3], axis=1)
        answers = {"probabilities": tf.nn.softmax(logits)}
        return {**answers, "embedding": x} if self.answers_embedding else answers

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serving_default(self, examples):
        return self.answer(tf.io.parse_example(examples, {"x": _X})["x"])

    @tf.function(input_signature=[tf.TensorSpec([None, UNITS], tf.float32, name="x")])
    def predict_raw(self, x):
        return self.answer(x)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def embed(self, examples):
        return {"embedding": tf.io.parse_example(examples, {"x": _X})["x"]}


def example(key, x, label):
    def text(value):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode()]))

    numbers = tf.train.Feature(float_list=tf.train.FloatList(value=x))
    features = {"x": numbers, "defect": text(label), "record_key": text(key)}
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


class Stage:
    """Two normal classes, one of them rare, with the split that a record is in."""

    def __init__(self, folder):
        self.folder = folder
        random = np.random.default_rng(0)
        self.labels = (np.arange(900) % 10 == 0).astype(int)
        self.x = random.normal(size=(900, UNITS)).astype(np.float32)
        self.x[np.arange(900), 1 - self.labels] += 6
        self.is_train = np.arange(900) < 500
        self.examples = self.artifact("examples", standard_artifacts.Examples)
        self.examples.split_names = artifact_utils.encode_split_names(["eval", "test", "train"])
        for split, mine in (("train", self.is_train), ("eval", ~self.is_train)):
            place = folder / "examples" / f"Split-{split}"
            place.mkdir(parents=True)
            rows = [
                example(f"row {row}", self.x[row], CLASSES[self.labels[row]]) for row in np.flatnonzero(mine)
            ]
            write_shard(shard_path(str(place), 0, 2), [*rows[:100], example("other", self.x[0], "other")])
            write_shard(shard_path(str(place), 1, 2), rows[100:])
        self.model = self.export("model", Network())
        self.model_run = self.artifact("model_run", standard_artifacts.ModelRun)
        self.priors = self.artifact("priors", ClassPriors)
        made_documents.training(CLASSES, implied_prior=(0.5, 0.5)).write(self.model_run.uri)
        made_documents.priors(dict(zip(CLASSES, (0.9, 0.1), strict=True))).write(self.priors.uri)

    def export(self, name, network):
        signatures = {one: getattr(network, one) for one in ("serving_default", "predict_raw", "embed")}
        tf.saved_model.save(network, str(self.folder / name / "Format-Serving"), signatures=signatures)
        return self.artifact(name, standard_artifacts.Model)

    def artifact(self, name, kind):
        artifact = kind()
        artifact.uri = str(self.folder / name)
        return artifact

    def run(self, name, model=None, model_run=None, **settings):
        DecisionCalibrator.test_call(
            model=model or self.model,
            model_run=model_run or self.model_run,
            examples=self.examples,
            class_priors=self.priors,
            decided_model=self.artifact(name, standard_artifacts.Model),
            decision=DecisionSettings(**settings).model_dump_json(by_alias=True),
            label="defect",
            seed=0,
        )
        return str(self.folder / name / "Format-Serving")


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return Stage(tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="module")
def decided(stage):
    return stage.run("decided", unknown={"max_false_alarm": 0.05}, abstain={"max_share": 0.1})


def coordinates(vectors):
    lengths = np.sqrt((vectors.astype(float) ** 2).sum(axis=1))
    return np.column_stack([vectors / lengths[:, np.newaxis], np.log(lengths)])


def due_by_scipy(stage, asked):
    """Distances to the nearest mean of train, by what is usual in eval."""
    x, labels = coordinates(stage.x[stage.is_train]), stage.labels[stage.is_train]
    means = np.stack([x[labels == index].mean(axis=0) for index in (0, 1)])
    about = x - means[labels]
    inverse = np.linalg.inv(shrunk_covariance(about.T @ about / 498, LEAST_SHRINKAGE))
    stretch = np.sqrt(1 + 1 / np.bincount(labels))

    def distances(records):
        return np.array(
            [
                min(mahalanobis(one, mean, inverse) / of for mean, of in zip(means, stretch, strict=True))
                for one in coordinates(records)
            ]
        )

    return distances(asked) / np.median(distances(stage.x[~stage.is_train]))


def test_the_served_unlikeness_is_the_distance_by_scipy_in_every_signature(stage, decided):
    new = np.random.default_rng(1).normal(scale=3, size=(50, UNITS)).astype(np.float32)
    asked = np.concatenate([new, stage.x[:50]])
    due, served = due_by_scipy(stage, asked), tf.saved_model.load(decided).signatures
    threshold = Decision.read(decided).unknown.threshold
    for answers in (
        served["predict_raw"](x=tf.constant(asked)),
        served["serving_default"](examples=tf.constant([example("", one, "good") for one in asked])),
    ):
        np.testing.assert_allclose(answers["unlikeness"], due, rtol=1e-5)
        np.testing.assert_array_equal(answers["unknown"], due > threshold)
        assert "embedding" not in answers
        words = np.where(
            answers["abstain"],
            b"abstain",
            np.array([b"good", CLASSES[1].encode()])[answers["decision_index"]],
        )
        np.testing.assert_array_equal(answers["decision"], np.where(due > threshold, b"unknown", words))
    assert 0 < answers["unknown"].numpy().mean() < 1
    assert (answers["abstain"] & answers["unknown"]).numpy().any()
    np.testing.assert_allclose(read_unlikeness(decided, LOCAL).of(asked), due, rtol=1e-5)


def test_the_network_is_run_once_for_all_that_is_answered(decided):
    loaded = tf.saved_model.load(decided)
    [runs] = [one for one in loaded.signatures["predict_raw"].variables if one.dtype == tf.int32]
    before = int(runs.numpy())
    loaded.signatures["predict_raw"](x=tf.zeros([3, UNITS]))
    assert int(runs.numpy()) == before + 1


def test_the_document_says_what_was_found_by_which_records(stage, decided):
    figures = Decision.read(decided).unknown
    assert (figures.held_out, figures.networks) == (400, 1)
    assert figures.trained_on == {CLASSES[0]: 450, CLASSES[1]: 50}
    due = due_by_scipy(stage, stage.x[~stage.is_train])
    assert 0.04 < (due > figures.threshold).mean() <= 0.05
    assert figures.false_alarm <= 0.05 and figures.measure == read_unlikeness(decided, LOCAL).digest


def test_networks_by_folds_are_each_measured_by_what_they_learnt(stage):
    model_run = stage.artifact("by_folds", standard_artifacts.ModelRun)
    made_documents.training(CLASSES, implied_prior=(0.5, 0.5)).write(model_run.uri)
    keys = sorted(f"row {row}" for row in range(900))
    labels = stage.labels[[int(key.removeprefix("row ")) for key in keys]]
    said = np.log(np.full((2, 900, 2), 0.5, np.float32))
    OutOfFold(keys, CLASSES, labels, np.arange(900) % 2, said).write(model_run.uri)
    saved = stage.run("folded", model_run=model_run, unknown={"max_false_alarm": 0.05})
    figures = Decision.read(saved).unknown
    assert (figures.networks, figures.held_out, sum(figures.trained_on.values())) == (2, 900, 900)
    measure, served = read_unlikeness(saved, LOCAL), tf.saved_model.load(saved).signatures["predict_raw"]
    assert measure.units == [3, 3]
    np.testing.assert_allclose(
        served(x=tf.constant(stage.x[:40]))["unlikeness"], measure.of(stage.x[:40]), rtol=1e-5
    )


def test_a_network_of_an_earlier_release_is_refused_with_the_way_out(stage):
    model = stage.export("earlier", Network(answers_embedding=False))
    with pytest.raises(InputError, match=r"decision\.unknown.*Run into a new folder with --output"):
        stage.run("refused", model=model, unknown={"max_false_alarm": 0.05})
    assert "unlikeness" not in stage.run("plain", model=model)


def test_too_few_held_out_records_are_refused_with_their_number(stage):
    with pytest.raises(InputError, match=r"takes 999 held-out.*with 400 held-out"):
        stage.run("refused", unknown={"max_false_alarm": 0.001})


def test_of_very_many_records_rare_classes_keep_all_and_the_rest_is_chosen_by_key(stage):
    folder, split = (
        str(stage.folder / "model" / "Format-Serving"),
        str(stage.folder / "examples" / "Split-train"),
    )
    every, some = (embed_split(folder, split, "defect", CLASSES, most) for most in (10_000, 150))
    assert np.bincount(every.labels).tolist() == [450, 50] and np.bincount(some.labels).tolist() == [100, 50]
    place = {key: row for row, key in enumerate(every.keys)}
    np.testing.assert_array_equal(some.vectors, every.vectors[[place[key] for key in some.keys]])
    backwards = evenly_chosen(every.keys[::-1], every.labels[::-1], 150)
    assert {every.keys[::-1][row] for row in backwards} == set(some.keys)
