"""What libraries write to the terminal, told from what a command says itself."""

import re

_OF_LIBRARIES = re.compile(
    r"""
    ^[IWEF]\d{4}\ +[\d:.]+                                          # absl's and gRPC's log, of C++ and of Python
    | ^\d{4}-\d\d-\d\d\ [\d:]+\.\d+:\ [IWEF]\                       # TensorFlow's
    | ^(DEBUG|INFO|WARNING|ERROR|CRITICAL):[\w.]+:                  # Python's, where nobody has set it up
    | absl::InitializeLog | \b(tensorflow|tsl|xla|absl)/ | \boneDNN\b | \bcuda | AutoGraph | rebuild\ TensorFlow
    | \b(apache_beam|ml_metadata|tfx_bsl)\b | /site-packages/
    | \w+Warning:
    """,
    re.VERBOSE | re.MULTILINE,
)


def lines_of_libraries(said: str) -> list[str]:
    """Returns the lines that TensorFlow, absl, Beam or Python's warnings have written, in their order."""
    return [line for line in said.splitlines() if _OF_LIBRARIES.search(line)]
