import pytest

from components.html_report.serving import with_serving

METRICS = {"blessed": True, "not_blessed_because": [], "per_class": {"a": {}}}
REPORT = {
    "blessed": True,
    "not_blessed_because": [],
    "signatures": {"serving_default": None},
    "tolerance": 1e-5,
    "requests": [{"kind": "test records", "answered": 64}],
    "records": 64,
    "seconds": 9.5,
}


def test_what_was_tried_is_added_but_not_how_long_it_took():
    serving = with_serving(METRICS, REPORT)["serving"]
    assert serving["requests"] == REPORT["requests"] and serving["records"] == 64
    assert "seconds" not in serving


@pytest.mark.parametrize(
    ("evaluated", "served"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_a_model_is_blessed_where_both_stages_say_so(evaluated, served):
    metrics = {
        **METRICS,
        "blessed": evaluated,
        "not_blessed_because": [] if evaluated else ["Recall is low."],
    }
    report = {**REPORT, "blessed": served, "not_blessed_because": [] if served else ["Answers differ."]}
    joined = with_serving(metrics, report)
    assert joined["blessed"] == (evaluated and served)
    assert joined["not_blessed_because"] == ["Recall is low."] * (not evaluated) + ["Answers differ."] * (
        not served
    )
    assert metrics["blessed"] == evaluated


def test_a_model_that_could_not_be_asked_has_no_requests():
    died = {
        "blessed": False,
        "not_blessed_because": ["It died."],
        "signatures": {},
        "requests": [],
        "records": 3,
    }
    assert with_serving(METRICS, died)["serving"]["requests"] == []
