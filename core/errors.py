"""Exceptions for bad input and for documents that cannot be read, as against faults of the program."""


class InputError(Exception):
    """Reports bad configuration or bad data in one message a person can act on.

    The message names what is wrong, where, the value received, and the way out. The command line
    prints it without a traceback and ends with exit status 2.
    """


class DocumentError(InputError):
    """Reports a missing or damaged document, or one of another version, in one sentence with the way out."""
