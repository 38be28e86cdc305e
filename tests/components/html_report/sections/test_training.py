"""Section on training: of folds, and of trees beside the network."""

import re


def cells(page, caption):
    table = re.search(rf"<caption>{caption}.*?</table>", page, re.S).group()
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr>")[2:]]


def test_folds_are_told_one_by_one(six):
    folds = [{"records": 100, "best_epoch": 7, "monitor_value": 0.625}, {"records": 99, "best_epoch": 12}]
    six.training["folds"] = [folds[0], {**folds[1], "monitor_value": None}]
    assert "<strong>2 networks</strong>" in six.page
    assert cells(six.page, "Folds") == [["1", "100", "7", "0.625"], ["2", "99", "12", "–"]]
    assert "said of train and eval out of fold" in six.page


def test_network_and_trees_are_shown_alone_and_together(six):
    assert "Network and trees" not in six.page
    six.training["blend"] = {
        "network_share": 0.25,
        "is_fitted": True,
        "log_loss": {"network": 0.5, "trees": 0.4, "together": 0.375},
        "average_precision": {"network": 0.25, "trees": 0.5, "together": 0.75},
        "records": 1234,
    }
    assert "<strong>0.250</strong>, the trees’ 0.750, chosen by the log loss of 1,234 records" in six.page
    assert cells(six.page, "Network and trees") == [
        ["Network alone", "0.5", "0.250"],
        ["Trees alone", "0.4", "0.500"],
        ["Together", "0.375", "0.750"],
    ]
