"""What the working process says of a run that it cannot finish."""

import io
import json
import logging
import os
import sys

import pytest

from core.documents.split_summary import Account, Duplicates, RecordCounts, SplitSummary
from core.errors import DocumentError, InputError
from core.progress_events import LOGGER_NAME
from pipeline import local_runner

EXPERIMENT = {"name": "parts", "data": {"format": "csv", "path": "parts.csv", "label": "kind"}}


@pytest.fixture(autouse=True)
def progress_goes_nowhere_afterwards(monkeypatch):
    """The program has its process to itself; here what other tests report would go into its closed pipe."""
    monkeypatch.setattr(logging.getLogger(LOGGER_NAME), "handlers", [])


@pytest.fixture
def said_of(monkeypatch, tmp_path):
    """Runs the program over a run that raises, and returns the event that it sends."""

    def send(error):
        def fail(*arguments):
            raise error

        reading, writing = os.pipe()
        job = {"experiment": EXPERIMENT, "output": str(tmp_path), "beam_args": []}
        # The test is not to die with its parent.
        monkeypatch.setattr(local_runner.ctypes, "CDLL", lambda name: io)
        monkeypatch.setattr(io, "prctl", lambda *arguments: 0, raising=False)
        monkeypatch.setattr(local_runner, "_run", fail)
        monkeypatch.setattr(sys, "argv", ["local_runner", str(writing), str(os.getppid())])
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(job)))
        local_runner.main()
        with os.fdopen(reading) as pipe:
            return json.loads(pipe.readline())

    return send


def test_a_refused_document_is_a_failure_of_the_run_and_not_of_the_data(said_of):
    sentence = "training.json has the version 2, and this release of Counterpoise reads 1."
    assert said_of(DocumentError(sentence)) == {"kind": "failure", "message": sentence}


def test_bad_data_are_told_as_such(said_of):
    assert said_of(InputError("Column 'kind' is empty.")) == {
        "kind": "input_error",
        "message": "Column 'kind' is empty.",
    }


def test_the_account_of_the_data_is_told_where_there_is_one(tmp_path):
    told = []
    summary = SplitSummary(
        splits=("train",), classes={}, duplicates=Duplicates(policy="drop", found=0, dropped=0)
    )
    none = RecordCounts(found=0, used=0, duplicates=0, bad=0, repeats=0, moved=0)
    account = Account(records=none, classes={}, bad_without_class=0, files=0)
    for one in (summary, summary.model_copy(update={"account": account})):
        one.write(str(tmp_path))
        local_runner._send_account(lambda **event: told.append(event), str(tmp_path))
    assert [event["kind"] for event in told] == ["account"]
    assert SplitSummary.from_json(told[0]["summary"], "pipe").account == account
