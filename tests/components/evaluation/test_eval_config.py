"""Runs the Evaluator on a small model and reads its result back."""

import json
import pickle
from collections import namedtuple

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_model_analysis as tfma
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_model_analysis.proto import config_pb2
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types import artifact_utils, standard_artifacts, standard_component_specs
from tfx.utils import proto_utils

from components.evaluation.answered_records import Answers
from components.evaluation.classification_metrics import classification_metrics
from components.evaluation.eval_config import eval_config
from components.evaluation.promotion_gate import Limits, promotion_conditions
from components.evaluation.result import read_evaluation, read_test_records
from components.evaluation.settings import EvaluationSettings
from components.evaluation.tail_metrics import TailMetrics, in_order
from components.evaluator.component import Executor
from core.documents.document import Part

CLASSES = ("ant", "bée", "cat")
Data = namedtuple("Data", "labels x sites")
Run = namedtuple("Run", "result uri blessing")


def make_data():
    """Sixty long-tailed examples; site north has no example of the rarest class."""
    random = np.random.default_rng(7)
    labels = np.repeat([0, 1, 2], [40, 15, 5])
    x = (labels + random.normal(scale=0.7, size=60)).round(1).astype(np.float32)
    sites = np.where((np.arange(60) % 2 == 0) & (labels < 2), "north", "south")
    return Data(labels, x, sites)


def probabilities_of(x):
    """The model: softmax over -(x - index)², in float32.

    By way of float64: in float32, the last digit of a row depends on its place in the batch, and so do ties.
    """
    logits = -tf.square(tf.reshape(tf.cast(x, tf.float64), (-1, 1)) - tf.range(3, dtype=tf.float64))
    return tf.cast(tf.nn.softmax(logits), tf.float32)


def cautious_decisions(probabilities):
    """A decision rule other than the largest probability: the rarest class from 0.2 on."""
    return tf.where(probabilities[:, 2] >= 0.2, tf.constant(2, tf.int64), tf.argmax(probabilities, axis=1))


class Model(tf.Module):
    """Parses serialized examples with a class name `label` and a float `x`; `order` is that of its classes."""

    def __init__(self, label_rank=1, decide=None, order=(0, 1, 2), shift=0.0):
        super().__init__()
        self.label_rank = label_rank
        self.decide = decide or (lambda probabilities: tf.argmax(probabilities, axis=1))
        self.order = order
        self.shift = shift
        self.classes = tf.constant([CLASSES[index] for index in order])
        self.index = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(self.classes, tf.range(3, dtype=tf.int64)), -1
        )

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serving_default(self, examples):
        return self.answers(examples)

    def answers(self, examples):
        parsed = tf.io.parse_example(examples, {"x": tf.io.FixedLenFeature([], tf.float32)})
        probabilities = tf.gather(probabilities_of(parsed["x"] + self.shift), self.order, axis=1)
        return {
            "probabilities": probabilities,
            "raw_probabilities": tf.reverse(probabilities, [1]),
            "decision_index": self.decide(probabilities),
            "classes": tf.tile(self.classes[tf.newaxis], [tf.shape(probabilities)[0], 1]),
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def transform_features(self, examples):
        parsed = tf.io.parse_example(examples, {"label": tf.io.FixedLenFeature([], tf.string)})
        index = self.index.lookup(parsed["label"])
        return {"label_xf": index if self.label_rank == 1 else index[:, tf.newaxis]}


def write_examples(folder, data):
    folder.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(folder / "data_tfrecord-00000-of-00001.gz"), "GZIP") as writer:
        for row, (label, x, site) in enumerate(zip(data.labels, data.x, data.sites, strict=True)):
            features = {
                "record_key": tf.train.Feature(
                    bytes_list=tf.train.BytesList(value=[f"row {row:02d}".encode()])
                ),
                "label": tf.train.Feature(bytes_list=tf.train.BytesList(value=[CLASSES[label].encode()])),
                "x": tf.train.Feature(float_list=tf.train.FloatList(value=[x])),
                "site": tf.train.Feature(bytes_list=tf.train.BytesList(value=[site.encode()])),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())


