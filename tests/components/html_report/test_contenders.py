from components.html_report.contenders import with_contenders


def measured(macro_f1, **average_precisions):
    support = {"good": 90, "bad": 10, "worse": 5}
    per_class = {
        name: {"support": support[name], "average_precision": value}
        for name, value in average_precisions.items()
    }
    return {"summary": {"macro_f1": macro_f1}, "per_class": per_class, "notes": []}


def metrics(macro_f1, **average_precisions):
    return {**measured(macro_f1, **average_precisions), "priors": {"natural": {}}}


def test_two_classes_are_compared_by_the_average_precision_of_the_rarer():
    results = {
        "ahead in macro-F1 alone": measured(0.9, good=0.99, bad=0.5),
        "second": measured(0.1, good=0.1, bad=0.7),
        "first": measured(0.1, good=0.1, bad=0.8),
    }
    joined = with_contenders(metrics(0.8, good=0.9, bad=0.6), results)
    assert [sentence.split(" is ahead")[0] for sentence in joined["contenders_ahead"]] == [
        "The contender first",
        "The contender second",
    ]
    assert "average precision of bad" in joined["contenders_ahead"][0]
    assert joined["contenders"] == results


def test_more_classes_are_compared_by_macro_f1():
    results = {"one": measured(0.9, good=0, bad=0, worse=0), "other": measured(0.7, good=1, bad=1, worse=1)}
    joined = with_contenders(metrics(0.8, good=0.5, bad=0.5, worse=0.5), results)
    [sentence] = joined["contenders_ahead"]
    assert sentence.startswith("The contender one is ahead of the model: macro-F1")


def test_level_is_not_ahead_and_neither_is_who_did_not_take_part():
    refused = {"summary": {}, "per_class": {}, "notes": ["It takes images."]}
    results = {"level": measured(0.8, good=1, bad=0.6), "refused": refused}
    assert with_contenders(metrics(0.8, good=0.9, bad=0.6), results)["contenders_ahead"] == []
