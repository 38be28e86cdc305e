"""Driver of an ExampleGen that asks our own listing, not patterns, whether the data have changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from tfx.components.example_gen import driver, input_processor
from tfx.proto import example_gen_pb2, range_config_pb2

from components.custom_config import unpacked
from components.stratified_example_gen.fingerprint import fingerprint
from components.stratified_example_gen.settings import DataSettings


class FilesDriver(driver.FileBasedDriver):
    """Takes the fingerprint of the very files that the executor reads.

    TFX's own knows files by patterns, and of these their number, size and time: it stumbles over links that lead
    nowhere, and misses what no pattern names. Kubeflow uses that one, with the patterns of `file_patterns`.
    """

    def resolve_exec_properties(
        self, exec_properties: Mapping[str, Any], pipeline_info: Any, component_info: Any
    ) -> Mapping[str, Any]:
        self._fingerprint = fingerprint(self.data_settings(unpacked(exec_properties)))
        return super().resolve_exec_properties(exec_properties, pipeline_info, component_info)

    def data_settings(self, content: Mapping[str, Any]) -> DataSettings:
        """Returns the settings of the data to be read, of what the component was given."""
        return DataSettings.model_validate(content["data"])

    def get_input_processor(
        self,
        splits: Iterable[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None = None,
        input_base_uri: str | None = None,
    ) -> input_processor.InputProcessor:
        return _Listed(splits, self._fingerprint)


class _Listed(input_processor.InputProcessor):
    """Data without spans and versions, which are what they are called, braces and all."""

    def __init__(self, splits: Iterable[example_gen_pb2.Input.Split], fingerprint: str):
        super().__init__(splits=splits)
        self._fingerprint = fingerprint

    def get_pattern_for_span_version(self, pattern: str, span: int, version: int | None) -> str:
        return pattern

    def get_latest_span(self) -> int:
        return 0

    def get_input_fingerprint(self, span: int, version: int | None) -> str:
        return self._fingerprint
