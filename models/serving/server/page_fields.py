"""Describes the fields of the page: the inputs of the signature that takes raw values."""

from typing import TypedDict

import tensorflow as tf

from models.serving.server.served_model import ServedModel
from models.serving.server.signature import Signature

RAW_SIGNATURE = "predict_raw"


class PageField(TypedDict):
    """Field of the form: an input of the signature, and the shape of one row of it."""

    name: str
    label: str
    kind: str
    shape: list[int | None]


class PageFields(TypedDict):
    """Answer to the page: `signature` is the one to ask; None, and `missing` says why, where there is none."""

    name: str
    version: str
    signatures: list[str]
    signature: str | None
    missing: str | None
    fields: list[PageField]


def page_fields(name: str, model: ServedModel) -> PageFields:
    """Describes the fields of the form for one row.

    Args:
        name: The model's name.
        model: The model.

    Returns:
        The fields, images first, then by label. Label and kind (`number`, `whole`, `truth`, `image` or `text`) are
        the exporter's where it left any, else the input's name and a guess.
    """
    answer: PageFields = {
        "name": name,
        "version": str(model.version),
        "signatures": sorted(model.signatures),
        "signature": None,
        "missing": None,
        "fields": [],
    }
    signature = model.find(RAW_SIGNATURE)
    if signature is None:
        missing = (
            f"Version {model.version} has no signature {RAW_SIGNATURE}, which takes an image and columns as "
            "they are. Its signatures can be asked over REST and gRPC."
        )
        return {**answer, "missing": missing}
    fields = [_field(key, spec, signature, model) for key, spec in signature.inputs.items()]
    # A loaded signature has its inputs in another order every time.
    fields.sort(key=lambda field: (field["kind"] != "image", field["label"]))
    return {**answer, "signature": signature.name, "fields": fields}


def _field(name: str, spec: tf.TensorSpec, signature: Signature, model: ServedModel) -> PageField:
    feature = model.raw_inputs.get(name)
    return {
        "name": name,
        "label": name if feature is None else feature.name,
        "kind": _guessed_kind(name, spec, signature, model.graph.decodes_images)
        if feature is None
        else feature.kind,
        "shape": spec.shape[1:].as_list() if spec.shape.rank else [],
    }


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
