"""Counts and times of requests for Prometheus, in a registry of the server's own.

Reference: https://prometheus.io/docs/instrumenting/exposition_formats/.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CALL = ("model", "api", "method")


class Metrics:
    """Counts requests from any thread."""

    def __init__(self) -> None:
        # The time at which a label was first seen would double the series; the library knows no narrower switch.
        disable_created_metrics()
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "counterpoise_requests", "Requests answered.", (*_CALL, "code"), registry=self._registry
        )
        self._seconds = Histogram(
            "counterpoise_request_seconds",
            "Time to an answer.",
            _CALL,
            registry=self._registry,
            buckets=_SECONDS,
        )

    def record(self, model: str, api: str, method: str, code: str, seconds: float) -> None:
        """Counts one request.

        Args:
            model: Name of the model; empty where the request names one that is not served.
            api: REST or gRPC.
            method: As in `predict`.
            code: gRPC's word for the answer's status, as in `OK`.
            seconds: From the whole request read to the answer ready.
        """
        self._requests.labels(model, api, method, code).inc()
        self._seconds.labels(model, api, method).observe(seconds)

    def text(self, batch_sizes: Mapping[str, np.ndarray], model: str, version: int) -> bytes:
        """Writes everything counted in Prometheus's text format, version 0.0.4.

        Args:
            batch_sizes: Of every signature, how many batches were run by their rows, int64 `(max_batch + 1,)`.
            model: Name of the model.
            version: The version served.
        """
        served = _ServedVersion(batch_sizes, model, version)
        return bytes(generate_latest(self._registry) + generate_latest(served))


@dataclass(frozen=True)
class _ServedVersion(Collector):
    """Figures of the version served, which begin anew with the next and are counted where batches are run."""

    batch_sizes: Mapping[str, np.ndarray]
    model: str
    version: int

    def collect(self) -> Iterator[Metric]:
        rows = HistogramMetricFamily(
            "counterpoise_batch_rows", "Rows run together.", labels=("model", "signature")
        )
        for signature, sizes in sorted(self.batch_sizes.items()):
            rows.add_metric((self.model, signature), *_by_powers(sizes))
        yield rows
        version = GaugeMetricFamily("counterpoise_model_version", "The version served.", labels=("model",))
        version.add_metric((self.model,), self.version)
        yield version


def _by_powers(sizes: np.ndarray) -> tuple[list[tuple[str, int]], int]:
    """Returns the cumulative buckets and the sum of rows, of counts by row that end in "as many or more"."""
    most = len(sizes) - 1
    bounds = [*(2**power for power in range(most.bit_length()) if 2**power < most), most]
    up_to = np.cumsum(sizes)
    buckets = [(str(bound), int(up_to[bound])) for bound in bounds]
    return [*buckets, ("+Inf", int(up_to[most]))], int((sizes * np.arange(len(sizes))).sum())
