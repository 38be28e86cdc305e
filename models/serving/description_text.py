"""Writes a model's description as text for the terminal."""

from collections.abc import Iterator, Mapping

from core.documents.decision import Decision
from core.documents.raw_inputs import RawFeature
from models.serving.describe import ModelDescription, TensorDescription

_MIB = 2**20
_OF_RAW_VALUES = ("predict_raw", "explain")
# By signature and output.
_OUTPUT_NOTES = {
    "explain": {
        "heat_map": "  Grad-CAM for the decision, in [0, 1]",
        "contributions": "  of each column, to the decision's log-odds",
        "reference_log_odds": "  of a record of train medians and unknown categories",
    }
}


def description_text(model: ModelDescription) -> str:
    """Writes out what `describe_model` returns, in lines."""
    return "\n".join(_lines(model))


def _lines(model: ModelDescription) -> Iterator[str]:
    yield f"{model.name}, version {model.version}"
    yield f"  folder      {model.folder}"
    yield f"  size        {model.bytes / _MIB:.1f} MiB, exported with TensorFlow {model.tensorflow}"
    yield f"  warm-up     {'requests beside the model' if model.warmup else 'no requests'}"
    kinds = {} if model.features is None else model.features.by_input()
    for name, signature in model.signatures.items():
        yield f"\nsignature {name}"
        features = kinds if name in _OF_RAW_VALUES else {}
        notes = {tensor: f"  {_feature(feature)}" for tensor, feature in features.items()}
        yield from _tensor_lines("input", signature.inputs, notes)
        yield from _tensor_lines("output", signature.outputs, _OUTPUT_NOTES.get(name, {}))
    if model.decision is not None:
        yield from _decision_lines(model.decision)


def _tensor_lines(
    title: str, tensors: Mapping[str, TensorDescription], notes: Mapping[str, str]
) -> Iterator[str]:
    for position, (name, spec) in enumerate(tensors.items()):
        label = title if position == 0 else ""
        yield f"  {label:<8}{name:<20} {spec.dtype:<8} {_shape(spec.shape)}{notes.get(name, '')}"


def _feature(feature: RawFeature) -> str:
    renamed = "" if feature.name == feature.input else f" of column {feature.name!r}"
    missing = '""' if feature.kind in ("text", "image") else "NaN"
    return f"{feature.kind}{renamed}, {missing} where missing"


def _shape(shape: list[int | None] | None) -> str:
    if shape is None:
        return "(any)"
    return f"({', '.join('batch' if size is None else str(size) for size in shape)})"


def _decision_lines(decision: Decision) -> Iterator[str]:
    calibration, rule, priors = decision.calibration, decision.rule, decision.priors
    yield f"\ndecision, version {decision.version}"
    yield f"  probabilities  {calibration.formula}"
    yield f"  rule           {rule.name}: {rule.formula}"
    if rule.queue is not None:
        yield f"  queue          {rule.queue.size.share:.4g} of the records at most"
    if rule.costs is not None:
        yield f"  costs          {rule.costs.text()}, of the class {rule.costs.class_name!r}"
        if rule.costs.columns:
            yield f"  amounts        {', '.join(map(repr, rule.costs.columns))}: at least 0 in every request, else it is refused"
    if decision.abstention is not None:
        yield f"  abstention     where doubt is above {decision.abstention.threshold:.6g}: {decision.abstention.formula}"
    if decision.coverage is not None:
        yield f"  sets           of the classes whose probability is at least the bound, for a coverage of {decision.coverage.coverage:.4g}"
    if decision.unknown is not None:
        yield f"  unknown        where unlikeness is above {decision.unknown.threshold:.6g}, for no more than {decision.unknown.max_false_alarm:.4g} of the known"
    by_class = {
        "slope": calibration.slope,
        "offset": calibration.offset,
        "learnt under": priors.implied,
        "natural": priors.natural,
        "weight": rule.weights,
        "threshold": rule.thresholds,
        "bound": None if decision.coverage is None else decision.coverage.thresholds,
    }
    columns = {name: values for name, values in by_class.items() if values is not None}
    width = max(map(len, [*decision.classes, "class"]))
    yield f"\n  {'class':<{width}}" + "".join(f"{name:>14}" for name in columns)
    for name in decision.classes:
        yield f"  {name:<{width}}" + "".join(f"{values[name]:>14.4g}" for values in columns.values())
