"""What TFMA evaluates: every class a slice, exact metrics in each, and the threshold a model must pass."""

import json

import tensorflow_model_analysis as tfma

from pipeline.evaluation_settings import EvaluationSettings


def eval_config(
    label: str, transformed_label: str, settings: EvaluationSettings, decision_key: str = ""
) -> tfma.EvalConfig:
    """Returns the configuration of TFX's Evaluator.

    The slices are all examples; each class, by the name in the raw label; each value of each column in
    `settings.slices`; and each of those crossed with the class. The threshold stands on all examples alone:
    a small slice must not decide. It is always there, for without one the Evaluator blesses nothing.

    Args:
        label: Column of the class in the raw examples, a class name.
        transformed_label: Feature of the class in the output of the model's `transform_features`, an index.
        settings: Slices and threshold.
        decision_key: Output of the model's `serving_default` with the index of the class decided for; empty
            where the most probable class is the decision.

    Raises:
        ValueError: `settings.slices` names the label.
    """
    if label in settings.slices:
        raise ValueError(
            f"Expected columns other than the label in evaluation.slices; each class is a slice in any case. "
            f"Received: {list(settings.slices)}. Take {label!r} out."
        )
    return tfma.EvalConfig(
        model_specs=[
            tfma.ModelSpec(
                signature_name="serving_default",
                prediction_key="probabilities",
                label_key=transformed_label,
                preprocessing_function_names=["transform_features"],
            )
        ],
        slicing_specs=_slicing_specs(label, settings.slices),
        metrics_specs=[_metrics_spec(settings.min_worst_recall_lower_bound, decision_key)],
    )


def _slicing_specs(label: str, columns: tuple[str, ...]) -> list[tfma.SlicingSpec]:
    keys: list[list[str]] = [[], [label]]
    for column in columns:
        keys += [[column], [column, label]]
    return [tfma.SlicingSpec(feature_keys=feature_keys) for feature_keys in keys]


def _metrics_spec(min_worst_recall_lower_bound: float, decision_key: str) -> tfma.MetricsSpec:
    threshold = tfma.PerSliceMetricThreshold(
        slicing_specs=[tfma.SlicingSpec()],
        threshold=tfma.MetricThreshold(
            value_threshold=tfma.GenericValueThreshold(lower_bound={"value": min_worst_recall_lower_bound})
        ),
    )
    return tfma.MetricsSpec(
        metrics=[
            tfma.MetricConfig(class_name="ExampleCount"),
            # In the slice of a class, this is the recall of the most probable class.
            tfma.MetricConfig(class_name="SparseCategoricalAccuracy"),
            tfma.MetricConfig(
                class_name="TailMetrics",
                module="pipeline.tail_metrics",
                config=json.dumps({"decision_key": decision_key}),
            ),
        ],
        per_slice_thresholds={
            "worst_recall_lower_bound": tfma.PerSliceMetricThresholds(thresholds=[threshold])
        },
    )
