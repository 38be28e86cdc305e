"""Asks the model that decides which columns moved its decisions most."""

from collections.abc import Sequence

import tensorflow as tf
from tfx.dsl.io import fileio

from components.html_report.records.find_records import values_of
from components.serving_validator.replay import ask
from core.documents.raw_inputs import features_by_input
from core.reasons import strongest_reasons

_SIGNATURE, _SHOWN = "explain", 3


def column_reasons(model: str, examples: Sequence[bytes], without: Sequence[str]) -> list[list[str]]:
    """Writes the three strongest reasons for the decision on each of some records.

    Args:
        model: Folder of the SavedModel that decides.
        examples: Serialised raw tf.Examples.
        without: Features that are no columns.

    Returns:
        The reasons for each, see core.reasons; none where the model does not explain columns, or cannot be asked of the
        record.
    """
    described = features_by_input(model, fileio)
    reasons: list[list[str]] = [[] for _ in examples]
    if not examples or all(one.kind == "image" for one in described.values()):
        return reasons
    loaded = tf.saved_model.load(model)
    signature = loaded.signatures.get(_SIGNATURE)
    if signature is None or "contributions" not in signature.structured_outputs:
        return reasons
    outputs, rows, _ = ask(signature, examples, described)
    for place, row in enumerate(rows):
        answer = {name: values[place] for name, values in outputs.items()}
        values = values_of(examples[row], without)
        reasons[row] = list(map(str, strongest_reasons(answer, values, _SHOWN)))
    return reasons
