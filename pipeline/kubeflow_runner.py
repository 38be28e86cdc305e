"""Compiles the DAG for Kubeflow Pipelines and Vertex AI; nothing is run and no cluster is called."""

import os
import warnings

from core.errors import InputError
from core.native_log import filter_native_log
from pipeline.config import Experiment
from pipeline.output.write_access import check_output_file


def compile_pipeline(
    experiment: Experiment, output: str, image: str, root: str, beam_args: list[str]
) -> None:
    """Writes the compiled pipeline.

    The experiment's data paths must be valid inside the containers; on Vertex AI a bucket is mounted
    under /gcs/.

    Args:
        experiment: What to run.
        output: The JSON file to write.
        image: Container image with this project installed; see pipeline/Dockerfile.
        root: Folder of the stages' output, as in gs://bucket/runs.
        beam_args: Arguments of Beam's runner.

    Raises:
        InputError: Where the extra `kubeflow` is not installed, or `output` cannot be written.
    """
    check_output_file(output, "--output")
    # What TensorFlow and the Google libraries say at their import is not for the person who compiles.
    filter_native_log()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("ignore")
    try:
        from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner
    except ImportError as err:
        raise InputError(
            f"Compiling for Kubeflow needs the extra `kubeflow`: pip install counterpoise[kubeflow]. ({err})"
        ) from err
    from pipeline.pipeline import Paths, create_pipeline

    run_root = f"{root.rstrip('/')}/{experiment.name}"
    # Kubeflow takes letters, digits and hyphens alone.
    named = experiment.model_copy(
        update={"name": experiment.name.lower().replace("_", "-").replace(".", "-")}
    )
    dag = create_pipeline(
        named, Paths(f"{run_root}/artifacts", f"{run_root}/serving"), beam_args, with_history=False
    )
    config = kubeflow_v2_dag_runner.KubeflowV2DagRunnerConfig(default_image=image)
    kubeflow_v2_dag_runner.KubeflowV2DagRunner(
        config, output_dir=os.path.dirname(os.path.abspath(output)), output_filename=os.path.basename(output)
    ).run(dag, write_out=True)
