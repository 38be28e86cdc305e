"""Exception for bad input, as against a fault of the program."""


class InputError(Exception):
    """Reports bad configuration or bad data in one message a person can act on.

    The message names what is wrong, where, the value received, and the way out. The command line
    prints it without a traceback and ends with exit status 2.
    """
