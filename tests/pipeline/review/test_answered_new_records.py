from components.stratified_example_gen.records import Record
from components.stratified_example_gen.settings import DataSettings
from core.documents.raw_inputs import RawFeature, RawInputs
from core.documents.record_costs import CostTerm, RecordCostFigures
from pipeline.review.answered_new_records import NewRecords
from tests.made_documents import decision


def test_new_records_without_an_amount_are_not_put_to_a_model_that_needs_one(tmp_path):
    features = (RawFeature(name="fee", input="fee", kind="number"),)
    RawInputs(label="kind", image=None, features=features).write(str(tmp_path))
    free = CostTerm(column=None, times=0, plus=1)
    fee = CostTerm(column="fee", times=1, plus=0)
    costs = RecordCostFigures(class_name="bad", miss=fee, false_alarm=free, catch=free)
    plain = decision(["good", "bad"])
    (tmp_path / "new.csv").write_text("fee,other\n3,a\n,b\n-1,c\n")
    data = DataSettings(format="csv", path="unused.csv", label="kind")
    for made, readable in (
        (plain, 3),
        (plain.model_copy(update={"rule": plain.rule.model_copy(update={"costs": costs})}), 1),
    ):
        made.write(str(tmp_path))
        new = NewRecords.of_model(str(tmp_path / "new.csv"), data, ("good", "bad"), str(tmp_path))
        assert sum(isinstance(one, Record) for one in new.read()) == readable
