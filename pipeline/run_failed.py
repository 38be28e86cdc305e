"""Exception for a run that ended by a fault of the program or of the machine."""


class RunFailed(Exception):
    """Says what a run failed of; everything that was logged is in the output folder's `run.log`.

    The command line prints it and ends with exit status 1.
    """
