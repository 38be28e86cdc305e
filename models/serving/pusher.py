"""Pushes a blessed model as the next version, as TensorFlow Serving expects versions: 1, 2, 3."""

import os
from typing import Any

from absl import logging
from tfx import types
from tfx.components.pusher import component, executor
from tfx.dsl.components.base import executor_spec
from tfx.dsl.io import fileio
from tfx.proto import pusher_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, proto_utils


class Executor(executor.Executor):
    """TFX's Pusher with rising version numbers, where TFX takes the time of day.

    The model is copied beside its place and renamed, so that a server that watches the folder never
    loads half a model.
    """

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
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
        version = str(next_version(destination.filesystem.base_directory))
        place = os.path.join(destination.filesystem.base_directory, version)
        model_path = self.GetModelPath(input_dict)
        half_copied = os.path.join(destination.filesystem.base_directory, f".copying-{version}")
        # Replaces what a push that broke off left there.
        io_utils.copy_dir(model_path, half_copied)
        fileio.rename(half_copied, place)
        io_utils.copy_dir(model_path, pushed_model.uri)
        self._MarkPushed(pushed_model, pushed_destination=place, pushed_version=version)
        logging.info("Pushed version %s to %s.", version, place)


def next_version(base_directory: str) -> int:
    """Returns the version after the highest in a serving folder; 1 where there is none."""
    listed = fileio.listdir(base_directory) if fileio.exists(base_directory) else []
    names = [name.rstrip("/") for name in listed]
    # isdigit alone also holds for superscripts, which int refuses.
    return max((int(name) for name in names if name.isascii() and name.isdigit()), default=0) + 1


class Pusher(component.Pusher):
    """Pushes a blessed model to a folder that TensorFlow Serving watches; see Executor."""

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
