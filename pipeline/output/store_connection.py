"""Opens the metadata store as TFX will, once and at the start, where TFX would try ten times in mid-run."""

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from pipeline.output.output_error import OutputError
from pipeline.output.store_check import explain_store_error


def check_store_opens(connection: metadata_store_pb2.ConnectionConfig) -> None:
    """Opens a store in a file, and makes it where there is none.

    Raises:
        OutputError: It cannot be opened, as of one by another version of ml-metadata.
    """
    try:
        metadata_store.MetadataStore(connection)
    except Exception as err:
        # The library raises RuntimeError here, and errors of its own elsewhere.
        raise OutputError(explain_store_error(connection.sqlite.filename_uri, str(err))) from err
