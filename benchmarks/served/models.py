"""Models to measure a server with, and a record to ask them for."""

import io
import os
from pathlib import Path

import numpy as np

_SIZE = (96, 96)
_NUM_CLASSES = 6
_NUM_COLUMNS = 20
_WARMUP = os.path.join("assets.extra", "tf_serving_warmup_requests")


def export_images(folder: str) -> None:
    """Writes version 1 of MobileNetV2 at alpha 0.35 with random weights, which takes an image of 96 x 96."""
    import tensorflow as tf

    from models.preprocessing.images import decode_images
    from models.settings import ImageModelSettings

    def inputs(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        encoded = tf.io.parse_example(examples, {"image": tf.io.FixedLenFeature([], tf.string)})["image"]
        return {"image": decode_images(encoded, _SIZE, 3)}

    image = ImageModelSettings(backbone="MobileNetV2", alpha=0.35, weights=None, size=_SIZE)
    _export(folder, {"image": (*_SIZE, 3)}, {"image": image}, inputs)


def export_table(folder: str) -> None:
    """Writes version 1 of the default network for tables with random weights, which takes 20 numbers."""
    import tensorflow as tf

    def inputs(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {name: tf.io.FixedLenFeature([], tf.float32) for name in _columns()}
        parsed = tf.io.parse_example(examples, spec)
        numbers = tf.stack([parsed[name] for name in spec], axis=1)
        return {"numeric": numbers, "missing": tf.zeros_like(numbers)}

    _export(folder, {"num_numeric": _NUM_COLUMNS}, {}, inputs)


def _export(folder: str, shape: dict, settings: dict, inputs) -> None:
    import tensorflow as tf

    from models.network.classifier import InputShape, build_classifier
    from models.settings import ModelSettings

    counts = np.full(_NUM_CLASSES, 100)
    model = build_classifier(InputShape(**shape), ModelSettings(**settings), counts, seed=0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serving_default(examples):
        probabilities = tf.nn.softmax(model(inputs(examples), training=False))
        return {"probabilities": probabilities, "decision_index": tf.argmax(probabilities, axis=-1)}

    served = tf.Module()
    served.model = model
    tf.saved_model.save(served, str(Path(folder, "1")), {"serving_default": serving_default})


def record_for(version_folder: str, table: bool) -> bytes:
    """Returns a serialised tf.Example: one of the warm-up requests', else one for the models made here."""
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

    path = os.path.join(version_folder, _WARMUP)
    if os.path.isfile(path):
        for log in tf.data.TFRecordDataset(path).as_numpy_iterator():
            request = prediction_log_pb2.PredictionLog.FromString(log).predict_log.request
            if request.model_spec.signature_name == "serving_default":
                return tf.make_ndarray(request.inputs["examples"])[0]
    random, example = np.random.default_rng(0), tf.train.Example()
    if table:
        for name in _columns():
            example.features.feature[name].float_list.value.append(random.normal())
    else:
        example.features.feature["image"].bytes_list.value.append(_noise(random))
    return example.SerializeToString()


def _columns() -> list[str]:
    return [f"column_{place:02d}" for place in range(_NUM_COLUMNS)]


def _noise(random: np.random.Generator) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(random.integers(0, 256, (*_SIZE, 3), np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()
