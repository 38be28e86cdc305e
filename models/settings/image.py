"""Image section of an experiment: the encoder of images."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from core.settings import Settings
from models.catalogue.backbones import BACKBONES, KERAS_HUB_PREFIX, backbone_row
from models.catalogue.row import names_of
from models.settings.base import as_yaml, known

ImageSide = Annotated[int, Field(ge=8, le=1024)]


def _check_backbone(name: str) -> str:
    """Refuses a name that is neither a backbone nor a preset of KerasHub."""
    if name.startswith(KERAS_HUB_PREFIX):
        if not re.fullmatch(r"\w+", name.removeprefix(KERAS_HUB_PREFIX)):
            raise ValueError(
                f"{name!r} names no preset. Expected keras_hub:PRESET, as in keras_hub:resnet_18_imagenet."
            )
        return name
    check: Any = known(*names_of(BACKBONES)).func
    return check(name)


_known_backbone = AfterValidator(_check_backbone)


class ImageModelSettings(Settings):
    """The encoder that turns an image into features."""

    backbone: Annotated[str, _known_backbone] = Field(
        "small_cnn",
        description="small_cnn, resnet32, the name of a keras.applications model, or keras_hub:PRESET.",
    )
    alpha: float = Field(
        1.0,
        gt=0,
        le=4,
        description="small_cnn and MobileNet, V2, V3 only: multiplies the number of filters of every layer.",
    )
    weights: str | None = Field(
        None,
        min_length=1,
        description="imagenet, the path of a weights file, or null to start from random weights.",
    )
    size: tuple[ImageSide, ImageSide] = Field(
        (64, 64), description="Height and width that images are resized to, each 8 to 1024 pixels."
    )
    channels: Literal[1, 3] = Field(3, description="1 reads images as grey, 3 as red, green and blue.")
    fine_tune: Literal["all", "last_block", "none"] = Field(
        "all",
        description="Which part of a pretrained backbone is trained, after epochs in which it is frozen; "
        "without weights all of it is, from the first epoch.",
    )
    frozen_epochs: int | None = Field(
        None,
        ge=0,
        description="Epochs in which a pretrained backbone is frozen at first; null is a third of all.",
    )
    last_block_epochs: int | None = Field(
        None,
        ge=0,
        description="fine_tune: all only: epochs after those in which just the last block is trained; null is half "
        "of the epochs that are not frozen.",
    )
    frozen_batch_norm: bool = Field(
        True, description="Whether batch normalisation keeps its pretrained statistics throughout."
    )
    fine_tune_learning_rate_scale: float = Field(
        0.1, gt=0, le=1, description="Multiplies the learning rate where pretrained layers are trained."
    )
    dropout: float = Field(0.2, ge=0, lt=1, description="Share of the image features dropped in training.")
    test_time_augmentation: Literal["none", "mirror"] = Field(
        "none",
        description="mirror averages the features of every image and its mirror image when the model is asked, in "
        "evaluation and in serving, which takes twice as long; for images that mean the same in the mirror, unlike text.",
    )

    @property
    def keeps_batch_norm(self) -> bool:
        return self.weights is not None and self.frozen_batch_norm

    @model_validator(mode="after")
    def _alpha_suits_the_backbone(self) -> "ImageModelSettings":
        if self.alpha != 1 and not backbone_row(self.backbone).takes_alpha:
            raise ValueError(
                f"`alpha` works with {', '.join(row.name for row in BACKBONES if row.takes_alpha)} alone. Received: "
                f"alpha={self.alpha:g} with backbone={self.backbone!r}. Set it to 1, or name one of these."
            )
        return self

    @model_validator(mode="after")
    def _imagenet_weights_exist(self) -> "ImageModelSettings":
        if self.weights != "imagenet":
            return self
        row = backbone_row(self.backbone)
        if not row.imagenet_alphas:
            raise ValueError(
                f"`weights: imagenet` does not exist for {self.backbone}. Set `weights` to null or to the path "
                "of a weights file, or name a model of keras.applications."
            )
        if self.alpha not in row.imagenet_alphas:
            raise ValueError(
                f"`weights: imagenet` exists for {self.backbone} with alpha "
                f"{', '.join(f'{width:g}' for width in row.imagenet_alphas)} alone. Received: alpha={self.alpha:g}. Name one "
                "of these, or set `weights` to null or to a path."
            )
        return self

    @model_validator(mode="after")
    def _images_are_large_enough(self) -> "ImageModelSettings":
        least = backbone_row(self.backbone).smallest_side
        if min(self.size) < least:
            raise ValueError(
                f"`size` must be at least [{least}, {least}] for {self.backbone}. Received: "
                f"size={list(self.size)}. Raise it, or name a backbone for smaller images, as small_cnn."
            )
        return self

    @model_validator(mode="after")
    def _epochs_of_phases_have_an_effect(self) -> "ImageModelSettings":
        if self.frozen_epochs is not None and (self.weights is None or self.fine_tune == "none"):
            raise ValueError(
                "`frozen_epochs` comes before the fine-tuning of pretrained weights. Received: frozen_epochs="
                f"{self.frozen_epochs} with weights={as_yaml(self.weights)}, fine_tune={self.fine_tune}. Set it "
                "to null, or set `weights` and a `fine_tune` of last_block or all."
            )
        if self.last_block_epochs is not None and (self.weights is None or self.fine_tune != "all"):
            raise ValueError(
                "`last_block_epochs` comes between the frozen epochs of pretrained weights and those that train all "
                f"of them. Received: last_block_epochs={self.last_block_epochs} with weights="
                f"{as_yaml(self.weights)}, fine_tune={self.fine_tune}. Set it to null, or set `weights` and "
                "`fine_tune: all`."
            )
        return self
