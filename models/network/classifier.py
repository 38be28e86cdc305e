"""Network of an experiment: encoders of whatever inputs there are, one embedding, one logit per class."""

from dataclasses import dataclass

import keras
import numpy as np

from models.catalogue.attention import ATTENTION
from models.catalogue.branches import BRANCHES
from models.catalogue.row import row_of
from models.network.backbones.image_backbone import image_backbone
from models.network.branches.head import ClassCounts, Trunk
from models.network.class_weights import checked_counts
from models.network.layers.layer_seed import layer_seed
from models.network.mirror_average import MirrorMean, WithMirrorImages
from models.network.tabular.column_inputs import column_inputs
from models.network.tabular.table_encoder import table_encoder
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
    inputs: InputShape,
    settings: ModelSettings,
    class_counts: np.ndarray,
    seed: int,
    bias_counts: np.ndarray | None = None,
) -> keras.Model:
    """Builds the classifier of an experiment, not yet compiled.

    Images pass through the backbone and attention, columns through the tabular encoder. Each branch pools the
    map, joins it with the columns, and turns both into one vector per record, in the layer `embedding`, from
    which the layer `logits` computes the answer. Where there are several branches, theirs have the branch's
    name at the end: `embedding_expert_0`, `logits_rebalancing`. The backbone's map leaves the layer
    `feature_map`. The bias of the logits starts at the log prior: see LogPrior.

    Args:
        inputs: What a record holds.
        settings: Encoders, attention, branches and sizes of layers.
        class_counts: Numbers of training records, `(num_classes,)`, each above 0, in the order of the
            class indices.
        seed: Decides the initial weights and what is dropped.
        bias_counts: Counts whose log shares the bias of the logits starts at, `(num_classes,)`, each above 0.
            None takes `class_counts`. Ones, which make all classes alike, suit a loss that adds the prior
            itself.

    Returns:
        A model from a dict to logits, float32 `(batch, num_classes)`. The dict holds, as far as the record
        does: `image`, float32 in [0, 255], `(batch, height, width, channels)`; `numeric`, float32 normal scores,
        and `missing`, float32 flags of 0 or 1, both `(batch, num_numeric)`; `categorical`, int64 indices,
        `(batch, len(categorical_sizes))`. In training a model of several branches answers with all of
        theirs, `(batch, branches, num_classes)`: training_loss makes the loss for that.

    Raises:
        ValueError: A class has no record, there are fewer than two, the image is smaller than 8 x 8 pixels,
            or a setting needs an image or columns that a record does not hold.
    """
    # === Config ===
    # First and not last, as a function has nothing to keep: it checks before anything is built.
    class_counts = _checked_classes(class_counts, settings)
    bias_counts = class_counts if bias_counts is None else checked_counts(bias_counts)
    if bias_counts.shape != class_counts.shape:
        raise ValueError(
            "`bias_counts` must hold one count per class, as `class_counts` does. "
            f"Received: shapes {bias_counts.shape} and {class_counts.shape}"
        )
    _check_inputs(inputs, settings)

    # === Layers ===
    trunk = _trunk(inputs, settings, seed)

    # === Functional Model ===
    branches = row_of(BRANCHES, settings.branches).load()
    return branches(trunk, settings, ClassCounts(class_counts, bias_counts), seed)


def _checked_classes(class_counts: np.ndarray, settings: ModelSettings) -> np.ndarray:
    counts = np.asarray(class_counts)
    if settings.branches != "single" and counts.size < 2:
        raise ValueError(
            f"`model.branches: {settings.branches}` splits the work on at least two classes. Received: "
            f"{counts.size} class(es), with {counts.tolist()} records. Add records of another class."
        )
    return checked_counts(counts)


def _check_inputs(inputs: InputShape, settings: ModelSettings) -> None:
    """Refuses settings that would have no effect on what a record holds."""
    of_images = {"attention": settings.attention != "none", "pooling": settings.pooling != "mean"}
    for name, is_set in of_images.items():
        if is_set and inputs.image is None:
            raise ValueError(
                f"`model.{name}` works on images, and records have none. Received: "
                f"{name}={getattr(settings, name)!r}. Name the images' column in `data.image`, or leave "
                f"`model.{name}` out."
            )
    if settings.fusion != "concatenate" and (inputs.image is None or not inputs.has_table):
        held = "only columns" if inputs.image is None else "only an image"
        raise ValueError(
            f"`model.fusion` joins an image with columns, and records hold {held}. Received: "
            f"fusion={settings.fusion!r}. Name what is missing in `data`, or leave `model.fusion` out."
        )


def _trunk(inputs: InputShape, settings: ModelSettings, seed: int) -> Trunk:
    """Builds the encoders of what a record holds."""
    tensors, feature_map, columns = {}, None, None
    if inputs.image is not None:
        tensors["image"] = keras.Input(inputs.image, name="image", dtype="float32")
        backbone = image_backbone(settings.image, inputs.image, seed)
        if settings.image.test_time_augmentation == "mirror":
            both = backbone(WithMirrorImages(name="with_mirror_images")(tensors["image"]))
            feature_map = MirrorMean(name="mirror_mean")(both)
        else:
            feature_map = backbone(tensors["image"])
        # A layer of this model, as the backbone's own output belongs to a model inside.
        feature_map = keras.layers.Activation("linear", name="feature_map")(feature_map)
        if settings.attention != "none":
            attention = row_of(ATTENTION, settings.attention).load()
            feature_map = attention(seed=layer_seed(seed, "attention"), name="attention")(feature_map)
    if inputs.has_table:
        table = column_inputs(inputs.num_numeric, inputs.categorical_sizes)
        tensors.update(table)
        encoder = table_encoder(settings.tabular, inputs.num_numeric, inputs.categorical_sizes, seed)
        columns = encoder(table)
        if len(columns.shape) == 3 and (feature_map is not None or settings.branches != "single"):
            held = "an image" if feature_map is not None else f"branches={settings.branches!r}"
            raise ValueError(
                f"`model.tabular.encoder: {settings.tabular.encoder}` is an ensemble, which stands alone. "
                f"Received: {held} beside it. Use `model.tabular.encoder: mlp`, or leave the other out."
            )
    return Trunk(tensors, feature_map, columns)
