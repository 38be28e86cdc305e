"""Configuration of TFMA: every class a slice, exact metrics in each, and the gate a model must pass."""

import json
from collections.abc import Sequence

import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2

from components.evaluation.promotion_metric import FAILED_CONDITIONS
from components.evaluation.settings import EvaluationSettings
from core.features import RECORD_KEY

DECISION_KEY = "decision_index"


def eval_config(
    label: str, transformed_label: str, settings: EvaluationSettings, amount_columns: Sequence[str] = ()
) -> config_pb2.EvalConfig:
    """Returns the configuration of TFX's Evaluator.

    The slices are all examples; each class, by the name in the raw label; each value of each column in
    `settings.slices`; and each of those crossed with the class. The gate stands on all examples alone: a
    small slice must not decide. Where there is a model blessed before, the Evaluator adds it as the
    baseline.

    Args:
        label: Column of the class in the raw examples, a class name.
        transformed_label: Feature of the class in the output of the model's `transform_features`, an index.
        settings: Slices and limits.
        amount_columns: Raw columns that the costs of a record are made of, sorted.

    Raises:
        ValueError: `settings.slices` names the label.
    """
    if label in settings.slices:
        raise ValueError(
            f"Expected columns other than the label in evaluation.slices; each class is a slice in any case. "
            f"Received: {list(settings.slices)}. Take {label!r} out."
        )
    return config_pb2.EvalConfig(
        model_specs=[
            config_pb2.ModelSpec(
                # Said here, so that it is not loaded as a Keras model to find out.
                model_type=tfma.TF_GENERIC,
                signature_name="serving_default",
                prediction_key="probabilities",
                label_key=transformed_label,
                preprocessing_function_names=["transform_features"],
            )
        ],
        slicing_specs=_slicing_specs(label, settings.slices),
        metrics_specs=[_metrics_spec(settings, amount_columns)],
    )


def _slicing_specs(label: str, columns: tuple[str, ...]) -> list[config_pb2.SlicingSpec]:
    keys: list[list[str]] = [[], [label]]
    for column in columns:
        keys += [[column], [column, label]]
    return [config_pb2.SlicingSpec(feature_keys=feature_keys) for feature_keys in keys]


def _metrics_spec(settings: EvaluationSettings, amount_columns: Sequence[str]) -> config_pb2.MetricsSpec:
    gate = {
        "key_feature": RECORD_KEY,
        "min_recall_lower_bound": settings.min_worst_recall_lower_bound,
        "max_drop": settings.max_drop,
        "drop_confidence": settings.drop_confidence,
        **({"amount_columns": list(amount_columns)} if amount_columns else {}),
    }
    bound = config_pb2.GenericValueThreshold(upper_bound={"value": 0})
    threshold = config_pb2.PerSliceMetricThreshold(
        slicing_specs=[config_pb2.SlicingSpec()],
        threshold=config_pb2.MetricThreshold(value_threshold=bound),
    )
    return config_pb2.MetricsSpec(
        metrics=[
            config_pb2.MetricConfig(class_name="ExampleCount"),
            config_pb2.MetricConfig(
                class_name="TailMetrics",
                module="components.evaluation.tail_metrics",
                config=json.dumps({"decision_key": DECISION_KEY}),
            ),
            config_pb2.MetricConfig(
                class_name="Promotion",
                module="components.evaluation.promotion_metric",
                config=json.dumps(gate),
            ),
        ],
        per_slice_thresholds={FAILED_CONDITIONS: config_pb2.PerSliceMetricThresholds(thresholds=[threshold])},
    )
