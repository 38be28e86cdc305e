"""Encoders of images: one by name, from images to a feature map."""

from models.network.backbones.image_backbone import image_backbone
from models.network.backbones.resnet32 import resnet32
from models.network.backbones.small_cnn import small_cnn

__all__ = ["image_backbone", "resnet32", "small_cnn"]