def evaluate(folder, config, model=None, baseline=None):
    """Runs the Evaluator's executor on artifacts in `folder`, as a pipeline would."""
    examples, evaluation = standard_artifacts.Examples(), standard_artifacts.ModelEvaluation()
    blessing = standard_artifacts.ModelBlessing()
    for name, artifact in {"examples": examples, "out": evaluation, "blessing": blessing}.items():
        artifact.uri = str(folder / name)
    examples.split_names = artifact_utils.encode_split_names(["test"])
    write_examples(folder / "examples" / "Split-test", make_data())
    models = {standard_component_specs.MODEL_KEY: [save(model or Model(), folder / "model")]}
    if baseline is not None:
        models[standard_component_specs.BASELINE_MODEL_KEY] = [save(baseline, folder / "baseline")]

    context = BaseBeamExecutor.Context(beam_pipeline_args=[], tmp_dir=str(folder / "tmp"), unique_id="1")
    Executor(context).Do(
        {standard_component_specs.EXAMPLES_KEY: [examples], **models},
        {
            standard_component_specs.EVALUATION_KEY: [evaluation],
            standard_component_specs.BLESSING_KEY: [blessing],
        },
        {
            standard_component_specs.EVAL_CONFIG_KEY: proto_utils.proto_to_json(config),
            standard_component_specs.EXAMPLE_SPLITS_KEY: json.dumps(["test"]),
        },
    )
    found = read_evaluation(evaluation.uri, CLASSES, "label")
    return Run(json.loads(json.dumps(vars(found), default=Part.as_dict)), evaluation.uri, blessing)


def save(module, folder):
    signatures = {"serving_default": module.serving_default, "transform_features": module.transform_features}
    tf.saved_model.save(module, str(folder / "Format-Serving"), signatures)
    model = standard_artifacts.Model()
    model.uri = str(folder)
    return model


def expected_metrics(chosen=slice(None), decide=None):
    data = make_data()
    probabilities = probabilities_of(data.x[chosen])
    decisions = None if decide is None else decide(probabilities).numpy()
    return classification_metrics(data.labels[chosen], probabilities.numpy(), CLASSES, decisions).as_dict()


def assert_same(actual, expected):
    """Compares nested results, numbers to 1e-6, None with None alone."""
    if isinstance(expected, dict):
        assert list(actual) == list(expected)
        for key in expected:
            assert_same(actual[key], expected[key])
    elif isinstance(expected, list | tuple):
        assert len(actual) == len(expected)
        for one, other in zip(actual, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, str) or expected is None:
        assert actual == expected
    else:
        assert actual == pytest.approx(expected, abs=1e-6)


@pytest.fixture(scope="module")
def lenient(tmp_path_factory):
    """A run with a user's slice, threshold 0, and labels of shape (batch, 1)."""
    config = eval_config("label", "label_xf", EvaluationSettings(slices=("site",)))
    return evaluate(tmp_path_factory.mktemp("lenient"), config, Model(label_rank=2))


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A run with threshold 1, a model that decides by a rule of its own, and a column that costs are made of."""
    config = eval_config("label", "label_xf", EvaluationSettings(min_worst_recall_lower_bound=1.0), ("x",))
    return evaluate(tmp_path_factory.mktemp("strict"), config, Model(decide=cautious_decisions))


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A run whose last blessed model orders the classes differently and is the better one."""
    config = eval_config("label", "label_xf", EvaluationSettings(slices=("site",)))
    # No record lies as near to two classes: the order of the classes would decide.
    worse, before = Model(shift=-0.63), Model(order=(2, 0, 1), shift=0.03)
    return evaluate(tmp_path_factory.mktemp("compared"), config, worse, before)


