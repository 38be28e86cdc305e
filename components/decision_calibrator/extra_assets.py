"""Copy of the files that lie beside a SavedModel in `assets.extra`."""

import os

from tfx.dsl.io import fileio

_FOLDER = "assets.extra"


def copy_extra_assets(source: str, destination: str) -> None:
    """Copies the files in `assets.extra` from one SavedModel's folder to another's.

    TensorFlow leaves them behind where it loads a model and saves it anew.
    """
    folder = os.path.join(source, _FOLDER)
    if not fileio.isdir(folder):
        return
    fileio.makedirs(os.path.join(destination, _FOLDER))
    for name in fileio.listdir(folder):
        fileio.copy(os.path.join(folder, name), os.path.join(destination, _FOLDER, name), overwrite=True)
