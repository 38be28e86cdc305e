"""TFX's LocalDagRunner with a report of each stage's beginning and end."""

import datetime
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from absl import logging
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import constants
from tfx.orchestration import metadata
from tfx.orchestration.local import local_dag_runner, runner_utils
from tfx.orchestration.portable import launcher, runtime_parameter_utils
from tfx.proto.orchestration import pipeline_pb2

from pipeline.output.stale_folders import require_empty
from pipeline.output.verified_cache import note_content, verified_cache


class ObservedDagRunner(local_dag_runner.LocalDagRunner):
    """Runs the nodes one after another, as LocalDagRunner does, which has no hook to watch it by.

    Attributes:
        run_id: Names the run in the metadata store.
        seconds: Stage to the seconds it took; what came from cache took the time of finding it.
    """

    def __init__(
        self,
        send: Callable[..., None],
        tell: Mapping[str, Callable[[str], None]] | None = None,
    ):
        """Initialises the runner.

        Args:
            send: Called with `kind="plan"` and the stages' names, then with `kind="stage"`, the stage's
                name, its state (`running`, `done`, `cached` or `failed`) and `seconds` at each change.
            tell: Stage with a single output to what is called with its folder once it is there, be it from cache.
        """
        super().__init__()
        self._tell = tell or {}
        self.run_id = datetime.datetime.now().isoformat()
        self.seconds: dict[str, float] = {}
        self._send = send

    def run_with_ir(
        self, pipeline: pipeline_pb2.Pipeline, run_options: pipeline_pb2.RunOptions | None = None
    ) -> None:
        if run_options is not None:
            raise ValueError(
                f"Partial runs are not observed; the cache skips finished stages. Received: {run_options}"
            )
        runtime_parameter_utils.substitute_runtime_parameter(
            pipeline, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: self.run_id}
        )
        deployment = runner_utils.extract_local_deployment_config(pipeline)
        connection = getattr(
            deployment.metadata_connection_config,
            deployment.metadata_connection_config.WhichOneof("connection_config"),
        )
        nodes = [node.pipeline_node for node in pipeline.nodes]
        self._send(kind="plan", stages=[node.node_info.id for node in nodes])
        for node in nodes:
            node_id = node.node_info.id
            self._observe(
                node_id,
                _ObservedLauncher(
                    partial(self._note, node_id),
                    pipeline_node=node,
                    mlmd_connection=metadata.Metadata(connection),
                    pipeline_info=pipeline.pipeline_info,
                    pipeline_runtime_spec=pipeline.runtime_spec,
                    executor_spec=runner_utils.extract_executor_spec(deployment, node_id),
                    custom_driver_spec=runner_utils.extract_custom_driver_spec(deployment, node_id),
                ),
            )

    def _note(self, node_id: str, damage: str) -> None:
        logging.warning("Stage %s runs again: %s.", node_id, damage)
        self._send(
            kind="note", text=f"{node_id} runs again, as the output of its last run is damaged: {damage}."
        )

    def _observe(self, node_id: str, node_launcher: "_ObservedLauncher") -> None:
        logging.info("Stage %s begins.", node_id)
        start = time.monotonic()
        self._send(kind="stage", stage=node_id, state="running", seconds=0.0)
        try:
            execution = node_launcher.launch()
        except Exception:
            self._send(kind="stage", stage=node_id, state="failed", seconds=time.monotonic() - start)
            raise
        self.seconds[node_id] = time.monotonic() - start
        state = "done" if node_launcher.executed else "cached"
        self._send(kind="stage", stage=node_id, state=state, seconds=self.seconds[node_id])
        logging.info("Stage %s: %s.", node_id, state)
        if node_id in self._tell and execution is not None:
            self._tell[node_id](node_launcher.output_uri(execution.execution_id))


class _ObservedLauncher(launcher.Launcher):
    """Notices whether a stage's executor ran, or its output came from cache, and minds the folders of both."""

    executed = False

    def __init__(self, note: Callable[[str], None], **kwargs: Any):
        super().__init__(**kwargs)
        self._note = note
        # TFX would keep a stage's temporary files among the artifacts, where they outlive a killed run.
        self._output_resolver.make_tmp_dir = lambda execution: os.path.join(
            tempfile.mkdtemp(prefix=f"{execution}-"), ""
        )

    def output_uri(self, execution_id: int) -> str:
        """Returns the folder of an execution's single output; what the launcher returns does not know the cached one."""
        with self._mlmd_connection as handle:
            events = handle.store.get_events_by_execution_ids([execution_id])
            [artifact] = handle.store.get_artifacts_by_id(
                [event.artifact_id for event in events if event.type == metadata_store_pb2.Event.OUTPUT]
            )
        return str(artifact.uri)

    def _prepare_execution(self) -> Any:
        with verified_cache(self._note):
            return super()._prepare_execution()

    def _run_executor(self, execution_info: Any) -> Any:
        self.executed = True
        for artifacts in execution_info.output_dict.values():
            for artifact in artifacts:
                require_empty(self._pipeline_node.node_info.id, artifact.uri)
        executor_output = super()._run_executor(execution_info)
        note_content(execution_info.output_dict, executor_output)
        return executor_output
