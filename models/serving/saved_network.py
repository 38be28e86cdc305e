"""Loads a saved network, whose classes are found by their registered names wherever they are defined now."""

import pkgutil
from importlib import import_module

import keras

import models.network
import models.training


def load_network(path: str) -> keras.Model:
    """Loads a network that was saved in Keras's own format; it is not compiled.

    Beside the registered name of each class the file names the module that it was defined in, of which Keras makes
    use where nothing is registered. Networks of earlier releases name modules that have moved since.

    Args:
        path: A `.keras` file on a local file system.

    Raises:
        TypeError: It holds a class that this release does not know.
    """
    for package in (models.network, models.training):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    return keras.saving.load_model(path, compile=False)
