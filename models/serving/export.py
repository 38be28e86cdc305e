"""Exports the SavedModel: raw records in, probabilities and a decision by name out, no Python needed."""

import keras
import tensorflow as tf
import tensorflow_transform as tft
from tfx.dsl.io import fileio

from core.documents.served_as import ServedAs
from core.features import CATEGORICAL, IMAGE, MISSING, NUMERIC, FeatureSpec
from core.image_header import MAX_IMAGE_PIXELS
from models.network.grad_cam import grad_cam_maps, grad_cam_probe, has_grad_cam
from models.preprocessing.images import decode_images
from models.serving.column_contributions import ReferenceRow, ServedCalibration, column_contributions
from models.serving.describe_features import describe_features
from models.serving.embedder import embedder
from models.serving.raw_signature import input_specs, raw_columns, raw_features
from models.settings import ImageModelSettings

_COLUMNS = {NUMERIC: "numeric", MISSING: "missing", CATEGORICAL: "categorical"}
_EXAMPLES = tf.TensorSpec([None], tf.string, name="examples")
# A float32 softmax reaches down to 1e-38 before it is 0.
_SMALLEST = 1e-30
SIGNATURES = ("serving_default", "predict_raw", "embed", "transform_features")


class ServedClassifier(tf.Module):
    """The classifier with everything between a raw record and a decision.

    Signatures, each but `predict_raw` and `explain` from serialised tf.Examples, string `(batch,)`, in the input `examples`:
     - `serving_default`: `probabilities` float32 `(batch, classes)`; `decision` string `(batch,)`, the
       class's name; `decision_index` int64 `(batch,)`; `score` float32 `(batch,)`, the decision's
       probability; `classes` string `(batch, classes)`, the names in the order of `probabilities`.
     - `predict_raw`: the same of one tensor `(batch,)` for each raw feature but the label and the record's key:
       an image's file and text as string, where "" is missing; numbers, whole ones too, as float64, where
       NaN is. A request gives all of them, as TensorFlow asks. See input_names for how they are called.
     - `explain`, from the inputs of `predict_raw`: `decision` string `(batch,)`, the name of the class decided for, as
       `predict_raw` decides. Of a network that Grad-CAM can be asked of, which any with an image is, `heat_map` float32
       `(batch, map_height, map_width)` in [0, 1], how much each place of the image speaks for that class (see grad_cam);
       0 all over where nothing does. Of one with columns, `contributions` float32 `(batch, columns)`, each column's part
       in the class's log-odds, with `columns` and `cells` string `(batch, columns)`, `log_odds` and
       `reference_log_odds` float32 `(batch,)`; see column_contributions. It runs the network several times.
     - `embed`: `embedding` float32 `(batch, units)`: see embedder. `serving_default` and `predict_raw` answer it too, for
       whoever decides by it in the same pass.
     - `transform_features`: the transformed features, the label among them where the examples have one.
    """

    def __init__(
        self,
        model: keras.Model,
        transform: tft.TFTransformOutput,
        spec: FeatureSpec,
        classes: list[str],
        image: ImageModelSettings,
        max_image_pixels: int,
    ):
        super().__init__()
        # No Keras model among the attributes, neither the network nor Transform's layer: one is saved with functions for
        # itself and each of its layers, which are traced for it.
        self.network_variables = [
            one if isinstance(one, tf.Variable) else one.value for one in model.variables
        ]
        layer = transform.transform_features_layer()
        self.transform_tables = layer._saved_model_loader_tracked_dict
        self._transform = layer.call
        self._raw_feature_spec = transform.raw_feature_spec()
        self._label = spec.label
        self._classes = classes
        self._image = image
        self._max_image_pixels = max_image_pixels
        self._network = _network_function(model)
        self.predict_raw = self._predict_raw_function()
        # A function of its own, besides the signature, for whoever decides otherwise.
        self.heat_map_of = self._heat_map_function(model) if has_grad_cam(model) else None
        has_columns = bool({"numeric", "categorical"} & set(model.input))
        self.contributions_of = self._contributions_function(transform, spec) if has_columns else None
        is_explained = self.heat_map_of is not None or has_columns
        self.explain = self._explain_function() if is_explained else None

    def classify(self, raw: dict[str, tf.SparseTensor]) -> dict[str, tf.Tensor]:
        """Computes the outputs of `serving_default` from raw features without the label."""
        said = self._network(self._network_inputs(raw))
        probabilities = tf.nn.softmax(said["logits"])
        decision = tf.argmax(probabilities, axis=-1)
        names = tf.constant(self._classes)
        return {
            "probabilities": probabilities,
            "decision": tf.gather(names, decision),
            "decision_index": decision,
            "score": tf.reduce_max(probabilities, axis=-1),
            "classes": tf.tile(names[tf.newaxis], [tf.shape(probabilities)[0], 1]),
            "embedding": said["embedding"],
        }

    def embed_raw(self, raw: dict[str, tf.SparseTensor]) -> dict[str, tf.Tensor]:
        """Computes the outputs of `embed` from raw features without the label."""
        return {"embedding": self._network(self._network_inputs(raw))["embedding"]}

    @tf.function(input_signature=[_EXAMPLES], autograph=False)
    def serving_default(self, examples):
        filled = _pad_empty_batch(examples, "")
        answers = self.classify(tf.io.parse_example(filled, self._unlabelled()))
        return {name: values[: tf.shape(examples)[0]] for name, values in answers.items()}

    @tf.function(input_signature=[_EXAMPLES], autograph=False)
    def embed(self, examples):
        filled = _pad_empty_batch(examples, "")
        answers = self.embed_raw(tf.io.parse_example(filled, self._unlabelled()))
        return {name: values[: tf.shape(examples)[0]] for name, values in answers.items()}

    @tf.function(input_signature=[_EXAMPLES], autograph=False)
    def transform_features(self, examples):
        return self._transform(tf.io.parse_example(examples, self._raw_feature_spec))

    def _predict_raw_function(self):
        """Makes the function `predict_raw`, whose inputs depend on the data."""

        @tf.function(autograph=False)
        def predict_raw(**tensors):
            raw, size = raw_columns(tensors, self._raw_features())
            return {name: values[:size] for name, values in self.classify(raw).items()}

        return predict_raw.get_concrete_function(**input_specs(self._raw_features()))

    def _heat_map_function(self, model: keras.Model):
        """Makes the function of class indices, int64 `(batch,)`, and of the inputs of `predict_raw` to heat maps."""
        probe = grad_cam_probe(model)
        index = tf.TensorSpec([None], tf.int64, name="class_index")

        @tf.function(input_signature=[index, input_specs(self._raw_features())], autograph=False)
        def heat_map_of(class_index, tensors):
            raw, size = raw_columns(tensors, self._raw_features())
            maps = grad_cam_maps(probe, self._network_inputs(raw), _pad_empty_batch(class_index, 0))
            return maps[:size]

        return heat_map_of

    def _contributions_function(self, transform: tft.TFTransformOutput, spec: FeatureSpec):
        """Makes the function of calibration, class indices and the inputs of `predict_raw` to contributions of columns."""
        reference = ReferenceRow.of(transform, spec.label)
        columns = [*spec.numeric, *spec.categorical]
        index = tf.TensorSpec([None], tf.int64, name="class_index")
        calibration_specs = ServedCalibration.specs(len(self._classes))

        @tf.function(
            input_signature=[calibration_specs, index, input_specs(self._raw_features())], autograph=False
        )
        def contributions_of(calibration, class_index, tensors):
            raw, size = raw_columns(tensors, self._raw_features())
            answers = column_contributions(
                self._network,
                reference,
                columns,
                self._network_inputs(raw),
                _pad_empty_batch(class_index, 0),
                ServedCalibration(**calibration),
            )
            return {name: values[:size] for name, values in answers.items()}

        return contributions_of

    def _explain_function(self):
        """Makes the function `explain`."""
        # Traced before they are called, so that they are saved once.
        heat_map_of = None if self.heat_map_of is None else self.heat_map_of.get_concrete_function()
        contributions_of = (
            None if self.contributions_of is None else self.contributions_of.get_concrete_function()
        )
        as_it_is = {
            "slope": tf.ones([len(self._classes)]),
            "offset": tf.zeros([len(self._classes)]),
            "smallest": tf.constant(_SMALLEST),
        }

        @tf.function(autograph=False)
        def explain(**tensors):
            answers = self.predict_raw(**tensors)
            index = answers["decision_index"]
            explained = {"decision": answers["decision"]}
            if heat_map_of is not None:
                explained["heat_map"] = heat_map_of(index, tensors)
            if contributions_of is not None:
                explained |= contributions_of(as_it_is, index, tensors)
            return explained

        return explain.get_concrete_function(**input_specs(self._raw_features()))

    def _raw_features(self) -> dict[str, tf.DType]:
        dtypes = {name: spec.dtype for name, spec in self._raw_feature_spec.items()}
        return raw_features(dtypes, self._label)

    def _unlabelled(self) -> dict[str, tf.io.VarLenFeature]:
        return {name: spec for name, spec in self._raw_feature_spec.items() if name != self._label}

    def _network_inputs(self, raw: dict[str, tf.SparseTensor]) -> dict[str, tf.Tensor]:
        transformed = self._transform(raw)
        inputs = {name: transformed[key] for key, name in _COLUMNS.items() if key in transformed}
        if IMAGE in transformed:
            # Here alone: what is trained on has been through the same check when it was read.
            inputs["image"] = decode_images(
                transformed[IMAGE], self._image.size, self._image.channels, self._max_image_pixels
            )
        return inputs


