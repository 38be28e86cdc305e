"""Keeps what libraries say of themselves off the terminal."""

import os
import warnings

from core.native_log import filter_native_log


def quieten_libraries() -> None:
    """Silences TensorFlow's log and warnings about the future, here and in processes that are started.

    Google's libraries warn at import of the versions of Python that they will support. To be called before TensorFlow
    is imported.
    """
    filter_native_log()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("PYTHONWARNINGS", "ignore::FutureWarning")
    warnings.simplefilter("ignore", FutureWarning)
