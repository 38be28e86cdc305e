"""Opens the metadata store as TFX will, once and at the start, where TFX would try ten times in mid-run."""

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from pipeline.output.error import OutputError
from pipeline.output.store_check import store_sentence


def try_store(connection: metadata_store_pb2.ConnectionConfig) -> None:
    """Opens a store in a file, and makes it where there is none.

    Raises:
        OutputError: It cannot be opened, as of one by another version of ml-metadata.
    """
    try:
        metadata_store.MetadataStore(connection)
    except Exception as err:
        # The library raises RuntimeError here, and errors of its own elsewhere.
        raise OutputError(store_sentence(connection.sqlite.filename_uri, str(err))) from err