def _network_function(model: keras.Model):
    """Makes the function of what the network takes to its `logits` and `embedding`, float32.

    Signatures that call it share one graph of the network, where each would hold one of its own; TensorFlow puts
    it in their place, and leaves out what is not asked, when it runs them.
    """
    both = keras.Model(model.input, [model.output, embedder(model).output])
    specs = {name: tf.TensorSpec(tuple(one.shape), one.dtype, name=name) for name, one in model.input.items()}

    @tf.function(input_signature=[specs])
    def network(inputs):
        logits, embedding = both(inputs, training=False)
        return {"logits": logits, "embedding": tf.cast(embedding, tf.float32)}

    # Traced here, once: a function that is first called by another is traced again when it is saved.
    return network.get_concrete_function()


def _pad_empty_batch(values: tf.Tensor, missing: str | int | float) -> tf.Tensor:
    """Puts one missing value into an empty batch: TensorFlow's fused convolutions fail on none."""
    is_empty = tf.cast(tf.equal(tf.shape(values)[0], 0), tf.int32)
    return tf.concat([values, tf.fill([is_empty], tf.constant(missing, values.dtype))], axis=0)


def export_classifier(
    model: keras.Model,
    transform: tft.TFTransformOutput,
    spec: FeatureSpec,
    classes: list[str],
    image: ImageModelSettings,
    folder: str,
    max_image_pixels: int = MAX_IMAGE_PIXELS,
) -> None:
    """Writes the SavedModel, and beside it what its raw features are and how many pixels an image may have.

    Args:
        model: The trained network, to logits.
        transform: Transform's output.
        spec: The raw features.
        classes: Names of the classes in the order of the logits.
        image: Size and channels that images are decoded to.
        folder: Where the SavedModel goes; see RawInputs and ServedAs for what lies beside it.
        max_image_pixels: Most pixels that an encoded image may declare; the graph refuses more undecoded.
    """
    served = ServedClassifier(model, transform, spec, classes, image, max_image_pixels)
    signatures = {name: getattr(served, name) for name in SIGNATURES}
    if served.explain is not None:
        signatures["explain"] = served.explain
    tf.saved_model.save(served, folder, signatures=signatures)
    dtypes = {name: feature.dtype for name, feature in transform.raw_feature_spec().items()}
    describe_features(spec, dtypes).write(folder, fileio)
    ServedAs(max_image_pixels=max_image_pixels).add_to(folder, fileio)
