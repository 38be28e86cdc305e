"""Exception of a run that cannot go on from what an earlier one left."""


class OutputError(Exception):
    """Reports a damaged, foreign or vanished file of an output folder in one sentence, with the way out.

    It is no InputError, since neither the experiment nor the data are at fault: the command prints it without
    a traceback and ends with exit status 1.
    """
