"""Which fields the page shows: the inputs of the signature that takes raw values."""

from typing import Any

import tensorflow as tf

from models.serving.server.served_model import ServedModel
from models.serving.server.signature import Signature

RAW_SIGNATURE = "predict_raw"


def form_document(name: str, model: ServedModel) -> dict[str, Any]:
    """Describes the fields of the form for one row.

    Args:
        name: The model's name.
        model: The model.

    Returns:
        `signature`: the one to ask, or None where the model has none that takes raw values; `missing`:
        why, or None; `fields`: name, label, kind (`number`, `whole`, `truth`, `image`, or `text`) and shape of
        one row. Label and kind are the exporter's where it left any, else the input's
        name and a guess; images come first, then by label.
    """
    signature = model.find(RAW_SIGNATURE)
    document = {"name": name, "version": str(model.version), "signatures": sorted(model.signatures)}
    if signature is None:
        missing = (
            f"Version {model.version} has no signature {RAW_SIGNATURE}, which takes an image and columns as "
            "they are. Its signatures can be asked over REST and gRPC."
        )
        return {**document, "signature": None, "missing": missing, "fields": []}
    fields = []
    for key, spec in signature.inputs.items():
        feature = model.raw_inputs.get(key)
        guessed = _guessed_kind(key, spec, signature, model.graph.decodes_images)
        fields.append(
            {
                "name": key,
                "label": key if feature is None else feature.name,
                "kind": guessed if feature is None else feature.kind,
                "shape": spec.shape[1:].as_list() if spec.shape.rank else [],
            }
        )
    # A loaded signature has its inputs in another order every time.
    fields.sort(key=lambda field: (field["kind"] != "image", field["label"]))
    return {**document, "signature": signature.name, "missing": None, "fields": fields}


def _guessed_kind(name: str, spec: tf.TensorSpec, signature: Signature, decodes_images: bool) -> str:
    if spec.dtype == tf.bool:
        return "truth"
    if spec.dtype.is_integer:
        return "whole"
    if spec.dtype != tf.string:
        return "number"
    texts = [one for one in signature.inputs.values() if one.dtype == tf.string]
    # A signature does not say what a string is; one that ends in _bytes is no text in TensorFlow Serving's API.
    looks_like_one = len(texts) == 1 or "image" in name.lower() or name.endswith("_bytes")
    return "image" if decodes_images and looks_like_one else "text"
