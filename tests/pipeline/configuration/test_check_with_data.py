"""Names in an experiment against a first look at the data."""

import csv

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InputError
from pipeline.config import load_experiment
from pipeline.configuration.check_with_data import check_with_data


@pytest.fixture
def check(tmp_path):
    """Checks an experiment's text, below its data section, with a table of some classes."""

    def check_text(text, classes=("good", "bad"), overrides=(), label="kind", extra="2020,no,part,device"):
        rows = [f"{n},{n % 2},p{n % 3},d{n // 2},{classes[n % len(classes)]}" for n in range(30)]
        (tmp_path / "table.csv").write_text("\n".join([f"{extra},{label}", *rows]) + "\n")
        path = tmp_path / "experiment.yaml"
        path.write_text(f"data: {{format: csv, path: table.csv, label: {label}}}\n{text}\n")
        experiment, check_text.classes = check_with_data(load_experiment(str(path), overrides))
        return experiment

    return check_text


@pytest.mark.parametrize("prior", ["{no: 0.3, yes: 0.7}", "{'no': 0.3, 'yes': 0.7}"])
def test_classes_that_yaml_takes_for_booleans_are_what_was_written(check, prior):
    experiment = check(f"decision: {{prior: {prior}, rule: {{min_recall: {{yes: 0.9}}}}}}", ("no", "yes"))
    assert experiment.decision.prior == {"no": 0.3, "yes": 0.7}
    assert experiment.decision.rule.min_recall == {"yes": 0.9}


@pytest.mark.parametrize(
    ("written", "classes"),
    [
        ("1", ("1", "2")),
        ("2020-01-01", ("2020-01-01", "2021-01-01")),
        ("1:30", ("1:30", "2:30")),
        ("on", ("on", "off")),
        ("1e3", ("1e3", "x")),
        ("0x1F", ("0x1F", "x")),
    ],
)
def test_a_class_named_without_quotes_is_what_was_written(check, written, classes):
    experiment = check(
        f"decision: {{rule: {{cost_matrix: {{{written}: {{{classes[1]}: 5}}}}}}}}\n"
        f"augmentation: {{tabular: oversample, target_ratio: {{{written}: 20}}}}",
        classes,
    )
    assert experiment.decision.rule.cost_matrix == {classes[0]: {classes[1]: 5}}
    assert experiment.augmentation.target_ratio == {classes[0]: 20}


@pytest.mark.parametrize(("written", "spelled"), [("1", "1.0"), ("1.0", "1"), ("true", "True"), ("01", "01")])
def test_a_class_that_alone_is_read_like_the_one_named_is_meant(check, written, spelled):
    experiment = check(f"decision: {{rule: {{min_recall: {{{written}: 0.5}}}}}}", (spelled, "other"))
    [name] = experiment.decision.rule.min_recall
    assert name in check.classes


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("decision: {prior: {good: 0.5, bda: 0.5}}", ["decision.prior", "'bda'", "mean 'bad'"]),
        ("decision: {prior: {good: 0.9999}}", ["decision.prior", "Left out: bad"]),
        ("decision: {rule: {cost_matrix: {gud: {bad: 2}}}}", ["decision.rule.cost_matrix", "'gud'"]),
        ("decision: {rule: {cost_matrix: {good: {bat: 2}}}}", ["decision.rule.cost_matrix", "'bat'"]),
        (
            "decision: {rule: {min_recall: {Good: 0.5}}}",
            ["decision.rule.min_recall", "'Good'", "mean 'good'"],
        ),
        (
            "decision: {rule: {min_precision: {1: 0.5}}}",
            ["decision.rule.min_precision", "'1'", "Classes: bad"],
        ),
        (
            "decision: {rule: {capacity: {class: goood, share: 0.5}}}",
            ["decision.rule.capacity.class", "'goood'", "mean 'good'"],
        ),
        ("augmentation: {target_ratio: {bald: 5}}", ["augmentation.target_ratio", "'bald'", "mean 'bad'"]),
        ("evaluation: {slices: [prt]}", ["evaluation.slices", "'prt'", "mean 'part'"]),
        ("evaluation: {slices: [kind]}", ["evaluation.slices", "'kind'", "data.label"]),
    ],
)
def test_a_name_that_is_not_in_the_data_is_refused_with_its_setting_and_the_nearest(check, text, parts):
    with pytest.raises(InputError) as caught:
        check(text)
    assert all(part in str(caught.value) for part in parts), caught.value


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "{rule: {capacity: {class: good, share: 0.03}}}",
            ["decision.rule.capacity.share", "0.03 of 30 records", "Set it to 0.035"],
        ),
        ("{coverage: 0.9}", ["decision.coverage", "at least 5 records", "c (4), d (4)", "join classes"]),
        ("{abstain: {max_share: 2}}", ["decision.abstain.max_share", "less than 1", "Received: 2"]),
        ("{abstain: {max_shar: 0.1}}", ["decision.abstain.max_shar: unknown key", "'max_share'"]),
        (
            "{rule: macro_f1, abstain: {cost: 0.1}}",
            ["decision.abstain.cost", "argmax", "cost=0.1", "Choose one"],
        ),
    ],
)
def test_a_decision_that_the_data_cannot_bear_is_refused_with_the_way_out(check, text, parts):
    classes = ("good", "bad", "c", "d", "e", "good", "bad")
    with pytest.raises(InputError) as caught:
        check(f"decision: {text}", classes)
    assert all(part in str(caught.value) for part in parts), caught.value


