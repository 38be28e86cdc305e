"""Counts and times of requests, in the text format of Prometheus.

Reference: https://prometheus.io/docs/instrumenting/exposition_formats/.
"""

import bisect
import itertools
import threading
from collections.abc import Sequence

import numpy as np

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counts requests from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[Labels, int] = {}
        self._seconds: dict[Labels, _Histogram] = {}

    def record(self, model: str, api: str, method: str, code: str, seconds: float) -> None:
        """Counts one request.

        Args:
            model: Name of the model; empty where the request names one that is not served.
            api: REST or gRPC.
            method: As in `predict`.
            code: gRPC's word for the answer's status, as in `OK`.
            seconds: From the whole request read to the answer ready.
        """
        call: Labels = (("model", model), ("api", api), ("method", method))
        with self._lock:
            counted: Labels = (*call, ("code", code))
            self._requests[counted] = self._requests.get(counted, 0) + 1
            self._seconds.setdefault(call, _Histogram()).add(seconds)

    def text(self, batch_sizes: dict[str, np.ndarray], model: str, version: int) -> str:
        """Writes everything counted.

        Args:
            batch_sizes: Of every signature, how many batches were run by their rows.
            model: Name of the model.
            version: The version served.
        """
        name = (("model", model),)
        with self._lock:
            lines = [
                "# HELP counterpoise_requests_total Requests answered.",
                "# TYPE counterpoise_requests_total counter",
                *(_line("counterpoise_requests_total", *one) for one in sorted(self._requests.items())),
                "# HELP counterpoise_request_seconds Time to an answer.",
                "# TYPE counterpoise_request_seconds histogram",
            ]
            for labels, histogram in sorted(self._seconds.items()):
                lines += _histogram_lines(
                    "counterpoise_request_seconds", labels, _SECONDS, histogram.counts, histogram.sum
                )
        lines += [
            "# HELP counterpoise_batch_rows Rows run together.",
            "# TYPE counterpoise_batch_rows histogram",
        ]
        for signature, sizes in sorted(batch_sizes.items()):
            labels = (*name, ("signature", signature))
            lines += _histogram_lines("counterpoise_batch_rows", labels, *_by_powers(sizes))
        lines += [
            "# HELP counterpoise_model_version The version served.",
            "# TYPE counterpoise_model_version gauge",
            _line("counterpoise_model_version", name, version),
        ]
        return "\n".join(lines) + "\n"


class _Histogram:
    def __init__(self) -> None:
        self.counts = [0] * (len(_SECONDS) + 1)
        self.sum = 0.0

    def add(self, seconds: float) -> None:
        # A bucket takes what is at most its bound.
        self.counts[bisect.bisect_left(_SECONDS, seconds)] += 1
        self.sum += seconds


def _by_powers(sizes: np.ndarray) -> tuple[list[int], list[int], int]:
    """Returns bounds, counts and the sum of rows, of counts by row that end in "as many or more"."""
    most = len(sizes) - 1
    bounds = [*(2**power for power in range(most.bit_length()) if 2**power < most), most]
    edges = [0, *(bound + 1 for bound in bounds)]
    counts = [int(sizes[low:high].sum()) for low, high in itertools.pairwise(edges)]
    return bounds, [*counts, 0], int((sizes * np.arange(len(sizes))).sum())


def _histogram_lines(
    name: str, labels: Labels, bounds: Sequence[float], counts: Sequence[int], total: float
) -> list[str]:
    running, lines = 0, []
    for bound, count in zip([*map(str, bounds), "+Inf"], counts, strict=True):
        running += count
        lines.append(_line(f"{name}_bucket", (*labels, ("le", bound)), running))
    return [*lines, _line(f"{name}_sum", labels, total), _line(f"{name}_count", labels, running)]


def _line(name: str, labels: Labels, value: float) -> str:
    return f"{name}{{{','.join(f'{key}={_quoted(text)}' for key, text in labels)}}} {value}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'"{escaped}"'
