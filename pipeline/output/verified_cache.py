"""Verifies cached outputs: an earlier run's are used only if they are still what that run wrote."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from tfx.orchestration.portable import cache_utils

from pipeline.output.artifact_content import PROPERTY, describe_content, find_damage


@contextlib.contextmanager
def verified_cache(refused: Callable[[str], None]) -> Iterator[None]:
    """Looks closer at what comes from cache in the block; TFX asks no more than that the folder is there.

    What is refused is made again, by the stage it is of and those after it.

    Args:
        refused: Called with what is wrong with an output of an earlier run.
    """

    def verify(artifacts: dict[str, list[Any]]) -> None:
        for artifact in (artifact for named in artifacts.values() for artifact in named):
            damage = find_damage(artifact)
            if damage is not None:
                refused(damage)
                # What TFX expects of one that is not there.
                raise RuntimeError(damage)

    # There is no hook between finding an earlier output and taking it.
    with mock.patch.object(cache_utils.artifact_utils, "verify_artifacts", verify):
        yield


def note_content(output_dict: dict[str, list[Any]], executor_output: Any) -> None:
    """Writes into the record of a stage's output what is in it.

    Args:
        output_dict: The stage's artifacts.
        executor_output: TFX's message of what the stage says of them, which takes precedence.
    """
    for key, artifacts in output_dict.items():
        for artifact in artifacts:
            content = describe_content(artifact.uri)
            artifact.set_string_custom_property(PROPERTY, content)
            said = executor_output.output_artifacts if executor_output is not None else {}
            for record in said[key].artifacts if key in said else []:
                if record.uri == artifact.uri:
                    record.custom_properties[PROPERTY].string_value = content
