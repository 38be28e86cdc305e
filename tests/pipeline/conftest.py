"""An output folder as runs leave it, with a real metadata store and without a run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

STATES = metadata_store_pb2.Execution


def connection_to(path: Path) -> metadata_store_pb2.ConnectionConfig:
    connection = metadata_store_pb2.ConnectionConfig()
    connection.sqlite.filename_uri = str(path)
    connection.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    return connection


@pytest.fixture
def record(tmp_path) -> Callable[..., int]:
    """Puts executions of a stage into the store of `tmp_path`, and returns the last one's number."""

    def put(stage: str, state: int = STATES.COMPLETE, times: int = 1) -> int:
        store = metadata_store.MetadataStore(connection_to(tmp_path / "metadata.sqlite"))
        kind = store.put_execution_type(metadata_store_pb2.ExecutionType(name=f"components.{stage}"))
        numbers = store.put_executions([STATES(type_id=kind, last_known_state=state)] * times)
        return int(numbers[-1])

    return put


@pytest.fixture
def shard(tmp_path) -> Callable[..., Path]:
    """Writes a file into the output folder of an execution."""

    def write(stage: str, key: str, execution: int) -> Path:
        folder = tmp_path / "artifacts" / stage / key / str(execution)
        (folder / "Split-train").mkdir(parents=True)
        (folder / "Split-train" / "data-00000").write_text("records")
        return folder

    return write
