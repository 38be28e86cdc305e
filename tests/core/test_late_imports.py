"""What a module that is imported late does, and when."""

import importlib
import sys
import threading

import pytest

from core.late_imports import import_late

PACKAGE = "imported_late_by_test"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package whose modules tell when they run."""
    folder = tmp_path / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "ran.py").write_text("names = []\n")
    body = (
        f"import time\nfrom {PACKAGE}.ran import names\nnames.append(__name__)\ntime.sleep(0.1)\nvalue = 7\n"
    )
    (folder / "late.py").write_text(body)
    (folder / "other.py").write_text(body)
    inner = folder / "inner"
    inner.mkdir()
    (inner / "__init__.py").write_text(body)
    (inner / "leaf.py").write_text(body + f"from {PACKAGE}.inner import value as outer\n")
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    import_late([f"{PACKAGE}.late", f"{PACKAGE}.inner", f"{PACKAGE}.absent"])
    yield importlib.import_module(f"{PACKAGE}.ran").names
    sys.meta_path[:] = finders
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def test_a_module_runs_once_something_of_it_is_used(package):
    late = importlib.import_module(f"{PACKAGE}.late")
    assert importlib.import_module(f"{PACKAGE}.late") is late
    assert importlib.import_module(f"{PACKAGE}.other").value == 7
    assert package == [f"{PACKAGE}.other"]
    assert late.value == 7 and late.value == 7
    assert package == [f"{PACKAGE}.other", f"{PACKAGE}.late"]
    with pytest.raises(AttributeError, match="no attribute 'none'"):
        _ = late.none


def test_a_module_of_a_package_finds_the_package_there(package):
    importlib.import_module(f"{PACKAGE}.inner")
    assert package == []
    leaf = importlib.import_module(f"{PACKAGE}.inner.leaf")
    assert leaf.outer == 7
    assert package == [f"{PACKAGE}.inner", f"{PACKAGE}.inner.leaf"]


def test_a_module_that_is_not_installed_is_missed_at_once(package):
    with pytest.raises(ImportError, match="absent"):
        importlib.import_module(f"{PACKAGE}.absent")


def test_threads_that_ask_at_once_get_the_whole_module(package):
    late = importlib.import_module(f"{PACKAGE}.late")
    found = []
    threads = [threading.Thread(target=lambda: found.append(late.value)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [7] * 4 and package == [f"{PACKAGE}.late"]
