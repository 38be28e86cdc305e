"""Counts in Prometheus's text format."""

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from models.serving.server.metrics import Metrics


def samples(text: bytes) -> dict:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def with_label(labels: tuple, name: str, value: str) -> tuple:
    return tuple(sorted([*labels, (name, value)]))


def test_requests_and_their_seconds_are_counted():
    metrics = Metrics()
    for seconds in (0.001, 0.0011, 60.0):
        metrics.record("parts", "REST", "predict", "OK", seconds)
    metrics.record("parts", "REST", "predict", "NOT_FOUND", 0.2)
    found = samples(metrics.text({}, "parts", 3))
    call = (("api", "REST"), ("method", "predict"), ("model", "parts"))
    labelled = with_label(call, "code", "OK")
    assert found["counterpoise_requests_total", labelled] == 3
    below = {
        bound: found["counterpoise_request_seconds_bucket", with_label(call, "le", bound)]
        for bound in ("0.001", "0.0025", "0.25", "10.0", "+Inf")
    }
    assert below == {"0.001": 1, "0.0025": 2, "0.25": 3, "10.0": 3, "+Inf": 4}
    assert found["counterpoise_request_seconds_count", call] == 4
    assert abs(found["counterpoise_request_seconds_sum", call] - 60.2021) < 1e-9
    assert found["counterpoise_model_version", (("model", "parts"),)] == 3


def test_batch_sizes_are_gathered_by_powers_of_two():
    # Two batches of one row, one of three, four of the most, six.
    sizes = np.array([0, 2, 0, 1, 0, 0, 4])
    found = samples(Metrics().text({"add": sizes}, "parts", 1))
    labels = (("model", "parts"), ("signature", "add"))
    below = {
        bound: found["counterpoise_batch_rows_bucket", with_label(labels, "le", bound)]
        for bound in ("1", "2", "4", "6", "+Inf")
    }
    assert below == {"1": 2, "2": 2, "4": 3, "6": 7, "+Inf": 7}
    assert found["counterpoise_batch_rows_sum", labels] == 2 + 3 + 24


def test_labels_are_escaped():
    metrics = Metrics()
    metrics.record('a"b\\c\nd', "REST", "predict", "OK", 0.1)
    assert any(("model", 'a"b\\c\nd') in labels for _, labels in samples(metrics.text({}, "m", 1)))


def test_only_what_was_counted_is_told_and_by_each_server_of_its_own():
    """The library would tell of every series when it began, as a series more, and share one registry."""
    metrics = Metrics()
    metrics.record("parts", "REST", "predict", "OK", 0.1)
    names = {name for name, _ in samples(metrics.text({"add": np.array([0, 1])}, "parts", 1))}
    histograms = ("counterpoise_request_seconds", "counterpoise_batch_rows")
    assert names == {
        "counterpoise_requests_total",
        "counterpoise_model_version",
        *(f"{name}_{part}" for name in histograms for part in ("bucket", "sum", "count")),
    }
    assert {name for name, _ in samples(Metrics().text({}, "parts", 1))} == {"counterpoise_model_version"}