@pytest.mark.parametrize("setting", ["data.drop=[part]", "data.group=part"])
def test_a_slice_by_a_column_that_the_records_do_not_have_is_refused(check, setting):
    key = setting.partition("=")[0]
    with pytest.raises(InputError, match=rf"evaluation.slices: .*'part', as it stands in {key}"):
        check("evaluation: {slices: [part]}", overrides=[setting])


def test_columns_that_yaml_takes_for_something_else_are_what_was_written(check):
    experiment = check("evaluation: {slices: [no]}", overrides=["data.drop=[2020]"])
    assert experiment.data.drop == ("2020",) and experiment.evaluation.slices == ("no",)
    assert check("", label="yes").data.label == "yes"
    assert check("", label="1").data.label == "1"


def test_a_column_that_alone_is_read_like_the_one_named_is_meant(check):
    assert check("", overrides=["data.drop=[2020.0, No]"]).data.drop == ("2020", "no")
    with pytest.raises(InputError, match="Column 'no' is named both as `categorical` and in `drop`"):
        check("", overrides=["data.drop=[no]", "data.categorical=[No]"])


def test_classes_of_a_typed_table_are_named_as_they_are_read(tmp_path):
    table = pa.table({"x": np.arange(40.0), "fraud": [bool(n % 4 == 0) for n in range(40)]})
    pq.write_table(table, tmp_path / "t.parquet")
    path = tmp_path / "e.yaml"
    path.write_text(
        "data: {format: parquet, path: t.parquet, label: fraud}\ndecision: {rule: {min_recall: {true: 0.9}}}\n"
    )
    [name] = check_with_data(load_experiment(str(path)))[0].decision.rule.min_recall
    assert name.lower() == "true"


NAMES = st.one_of(
    st.sampled_from(["yes", "No", "on", "2020-01-01", "1:30", "0x1F", "1_0", "=", "<<"]),
    st.text("abcXYZ:-{}[]#&*!|>%@,'", min_size=1, max_size=8),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(names=st.lists(NAMES, min_size=2, max_size=4, unique=True))
def test_classes_of_any_name_are_found_as_they_are_spelled_in_the_data(tmp_path, names):
    with open(tmp_path / "table.csv", "w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([("x", "kind"), *((n, names[n % len(names)]) for n in range(30))])
    path = tmp_path / "experiment.yaml"
    shares = {name: 1 / len(names) for name in names}
    path.write_text(
        yaml.safe_dump(
            {"data": {"format": "csv", "path": "table.csv", "label": "kind"}, "decision": {"prior": shares}}
        )
    )
    assert check_with_data(load_experiment(str(path)))[0].decision.prior == shares


COSTS = "decision: {costs: {class: good, miss: {column: COLUMN}, false_alarm: 5}}"


def test_costs_of_a_column_go_with_data_that_have_it(check):
    costs = check(COSTS.replace("COLUMN", "2020")).decision.costs
    assert costs.columns == ("2020",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (COSTS.replace("COLUMN", "202"), r"decision.costs.miss.column: no column '202'.*Did you mean '2020'"),
        (
            COSTS.replace("COLUMN", "kind"),
            r"decision.costs.miss.column: the records have no feature.*data.label",
        ),
        (COSTS.replace("COLUMN", "part"), r"column 'part' has no amount.*in 30 of 30 records"),
        (
            COSTS.replace("COLUMN", "2020").replace("good", "goood"),
            r"decision.costs.class: there is no class 'goood' in the data. Did you mean 'good'",
        ),
    ],
)
def test_costs_that_do_not_go_with_the_data_are_refused(check, text, message):
    with pytest.raises(InputError, match=message):
        check(text)


def test_a_column_that_is_left_out_makes_no_cost(check):
    with pytest.raises(InputError, match=r"no feature of the column '2020', as it stands in data.drop"):
        check(COSTS.replace("COLUMN", "2020"), overrides=["data.drop=['2020']"])


def test_costs_take_the_place_of_a_recipes_rule(check):
    experiment = check("recipe: tabular\n" + COSTS.replace("COLUMN", "2020"))
    assert experiment.recipe == "tabular" and experiment.decision.rule == "argmax"
