"""Encoders of images: smallest image, widths, scaling of pixels and builder of each."""

from dataclasses import dataclass

from models.catalogue.row import Row

KERAS_HUB_PREFIX = "keras_hub:"


@dataclass(frozen=True)
class BackboneRow(Row):
    """A backbone from images to a feature map.

    The builder takes the settings, the images' shape and a seed, and makes a Keras model.

    Attributes:
        smallest_side: Fewest pixels of a side.
        pixels: How keras.applications wants pixels: `tf` in [-1, 1], `torch` and `caffe` by ImageNet's means, `none`
            in [0, 255], which the network scales itself.
        any_alpha: Whether it is built in any width.
        imagenet_alphas: Widths that ImageNet weights exist for; empty where there are none.
    """

    smallest_side: int = 32
    pixels: str = "tf"
    any_alpha: bool = False
    imagenet_alphas: tuple[float, ...] = ()

    @property
    def takes_alpha(self) -> bool:
        """Whether it comes in several widths."""
        return self.any_alpha or len(self.imagenet_alphas) > 1


_APPLICATION = "models.network.backbones.keras_application:keras_application"
_PRESET = "models.network.backbones.keras_hub_preset:keras_hub_preset"


def _applications(
    *names: str, pixels: str = "tf", smallest_side: int = 32, alphas: tuple[float, ...] = (1.0,)
) -> tuple[BackboneRow, ...]:
    return tuple(
        BackboneRow(name, _APPLICATION, smallest_side=smallest_side, pixels=pixels, imagenet_alphas=alphas)
        for name in names
    )


BACKBONES: tuple[BackboneRow, ...] = (
    BackboneRow("small_cnn", "models.network.backbones.small_cnn:small_cnn", smallest_side=8, any_alpha=True),
    BackboneRow(
        "resnet32",
        "models.network.backbones.resnet32:resnet32",
        'He et al., "Deep Residual Learning for Image Recognition", 2016, https://arxiv.org/abs/1512.03385',
        smallest_side=8,
    ),
    *_applications(
        *("ConvNeXtTiny", "ConvNeXtSmall", "ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtXLarge"), pixels="none"
    ),
    *_applications("DenseNet121", "DenseNet169", "DenseNet201", pixels="torch"),
    *_applications(
        *("EfficientNetB0", "EfficientNetB1", "EfficientNetB2", "EfficientNetB3"),
        *("EfficientNetB4", "EfficientNetB5", "EfficientNetB6", "EfficientNetB7"),
        *("EfficientNetV2B0", "EfficientNetV2B1", "EfficientNetV2B2", "EfficientNetV2B3"),
        *("EfficientNetV2S", "EfficientNetV2M", "EfficientNetV2L"),
        pixels="none",
    ),
    *_applications("InceptionV3", "InceptionResNetV2", smallest_side=75),
    *_applications("MobileNet", alphas=(0.25, 0.5, 0.75, 1.0)),
    *_applications("MobileNetV2", alphas=(0.35, 0.5, 0.75, 1.0, 1.3, 1.4)),
    *_applications("MobileNetV3Small", "MobileNetV3Large", pixels="none", alphas=(0.75, 1.0)),
    *_applications("NASNetMobile", "NASNetLarge"),
    *_applications("ResNet50", "ResNet101", "ResNet152", pixels="caffe"),
    *_applications("ResNet50V2", "ResNet101V2", "ResNet152V2"),
    *_applications("VGG16", "VGG19", pixels="caffe"),
    *_applications("Xception", smallest_side=71),
)


def backbone_row(name: str) -> BackboneRow:
    """Returns the row of a backbone, or that of all presets of KerasHub for the name of one of them.

    Raises:
        KeyError: There is none.
    """
    if name.startswith(KERAS_HUB_PREFIX):
        return BackboneRow(name, _PRESET, smallest_side=8, imagenet_alphas=(1.0,))
    return {row.name: row for row in BACKBONES}[name]
