"""Writes the reasons for answers as cells of the table of `counterpoise predict`."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.stratified_example_gen.records import Record
from components.unlabelled_example_gen.sources import NUMBERS
from core.documents.raw_inputs import RawFeature
from core.errors import InputError
from core.reasons import strongest_reasons
from models.serving.describe import describe_model
from pipeline.pushed_model import PushedModel

EXPLAIN = "explain"


def check_explains_columns(model: PushedModel) -> None:
    """Checks, without TensorFlow, that a model says what its columns contribute.

    Raises:
        InputError: It does not.
    """
    try:
        signatures = describe_model(model.folder, model.name, model.version).signatures
    except ValueError as error:
        raise InputError(str(error)) from error
    if EXPLAIN not in signatures or "contributions" not in signatures[EXPLAIN].outputs:
        has_columns = any(one.kind != "image" for one in model.features())
        why = (
            "was pushed by a version that did not explain columns yet. Run the experiment again, or leave --explain out."
            if has_columns
            else "has no columns, whose contributions are the reasons. Leave --explain out."
        )
        raise InputError(f"--explain: the model {model.name}, version {model.version}, {why}")


def reason_header(count: int) -> list[str]:
    """Names the columns of so many reasons."""
    return [f"reason_{number}" for number in range(1, count + 1)]


def reason_cells(
    features: Sequence[RawFeature], record: Record, answer: Mapping[str, Any], count: int
) -> list[str]:
    """Writes the strongest reasons, such as `amount = 912.5 (+1.83)`; "" where there are fewer columns.

    Args:
        features: The raw features.
        record: The record.
        answer: What `explain` answers to it; see strongest_reasons.
        count: How many.
    """
    values = {one.name: _text(one, record.cells[one.name]) for one in features if one.kind != "image"}
    reasons = list(map(str, strongest_reasons(answer, values, count)))
    return reasons + [""] * (count - len(reasons))


def _text(feature: RawFeature, cell: Any) -> str:
    if cell is None:
        return ""
    return f"{float(cell):.6g}" if feature.kind in NUMBERS else str(cell)
