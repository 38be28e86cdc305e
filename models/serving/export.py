"""The SavedModel: raw records in, probabilities and a decision by name out, no Python needed."""

import keras
import tensorflow as tf
import tensorflow_transform as tft

from models.features import CATEGORICAL, IMAGE, MISSING, NUMERIC, FeatureSpec
from models.images import decode_images
from models.settings import ImageModelSettings

_COLUMNS = {NUMERIC: "numeric", MISSING: "missing", CATEGORICAL: "categorical"}


class ServedClassifier(tf.Module):
    """The classifier with everything between a raw record and a decision.

    Signatures, each from serialised tf.Examples, string `(batch,)`, in the input `examples`:
     - `serving_default`: `probabilities` float32 `(batch, classes)`; `decision` string `(batch,)`, the
       class's name; `decision_index` int64 `(batch,)`; `score` float32 `(batch,)`, the decision's
       probability; `classes` string `(batch, classes)`, the names in the order of `probabilities`.
     - `transform_features`: the transformed features, the label among them where the examples have one.
    """

    def __init__(
        self,
        model: keras.Model,
        transform: tft.TFTransformOutput,
        spec: FeatureSpec,
        classes: list[str],
        image: ImageModelSettings,
    ):
        super().__init__()
        self.model = model
        self.transform_layer = transform.transform_features_layer()
        self._raw_feature_spec = transform.raw_feature_spec()
        self._label = spec.label
        self._classes = classes
        self._image = image

    def classify(self, raw: dict[str, tf.SparseTensor]) -> dict[str, tf.Tensor]:
        """Computes the outputs of `serving_default` from raw features without the label."""
        transformed = self.transform_layer(raw)
        inputs = {name: transformed[key] for key, name in _COLUMNS.items() if key in transformed}
        if IMAGE in transformed:
            inputs["image"] = decode_images(transformed[IMAGE], self._image.size, self._image.channels)
        probabilities = tf.nn.softmax(self.model(inputs, training=False))
        decision = tf.argmax(probabilities, axis=-1)
        names = tf.constant(self._classes)
        return {
            "probabilities": probabilities,
            "decision": tf.gather(names, decision),
            "decision_index": decision,
            "score": tf.reduce_max(probabilities, axis=-1),
            "classes": tf.tile(names[tf.newaxis], [tf.shape(probabilities)[0], 1]),
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serving_default(self, examples):
        unlabelled = {name: spec for name, spec in self._raw_feature_spec.items() if name != self._label}
        # TensorFlow's fused convolutions fail on an empty batch: a record without features stands in for it.
        size = tf.shape(examples)[0]
        filled = tf.concat([examples, tf.fill([tf.cast(tf.equal(size, 0), tf.int32)], "")], axis=0)
        answers = self.classify(tf.io.parse_example(filled, unlabelled))
        return {name: values[:size] for name, values in answers.items()}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def transform_features(self, examples):
        return self.transform_layer(tf.io.parse_example(examples, self._raw_feature_spec))


def export_classifier(
    model: keras.Model,
    transform: tft.TFTransformOutput,
    spec: FeatureSpec,
    classes: list[str],
    image: ImageModelSettings,
    folder: str,
) -> None:
    """Writes the SavedModel.

    Args:
        model: The trained network, to logits.
        transform: Transform's output.
        spec: The raw features.
        classes: Names of the classes in the order of the logits.
        image: Size and channels that images are decoded to.
        folder: Where the SavedModel goes.
    """
    served = ServedClassifier(model, transform, spec, classes, image)
    signatures = {name: getattr(served, name) for name in ("serving_default", "transform_features")}
    tf.saved_model.save(served, folder, signatures=signatures)
