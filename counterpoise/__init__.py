"""Counterpoise in notebooks and scripts: what the command does, on data frames and with exceptions.

Example:
    >>> import counterpoise
    >>> run = counterpoise.run(frame, label="defect")
    >>> answers = run.predict(new_frame)
"""

from core.errors import InputError
from counterpoise.finished_run import Report, Run, load
from counterpoise.start import init, run
from pipeline.run_failed import RunFailed

__all__ = ["InputError", "Report", "Run", "RunFailed", "init", "load", "run"]
