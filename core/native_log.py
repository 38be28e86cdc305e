"""Lines of log that libraries write past Python, kept off the terminal."""

import contextlib
import os
import subprocess
import sys

_STDERR = 2
# As absl and TensorFlow begin a line of theirs. What is fatal (F) stays: it says why the process ends.
_LINES = "|".join(
    (
        r"^WARNING: All log messages before absl::InitializeLog",
        r"^[IWE][0-9]{4} [0-9:. ]+ [^ ]+:[0-9]+\]",
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]+: [IWE] ",
        r"^To enable the following instructions: ",
    )
)


def filter_native_log() -> None:
    """Takes the lines of absl's and TensorFlow's log out of what is written to descriptor 2 from now on.

    They are written by C++ as a library is loaded, before any level of theirs is heeded. Whatever else is written,
    by Python or by a process that is started, arrives as before; the filter is a process of its own, so that the last
    words of one that crashes arrive too. `sys.stderr` goes past it. Nothing is changed where `sys.stderr` is not
    descriptor 2, as under a test, or where there is no grep.
    """
    try:
        if sys.stderr is None or sys.stderr.fileno() != _STDERR:
            return
        terminal = os.dup(_STDERR)
    except (OSError, ValueError):
        return
    with contextlib.suppress(OSError):
        # In a session of its own: Ctrl-C is for the process that it filters for.
        grep = subprocess.Popen(
            ["grep", "--text", "--line-buffered", "--invert-match", "--extended-regexp", _LINES],
            stdin=subprocess.PIPE,
            stdout=terminal,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
        )
        assert grep.stdin is not None
        sys.stderr.flush()
        os.dup2(grep.stdin.fileno(), _STDERR)
        grep.stdin.close()
        # It ends with this process; nobody waits for it.
        grep.returncode = 0
    sys.stderr = os.fdopen(
        terminal, "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace"
    )
