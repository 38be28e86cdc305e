"""Measures a step of fine-tuning with frozen batch normalisation as an affine map against the fused operation.

Command:  python -m benchmarks.fine_tuning_step [--side 192] [--batch 32] [--steps 6]
Time:     half a minute on 2 cores.
Prints:   milliseconds of the processor that an image takes in a step of MobileNetV2 at alpha 0.35, forward and
          backward, both ways, and their ratio; of each the fastest step, the two in turn.
"""

import argparse
import time
from contextlib import nullcontext

import keras
import tensorflow as tf

from models.network.backbones.batch_norm import freeze_batch_norm, frozen_batch_norm_as_affine
from models.network.backbones.image_backbone import image_backbone
from models.settings import ImageModelSettings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=192)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=6)
    arguments = parser.parse_args()
    size = (arguments.side, arguments.side)

    # Random weights: what a step costs does not depend on what the network has learnt.
    image = ImageModelSettings(backbone="MobileNetV2", alpha=0.35, size=size)
    backbone = image_backbone(image, (*size, 3))
    freeze_batch_norm(backbone)
    pixels = tf.random.stateless_uniform((arguments.batch, *size, 3), (0, 0), 0.0, 255.0)
    steps = {}
    for name, context in (("fused", nullcontext()), ("affine", frozen_batch_norm_as_affine(backbone))):
        with context:
            steps[name] = _traced(backbone, pixels)
    fastest = dict.fromkeys(steps, float("inf"))
    for _ in range(arguments.steps):
        for name, step in steps.items():
            started = time.process_time()
            step(pixels)
            taken = 1000 * (time.process_time() - started) / arguments.batch
            fastest[name] = min(fastest[name], taken)
    for name, taken in fastest.items():
        print(f"{name:6}: {taken:.1f} ms of the processor an image")
    print(f"affine over fused: {fastest['affine'] / fastest['fused']:.2f}")


def _traced(backbone: keras.Model, pixels: tf.Tensor):
    @tf.function
    def step(images):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(backbone(images, training=True) ** 2)
        return tape.gradient(loss, backbone.trainable_variables)

    step(pixels)
    return step


if __name__ == "__main__":
    main()
