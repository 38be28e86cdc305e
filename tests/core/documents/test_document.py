"""What holds for every document: it is read as it was written, or refused in one sentence."""

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.contender_results import ContenderResults
from core.documents.decision import Decision
from core.documents.document import Document
from core.documents.file_access import LocalFiles
from core.documents.history import History
from core.documents.imbalance_report import ImbalanceReport
from core.documents.metrics import Metrics
from core.documents.priors import Priors
from core.documents.raw_inputs import RawInputs
from core.documents.served_as import ServedAs
from core.documents.serving_report import ServingReport
from core.documents.split_summary import SplitSummary
from core.documents.strategies import Strategies
from core.documents.training import Training
from core.documents.tuning import Tuning
from core.documents.unlabelled_summary import UnlabelledSummary
from core.errors import DocumentError
from tests.core.documents.any_document import any_of

DOCUMENTS = [
    ContenderResults,
    Decision,
    History,
    ImbalanceReport,
    Metrics,
    Priors,
    RawInputs,
    ServedAs,
    ServingReport,
    SplitSummary,
    Strategies,
    Training,
    Tuning,
    UnlabelledSummary,
]
any_kind = pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.__name__)
WAY_OUT = "Run the experiment again."


def subclasses(kind):
    return {one for sub in kind.__subclasses__() for one in {sub} | subclasses(sub)}


def test_every_document_is_tested_here():
    assert subclasses(Document) == set(DOCUMENTS)


@any_kind
@settings(max_examples=20)
@given(data=st.data())
def test_what_is_written_is_read_again_to_the_byte(kind, data):
    document = data.draw(any_of(kind))
    content = document.to_bytes()
    again = kind.from_bytes(content, "file")
    assert again == document
    assert again.to_bytes() == content


@any_kind
@settings(max_examples=5)
@given(data=st.data())
def test_a_document_of_before_there_were_versions_is_read(kind, data):
    document = data.draw(any_of(kind))
    content = json.loads(json.dumps(document.as_dict()))
    # These two were the bare list and the bare results.
    bare = {History: "epochs", ContenderResults: "contenders"}.get(kind)
    assert kind.from_json(content[bare] if bare else content, "file") == document


def test_a_document_without_a_version_is_of_the_first_and_no_other(monkeypatch):
    monkeypatch.setattr(UnlabelledSummary, "VERSION", 2)
    content = {"records": 0, "left_out": [], "files_left_out": []}
    assert UnlabelledSummary.from_json(content | {"version": 2}, "file").records == 0
    with pytest.raises(DocumentError, match=r"has the version 1, and this release of Counterpoise reads 2\."):
        UnlabelledSummary.from_json(content, "file")


@any_kind
@settings(max_examples=5)
@given(data=st.data())
def test_a_document_of_another_version_is_refused_in_one_sentence(kind, data):
    content = data.draw(any_of(kind)).to_json()
    for version in (kind.VERSION + 1, 0, "1", 1.0, True):
        with pytest.raises(DocumentError) as refused:
            kind.from_json(content | {kind.VERSION_KEY: version}, "folder/file.json")
        sentence = str(refused.value)
        assert sentence.startswith(f"folder/file.json has the {kind.VERSION_KEY} {version!r}")
        assert "--output" in sentence and "\n" not in sentence


@any_kind
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[" * 100_000, b"3", b'"x"', b'{"version": 1, "unknown": 1}', b'{"x": NaN}'],
)
def test_damage_is_refused_in_one_sentence(kind, content, tmp_path):
    path = kind.path(str(tmp_path))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as handle:
        handle.write(content)
    with pytest.raises(DocumentError) as refused:
        kind.read(str(tmp_path))
    sentence = str(refused.value)
    assert sentence.startswith(f"{path} is damaged, or no file of a run (")
    assert sentence.endswith(WAY_OUT) and "\n" not in sentence


@any_kind
@settings(max_examples=10)
@given(data=st.data())
def test_a_value_of_another_type_is_refused_with_its_key(kind, data):
    content = data.draw(any_of(kind)).to_json()
    own = sorted(set(content) - {kind.VERSION_KEY})
    if not own:
        return
    key = data.draw(st.sampled_from(own))
    with pytest.raises(DocumentError, match=f"no file of a run \\({key}.*\\)"):
        kind.from_json(content | {key: object()}, "file")


@any_kind
def test_a_missing_document_is_refused_in_one_sentence(kind, tmp_path):
    with pytest.raises(DocumentError) as refused:
        kind.read(str(tmp_path))
    assert str(refused.value) == f"{kind.path(str(tmp_path))} does not exist. {WAY_OUT}"
    assert kind.read_if_there(str(tmp_path)) is None


@pytest.mark.parametrize("lost", ["classes", "priors"])
def test_a_key_that_is_missing_is_named(lost):
    content = {
        "classes": ["a"],
        "counts": {"before": {"a": 1}, "after": {"a": 1}},
        "priors": {"before": {"a": 1.0}, "after": {"a": 1.0}},
        **{"made": {}, "removed": {}, "strategy": {}, "plan": {"make": {}, "keep": {}}, "notes": []},
    }
    del content[lost]
    with pytest.raises(DocumentError, match=rf"\({lost}: Field required\)"):
        Priors.from_json(content, "file")


def test_a_whole_number_stays_one_and_a_flag_is_none():
    content = {"records": 3, "left_out": [], "files_left_out": []}
    assert json.loads(UnlabelledSummary.from_json(content, "file").to_bytes())["records"] == 3
    for other in (3.0, True, "3"):
        with pytest.raises(DocumentError, match="records"):
            UnlabelledSummary.from_json(content | {"records": other}, "file")


def test_a_number_is_written_as_it_came():
    content = {"splits": [], "classes": {}, "duplicates": {"policy": "drop", "found": 0, "dropped": 0}}
    content["deviation"] = {"whole": 1, "half": 0.5, "float": 2.0, "none": None}
    written = json.loads(SplitSummary.from_json(content, "file").to_bytes())["deviation"]
    assert [repr(value) for value in written.values()] == ["1", "0.5", "2.0", "None"]


def test_the_version_comes_first_and_lines_are_broken_for_people():
    written = UnlabelledSummary(records=3, left_out=(), files_left_out=()).to_bytes()
    assert written == b'{\n "version": 1,\n "records": 3,\n "left_out": [],\n "files_left_out": []\n}\n'


def test_a_name_outside_utf8_comes_back_as_it_was():
    lost = (("caf\udce9.png", "is empty"),)
    document = UnlabelledSummary(records=0, left_out=lost, files_left_out=())
    assert rb"caf\udce9.png" in document.to_bytes()
    assert UnlabelledSummary.from_bytes(document.to_bytes(), "file").left_out == lost


def test_another_file_system_is_gone_through(tmp_path):
    class Elsewhere(LocalFiles):
        def __init__(self):
            self.asked = []

        def exists(self, path):
            self.asked.append(("exists", path))
            return super().exists(path)

        def open(self, path, mode):
            self.asked.append((mode, path))
            return super().open(path, mode)

    files, document = Elsewhere(), ServedAs(max_batch=8)
    document.write(str(tmp_path), files)
    assert ServedAs.read(str(tmp_path), files) == document
    path = ServedAs.path(str(tmp_path))
    assert files.asked == [("wb", path), ("exists", path), ("rb", path)]


def test_a_document_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        ServedAs(max_batch=8).max_batch = 9
