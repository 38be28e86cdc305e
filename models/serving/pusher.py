"""Pushes a blessed model as the next version, as TensorFlow Serving expects versions: 1, 2, 3."""

import os
from collections.abc import Mapping
from typing import Any

from absl import logging
from tfx import types
from tfx.components.pusher import component, executor
from tfx.dsl.components.base import executor_spec
from tfx.dsl.io import fileio
from tfx.proto import pusher_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, proto_utils

_BLOCK = 2**20


class Executor(executor.Executor):
    """TFX's Pusher with rising version numbers, where TFX takes the time of day.

    The model is copied beside its place and renamed, so that a server that watches the folder never
    loads half a model.
    """

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        self._log_startup(input_dict, output_dict, exec_properties)
        pushed_model = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.PUSHED_MODEL_KEY]
        )
        if not self.CheckBlessing(input_dict):
            self._MarkNotPushed(pushed_model)
            return
        destination = pusher_pb2.PushDestination()
        proto_utils.json_to_proto(exec_properties[standard_component_specs.PUSH_DESTINATION_KEY], destination)
        model_path = self.GetModelPath(input_dict)
        destination_folder = put_version(model_path, destination.filesystem.base_directory)
        io_utils.copy_dir(model_path, pushed_model.uri)
        version = os.path.basename(destination_folder)
        self._MarkPushed(pushed_model, pushed_destination=destination_folder, pushed_version=version)
        logging.info("Version %s in %s is the model.", version, destination_folder)


def put_version(model: str, base_directory: str, version: int | None = None) -> str:
    """Puts a model into a serving folder, unless its highest version already is this model.

    A push that is killed after the rename has no record, so that the next run would push the model again;
    its own copy is known by its content.

    Args:
        model: Folder of the SavedModel.
        base_directory: The serving folder.
        version: Its number; default is the one after the highest.

    Returns:
        Folder of the version.
    """
    if version is None:
        version = next_version(base_directory)
        for name in _versions(base_directory):
            last = os.path.join(base_directory, name)
            if int(name) == version - 1 and same_content(model, last):
                return last
    folder = os.path.join(base_directory, str(version))
    half_copied = os.path.join(base_directory, f".copying-{version}")
    # Replaces what a push that broke off left there.
    io_utils.copy_dir(model, half_copied)
    fileio.rename(half_copied, folder)
    return folder


def same_content(one: str, other: str) -> bool:
    """Tells whether two folders hold the same files with the same bytes."""
    names = _files(one)
    return names == _files(other) and all(
        _same_bytes(os.path.join(one, name), os.path.join(other, name)) for name in names
    )


def _files(folder: str) -> list[str]:
    return sorted(
        os.path.relpath(os.path.join(parent, name), folder)
        for parent, _, names in fileio.walk(folder)
        for name in names
    )


def _same_bytes(one: str, other: str) -> bool:
    with fileio.open(one, "rb") as left, fileio.open(other, "rb") as right:
        while block := left.read(_BLOCK):
            if block != right.read(_BLOCK):
                return False
        return not right.read(1)


def next_version(base_directory: str) -> int:
    """Returns the version after the highest in a serving folder; 1 where there is none."""
    return max(map(int, _versions(base_directory)), default=0) + 1


def _versions(base_directory: str) -> list[str]:
    listed = fileio.listdir(base_directory) if fileio.exists(base_directory) else []
    names = [name.rstrip("/") for name in listed]
    # isdigit alone also holds for superscripts, which int refuses.
    return [name for name in names if name.isascii() and name.isdigit()]


class Pusher(component.Pusher):
    """Pushes a blessed model to a folder that TensorFlow Serving watches; see Executor."""

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
