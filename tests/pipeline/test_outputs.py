from pipeline.outputs import publish_table, take_contender_seconds


def test_a_table_is_copied_over_that_of_an_earlier_run(tmp_path):
    stage, output = tmp_path / "stage", tmp_path / "output"
    stage.mkdir(), output.mkdir()
    (stage / "tuning.csv").write_text("new")
    (output / "tuning.csv").write_text("of an earlier run")
    assert publish_table("tuning.csv", [str(stage)], str(output)) == str(output / "tuning.csv")
    assert (output / "tuning.csv").read_text() == "new"


def test_a_table_that_this_run_did_not_make_is_not_left_behind(tmp_path):
    (tmp_path / "tuning.csv").write_text("of an earlier run")
    assert publish_table("tuning.csv", [], str(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []
    empty = tmp_path / "stage"
    empty.mkdir()
    assert publish_table("tuning.csv", [str(empty)], str(tmp_path)) is None


def test_what_contenders_took_stands_with_the_other_seconds():
    metrics = {"contenders": {"majority": {"seconds": 0.25, "notes": []}}}
    assert take_contender_seconds(metrics) == {"contenders": {"majority": 0.25}}
    assert metrics == {"contenders": {"majority": {"notes": []}}}
    assert take_contender_seconds({"contenders": {}}) == {}
