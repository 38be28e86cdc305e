import dataclasses
import io

import numpy as np
import pytest
from rich.console import Console

from components.html_report.sections.thresholds import class_thresholds
from components.html_report.terminal import per_class_table


def other_class(records):
    return next(name for name in records.classes if name != "fraud")


def term(column=None, times=0, plus=0.0):
    return {"column": column, "times": times, "plus": plus}


@pytest.fixture
def paid(two, answered):
    """A run that decides by what a missed fraud costs."""
    run = answered(two)
    amounts = np.random.default_rng(0).gamma(1, 50, (len(run.records.labels), 1))
    run.records = dataclasses.replace(run.records, amounts=amounts)
    costs = {"class_name": "fraud", "miss": term("amount", 1), "false_alarm": term(plus=5.0), "catch": term()}
    run.decided = {"rule": {**run.decision["rule"], "name": "costs", "costs": costs}}
    return run


def test_the_figures_are_sums_of_the_amounts(paid):
    records, money = paid.records, paid.metrics["money"]
    fraud = records.labels == records.classes.index("fraud")
    acts = records.decisions == records.classes.index("fraud")
    amounts = records.amounts[:, 0]
    assert money["always_no"]["total"]["value"] == pytest.approx(amounts[fraud].sum())
    assert money["always_yes"]["total"]["value"] == pytest.approx(5 * (~fraud).sum())
    assert money["rule"]["total"]["value"] == pytest.approx(
        amounts[fraud & ~acts].sum() + 5 * (acts & ~fraud).sum()
    )
    assert money["curve"][0]["acted"] == 0 and money["curve"][-1]["acted"] == money["n"]


def test_the_page_shows_every_way_to_decide_and_the_curve(paid):
    page = paid.page
    section = page.split('<section id="money"')[1].split("</section>")[0]
    rows = section.split("<tr>")[2:]
    assert [
        name in row for name, row in zip(("rule", "likeliest", "never", "always"), rows, strict=True)
    ] == [True] * 4
    assert f"{paid.measured.money.rule.total.value:,.2f} (" in rows[0]
    assert section.count("<polyline") == 2 and section.count("<circle") == 1
    assert "miss = amount, false alarm = 5, catch = 0" in section and 'href="#money"' in page
    assert 'id="explorer-cheapest"' in page


def test_the_explorer_knows_what_each_threshold_costs(paid):
    records, decision = paid.records, paid.measured.decision
    data = class_thresholds(records, ["fraud", other_class(records)], decision).data["classes"]
    fraud, other = data
    assert other["costs"] is None and other["cheapest"] is None
    index = records.classes.index("fraud")
    scores, is_fraud = records.probabilities[:, index], records.labels == index
    falling = np.sort(scores)[::-1]
    for place in (0, fraud["start"], fraud["cheapest"], len(fraud["costs"]) - 1):
        acts = scores >= falling[fraud["hits"][place] + fraud["alarms"][place] - 1]
        expected = records.amounts[is_fraud & ~acts].sum() + 5 * (acts & ~is_fraud).sum()
        assert fraud["costs"][place] == pytest.approx(expected, rel=1e-5)
    assert fraud["costs"][fraud["cheapest"]] == min(fraud["costs"])


def test_the_terminal_says_what_the_rule_costs_and_saves(paid):
    output = io.StringIO()
    Console(file=output, width=300).print(per_class_table(paid.measured))
    said = " ".join(output.getvalue().split()).partition("Costs: ")[2]
    money = paid.measured.money
    assert (
        said.startswith(f"{money.rule.total.value:,.2f} (")
        and "never fraud" in said
        and "always fraud" in said
    )
    assert f"saves {100 * money.savings.value:.0f} % (" in said


def test_a_run_without_costs_has_no_such_section(two, answered):
    run = answered(two)
    assert 'id="money"' not in run.page and "money" not in run.metrics


def test_what_is_left_to_a_person_costs_what_a_person_does(paid):
    records, n = paid.records, len(paid.records.labels)
    abstained = np.arange(n) % 10 == 0
    paid.records = dataclasses.replace(records, abstained=abstained)
    paid.decided["settings"] = {"rule": "argmax", "abstain": {"cost": 3.0}}
    paid.decided["abstention"] = {
        **{"formula": "", "threshold": 3.0, "threshold_spread": None, "share": 0.1, "error": 0.0}
    }
    fraud = records.labels == records.classes.index("fraud")
    acts = records.decisions == records.classes.index("fraud")
    costs = np.where(fraud, np.where(acts, 0, records.amounts[:, 0]), np.where(acts, 5, 0))
    scores = paid.metrics["abstention"]
    assert scores["mean_cost"] == pytest.approx(np.where(abstained, 3, costs).mean())
    assert scores["mean_cost_without"] == pytest.approx(costs.mean())
    # The curves over coverage go by the expected costs of the records.
    page = paid.page
    assert 'id="abstention"' in page and "counted here as the rule would decide them" in page
