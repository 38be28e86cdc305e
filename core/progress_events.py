"""Progress events of a long stage, sent to a logger, so that nobody need listen."""

import logging
from typing import Any

LOGGER_NAME = "counterpoise.progress"


def report_progress(**event: Any) -> None:
    """Sends an event; a handler finds it in the log record's attribute `event`."""
    logging.getLogger(LOGGER_NAME).info("%s", event, extra={"event": event})