class TestWholeRun:
    def test_numbers_of_all_examples_are_those_of_the_arrays(self, lenient):
        expected = expected_metrics()
        for part in ("n", "summary", "per_class", "confusion"):
            assert_same(lenient.result[part], expected[part])
        json.dumps(lenient.result, allow_nan=False)

    def test_numbers_of_a_users_slice_are_those_of_its_examples(self, lenient):
        assert list(lenient.result["slices"]) == ["site=north", "site=south"]
        for site in ("north", "south"):
            expected = expected_metrics(make_data().sites == site)
            del expected["confusion"]
            assert_same(lenient.result["slices"][f"site={site}"], expected)

    def test_what_a_slice_does_not_define_is_none(self, lenient):
        absent = lenient.result["slices"]["site=north"]["per_class"]["cat"]
        assert absent["support"] == 0
        assert absent["recall"] is None
        assert absent["recall_interval"] is None

    def test_every_class_is_a_slice_by_name_alone_and_crossed_with_the_users(self, lenient):
        slices = {frozenset(key) for key, _ in tfma.load_eval_result(lenient.uri).slicing_metrics}
        assert {frozenset({("label", name)}) for name in CLASSES} <= slices
        assert frozenset({("label", "ant"), ("site", "north")}) in slices
        assert len(slices) == 1 + 3 + 2 + 5

    def test_worst_recall_in_the_slice_of_a_class_is_its_recall(self, lenient):
        sliced = dict(tfma.load_eval_result(lenient.uri).slicing_metrics)
        for name in CLASSES:
            values = sliced[(("label", name),)][""][""]
            recall = lenient.result["per_class"][name]["recall"]
            assert values["worst_recall"]["doubleValue"] == pytest.approx(recall)

    def test_model_over_the_threshold_is_blessed(self, lenient):
        assert lenient.result["blessed"] is True
        assert lenient.result["not_blessed_because"] == []
        assert lenient.blessing.get_int_custom_property("blessed") == 1

    def test_model_under_the_threshold_is_not_blessed_and_says_which_class(self, strict):
        assert strict.result["blessed"] is False
        assert strict.blessing.get_int_custom_property("blessed") == 0
        reasons = strict.result["not_blessed_because"]
        assert len(reasons) == 3
        for name, reason in zip(CLASSES, reasons, strict=True):
            low, _ = strict.result["per_class"][name]["recall_interval"]
            assert f"Class {name!r} has recall" in reason and f"95 % interval {low:.3g} to" in reason
            assert "must be at least 1" in reason

    def test_raw_probabilities_are_judged_beside_the_calibrated(self, lenient):
        data = make_data()
        raw = probabilities_of(data.x).numpy()[:, ::-1]
        expected = classification_metrics(data.labels, raw, CLASSES).summary
        assert_same(lenient.result["uncalibrated"]["summary"], expected)

    def test_test_records_hold_what_was_answered(self, strict):
        records, data = read_test_records(strict.uri), make_data()
        assert list(records.keys) == [f"row {row:02d}" for row in range(60)]
        np.testing.assert_array_equal(records.labels, data.labels)
        probabilities = probabilities_of(data.x)
        np.testing.assert_allclose(records.probabilities, probabilities, rtol=1e-5)
        np.testing.assert_array_equal(records.decisions, cautious_decisions(probabilities))
        assert records.classes == CLASSES and records.baseline_decisions is None
        assert records.amounts.dtype == np.float64
        np.testing.assert_array_equal(records.amounts[:, 0], data.x)

    def test_last_blessed_model_is_compared_class_by_name_whatever_its_order(self, compared):
        data = make_data()
        records = read_test_records(compared.uri)
        assert records.amounts is None
        before = probabilities_of(data.x + 0.03).numpy()
        np.testing.assert_allclose(records.baseline_probabilities, before, rtol=1e-5)
        np.testing.assert_array_equal(records.baseline_decisions, before.argmax(axis=1))
        now = probabilities_of(data.x - 0.63).numpy()
        expected = promotion_conditions(
            CLASSES,
            data.labels,
            Answers(now.argmax(axis=1), now),
            Answers(before.argmax(axis=1), before),
            Limits(),
        )
        assert_same(
            [condition["sentence"] for condition in compared.result["conditions"]],
            [condition.sentence for condition in expected],
        )

    def test_a_model_worse_than_the_last_blessed_one_is_not_blessed(self, compared):
        assert compared.blessing.get_int_custom_property("blessed") == 0
        assert compared.result["has_baseline"] and not compared.result["blessed"]
        assert any("recall fell from" in reason for reason in compared.result["not_blessed_because"])
        summary = classification_metrics(
            make_data().labels, probabilities_of(make_data().x - 0.63).numpy(), CLASSES
        )
        assert_same(compared.result["summary"], summary.summary)

    def test_decisions_of_the_model_are_judged_where_it_has_its_own(self, strict):
        expected = expected_metrics(decide=cautious_decisions)
        assert expected["confusion"] != expected_metrics()["confusion"]
        for part in ("summary", "per_class", "confusion"):
            assert_same(strict.result[part], expected[part])

    @pytest.mark.parametrize("run", ["lenient", "compared"])
    def test_reading_asks_for_no_model_that_is_not_there(self, request, run, caplog):
        read_evaluation(request.getfixturevalue(run).uri, CLASSES, "label")
        assert not caplog.messages

    def test_another_number_of_class_names_is_refused(self, lenient):
        with pytest.raises(ValueError, match=r"as many class names .* 3"):
            read_evaluation(lenient.uri, ["ant", "bée"], "label")


