"""The network: encoders of whatever inputs there are, one embedding, one logit per class."""

from dataclasses import dataclass

import keras
import numpy as np

from models.network.backbones import image_backbone
from models.network.class_weights import checked_counts
from models.network.layer_seed import layer_seed
from models.network.log_prior import LogPrior
from models.network.tabular import column_inputs, table_encoder
from models.settings import ModelSettings


@dataclass(frozen=True)
class InputShape:
    """What a transformed record holds.

    Attributes:
        image: `(height, width, channels)`, or None without an image.
        num_numeric: Number of numeric columns.
        categorical_sizes: Number of categories of each categorical column, unknown ones included.

    Raises:
        ValueError: A number is out of range, or the record holds nothing.
    """

    image: tuple[int, int, int] | None = None
    num_numeric: int = 0
    categorical_sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.num_numeric < 0 or any(size < 1 for size in self.categorical_sizes):
            raise ValueError(
                "`num_numeric` must be at least 0 and each of `categorical_sizes` at least 1. Received: "
                f"num_numeric={self.num_numeric}, categorical_sizes={self.categorical_sizes}"
            )
        if self.image is not None and (len(self.image) != 3 or self.image[2] not in (1, 3)):
            raise ValueError(
                "`image` must be (height, width, channels) with 1 or 3 channels. "
                f"Received: image={self.image}"
            )
        if self.image is None and not self.has_table:
            raise ValueError(
                "A record must hold an image or at least one column. Received: image=None, num_numeric=0, "
                "categorical_sizes=(). Name columns in `data.numeric`, `data.categorical` or `data.image`."
            )

    @property
    def has_table(self) -> bool:
        return self.num_numeric > 0 or len(self.categorical_sizes) > 0


def build_classifier(
    inputs: InputShape, settings: ModelSettings, class_counts: np.ndarray, seed: int
) -> keras.Model:
    """Builds the classifier of an experiment, not yet compiled.

    Images pass through the backbone, mean pooling and dropout; columns through the tabular encoder. What
    exists of the two is joined, and a dense layer named `embedding` turns it into one vector per record,
    from which the dense layer named `logits` computes the answer. The bias of `logits` starts at the log
    prior: see LogPrior.

    Args:
        inputs: What a record holds.
        settings: Encoders and sizes of layers.
        class_counts: Numbers of training records, `(num_classes,)`, each above 0, in the order of the
            class indices.
        seed: Decides the initial weights and what is dropped.

    Returns:
        A model from a dict to logits, float32 `(batch, num_classes)`. The dict holds, as far as the record
        does: `image`, float32 in [0, 255], `(batch, height, width, channels)`; `numeric`, float32 z-scores,
        and `missing`, float32 flags of 0 or 1, both `(batch, num_numeric)`; `categorical`, int64 indices,
        `(batch, len(categorical_sizes))`.

    Raises:
        ValueError: A class has no record, or the image is smaller than 8 x 8 pixels.
    """
    # === Config ===
    # First and not last, as a function has nothing to keep: it checks before anything is built.
    num_classes = len(checked_counts(class_counts))

    # === Layers ===
    backbone = image_backbone(settings.image, inputs.image, seed) if inputs.image is not None else None
    column_encoder = (
        table_encoder(settings.tabular, inputs.num_numeric, inputs.categorical_sizes, seed)
        if inputs.has_table
        else None
    )
    pool = keras.layers.GlobalAveragePooling2D(name="pool")
    image_dropout = keras.layers.Dropout(
        settings.image.dropout, seed=layer_seed(seed, "image_dropout"), name="image_dropout"
    )
    embedding = keras.layers.Dense(
        settings.embedding_units,
        activation="relu",
        kernel_initializer=keras.initializers.HeNormal(layer_seed(seed, "embedding")),
        name="embedding",
    )
    logits = keras.layers.Dense(
        num_classes,
        kernel_initializer=keras.initializers.GlorotUniform(layer_seed(seed, "logits")),
        bias_initializer=LogPrior(class_counts),
        # float32 under mixed precision too: the loss and the calibration read small differences.
        dtype="float32",
        name="logits",
    )

    # === Functional Model ===
    tensors, encoded = {}, []
    if backbone is not None:
        tensors["image"] = keras.Input(inputs.image, name="image", dtype="float32")
        encoded.append(image_dropout(pool(backbone(tensors["image"]))))
    if column_encoder is not None:
        columns = column_inputs(inputs.num_numeric, inputs.categorical_sizes)
        tensors.update(columns)
        encoded.append(column_encoder(columns))
    features = keras.layers.Concatenate(name="features")(encoded) if len(encoded) > 1 else encoded[0]
    return keras.Model(tensors, logits(embedding(features)), name="classifier")
