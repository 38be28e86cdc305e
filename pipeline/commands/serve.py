"""counterpoise serve: serve the pushed model over REST and gRPC, as TensorFlow Serving does, with a page to try it."""

from typing import Annotated

import typer

from pipeline.commands.errors import clear_errors
from pipeline.commands.options import MaxImagePixels


def serve(
    directory: Annotated[
        str, typer.Argument(metavar="DIR", help="Output folder of a run, or a folder of versions.")
    ],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of REST; 0 takes a free one.")] = 8501,
    grpc_port: Annotated[int, typer.Option(min=0, max=65535, help="Of gRPC; 0 takes a free one.")] = 8500,
    name: Annotated[str | None, typer.Option(help="The model's name; default: the run's.")] = None,
    max_batch: Annotated[
        int | None,
        typer.Option(min=1, help="Most rows in one batch; default: the experiment's serving.max_batch."),
    ] = None,
    batch_timeout_ms: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Longest wait for a batch to fill; default: the experiment's serving.batch_timeout_ms.",
        ),
    ] = None,
    op_threads: Annotated[
        int,
        typer.Option(
            min=1,
            help="Threads that compute one operation. 1 answers most requests a second; more answer a lone "
            "large request sooner.",
        ),
    ] = 1,
    max_request_mb: Annotated[int, typer.Option(min=1, help="Largest request, in MiB.")] = 64,
    max_image_pixels: MaxImagePixels = None,
) -> None:
    """Serve the pushed model over REST and gRPC, as TensorFlow Serving does, with a page to try it."""
    with clear_errors():
        from core.errors import InputError
        from models.serving.server.model_directory import NothingToServe, find_model_directory
        from models.serving.server.serve import serve
        from models.serving.server.server_settings import ServerSettings

        settings = ServerSettings(
            host=host,
            port=port,
            grpc_port=grpc_port,
            max_batch=max_batch,
            batch_timeout_ms=batch_timeout_ms,
            op_threads=op_threads,
            max_request_bytes=max_request_mb * 2**20,
            max_image_pixels=max_image_pixels,
        )
        try:
            serve(find_model_directory(directory, name), settings, print)
        except NothingToServe as error:
            raise InputError(str(error)) from error