class SizeTelling(Model):
    """Says by its raw probabilities how many records it is asked about at a time."""

    def answers(self, examples):
        size = tf.shape(examples)[0]
        share = tf.cast(size, tf.float32) / 128
        return {
            **super().answers(examples),
            "raw_probabilities": tf.tile([[share, 1 - share, 0]], [size, 1]),
        }


def test_the_model_is_asked_in_batches_that_the_data_decide(tmp_path):
    run = evaluate(tmp_path, eval_config("label", "label_xf", EvaluationSettings()), SizeTelling())
    # Not one record first, then two, four and eight, as long as there is time.
    assert set(read_test_records(run.uri).raw_probabilities[:, 0].tolist()) == {60 / 128}


class TestCombiner:
    def combiner(self, **settings):
        (computation,) = TailMetrics(**settings).computations(model_names=[""])
        return computation.combiner

    def element(self, label, probabilities):
        return tfma.metrics.StandardMetricInputs(
            {"labels": np.array([label]), "predictions": np.array(probabilities, np.float32)}
        )

    def accumulate(self, combiner, chosen):
        accumulator = combiner.create_accumulator()
        data = make_data()
        for label, probabilities in zip(
            data.labels[chosen], probabilities_of(data.x[chosen]).numpy(), strict=True
        ):
            accumulator = combiner.add_input(accumulator, self.element(label, probabilities))
        return accumulator

    def test_workers_merged_in_any_order_give_the_numbers_of_one(self):
        combiner = self.combiner()
        whole = combiner.extract_output(self.accumulate(combiner, slice(None)))
        parts = [self.accumulate(combiner, slice(start, start + 20)) for start in (40, 0, 20)]
        travelled = [pickle.loads(pickle.dumps(part)) for part in [combiner.create_accumulator(), *parts]]
        merged = combiner.extract_output(combiner.merge_accumulators(travelled))
        assert list(merged) == list(whole)
        for key, value in whole.items():
            np.testing.assert_array_equal(merged[key], value)

    @given(st.permutations(range(60)))
    def test_records_in_any_order_are_summed_in_one(self, order):
        data = make_data()
        rows = np.rec.fromarrays([data.labels, probabilities_of(data.x).numpy()[:, 0] * 1e-3])
        assert in_order(rows[order]).tobytes() == in_order(rows).tobytes()
        assert sorted(in_order(rows[order]).tolist()) == sorted(rows.tolist())

    def test_accumulator_travels_as_float32_without_spare_capacity(self):
        combiner = self.combiner()
        accumulator = combiner.create_accumulator()
        row = np.full(100, 0.01, np.float32)
        for _ in range(1025):
            combiner.add_input(accumulator, self.element(3, row))
        assert len(pickle.dumps(accumulator)) < 1.05 * 1025 * 4 * (100 + 2)

    def test_slice_of_one_class_gets_every_metric(self):
        combiner = self.combiner()
        of_all = combiner.extract_output(self.accumulate(combiner, slice(None)))
        of_class = combiner.extract_output(self.accumulate(combiner, slice(0, 40)))
        assert list(of_class) == list(of_all)

    def test_decision_output_that_the_model_lacks_is_named(self):
        combiner = self.combiner(decision_key="decision")
        with pytest.raises(ValueError, match="decision_key='decision'"):
            combiner.add_input(combiner.create_accumulator(), self.element(0, [0.9, 0.1]))


class TestEvalConfig:
    def test_label_among_the_slices_is_refused(self):
        with pytest.raises(ValueError, match="Take 'label' out"):
            eval_config("label", "label_xf", EvaluationSettings(slices=("label",)))

    def test_threshold_stands_on_all_examples_alone(self):
        (spec,) = eval_config("label", "label_xf", EvaluationSettings(slices=("site",))).metrics_specs
        (threshold,) = spec.per_slice_thresholds["failed_conditions"].thresholds
        assert list(threshold.slicing_specs) == [config_pb2.SlicingSpec()]
