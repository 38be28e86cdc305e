"""What the documents name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("core/", "models/", "components/", "pipeline/", "tests/", "docs/", "benchmarks/")


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "docs/architecture.md", "README.md"])
def test_every_path_that_a_document_names_exists(document):
    quoted = re.findall(r"`([^`\n]+)`", (ROOT / document).read_text())
    # `<name>` stands for what is to be added: the folder it goes to is there.
    paths = {
        path.split("<")[0] for path in quoted if path.startswith(ROOMS) and not re.search(r"[ {(]", path)
    }
    assert {path for path in paths if not (ROOT / path).exists()} == set()
