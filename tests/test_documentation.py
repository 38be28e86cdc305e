"""What the documents name is there: paths, links, commands with their options, settings, and blocks that are written anew."""

import ast
import importlib.util
import re
import shlex
import shutil
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
import typer
import yaml

import counterpoise
from benchmarks.readme_block import replace_block
from pipeline.cli import app
from pipeline.config import Experiment, load_experiment

ROOT = Path(__file__).parents[1]
ROOMS = ("core/", "models/", "components/", "pipeline/", "counterpoise/", "tests/", "docs/", "benchmarks/")
PAGES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", *PAGES]
MOST_WORDS = 900
PYTHON = r"(?:\.venv/bin/)?python3? -m ([\w.]+)(.*)"


@cache
def text_of(document: str) -> str:
    return (ROOT / document).read_text()


def blocks_of(document: str) -> Iterator[tuple[str, str]]:
    """Yields the language of each fenced block, and its text."""
    fences = re.finditer(r"^( *)```(\w*)\n(.*?)^\1```$", text_of(document), re.M | re.S)
    for fence in fences:
        yield fence[2], re.sub(rf"^{fence[1]}", "", fence[3], flags=re.M)


@cache
def prose_of(document: str) -> str:
    """Returns a document without its fenced blocks."""
    return re.sub(r"^( *)```.*?^\1```$", "", text_of(document), flags=re.M | re.S)


def quotes_of(document: str) -> list[str]:
    """Returns what stands between backticks, a line break within it being a blank."""
    return [" ".join(quote.split()) for quote in re.findall(r"`([^`]+)`", prose_of(document))]


def commands_of(document: str) -> Iterator[str]:
    """Yields what a reader may type: the lines of blocks for a shell, and quotes."""
    for language, text in blocks_of(document):
        if language in ("", "sh"):
            yield from text.replace("\\\n", " ").splitlines()
    yield from quotes_of(document)


@cache
def anchors_of(document: str) -> set[str]:
    """Returns the anchors of a document's headings, as GitHub and MkDocs make them."""
    headings = re.findall(r"^#+ (.*)$", prose_of(document), re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower().replace(" ", "-")
        for heading in headings
    }


def test_the_readme_is_one_screen():
    assert len(text_of("README.md").split()) < MOST_WORDS


def test_the_readme_has_the_figures_of_the_page_of_benchmarks():
    figures = re.findall(r"\d\.\d{3} ± \d\.\d{3}", text_of("README.md"))
    assert len(figures) == 3 and all(figure in text_of("docs/benchmarks.md") for figure in figures)


def test_what_is_cited_is_the_version_that_is_installed():
    cited = yaml.safe_load(text_of("CITATION.cff"))
    assert cited["version"] == metadata.version("counterpoise") and cited["license"] == "Apache-2.0"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_exists(document):
    # `<name>` stands for what is to be added: the folder it goes to is there.
    paths = {
        path.split("<")[0]
        for path in quotes_of(document)
        if path.startswith(ROOMS) and not re.search(r"[ {(]", path)
    }
    assert {path for path in paths if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(document)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (ROOT / document).parent / path if path else ROOT / document
        if not place.exists() or (
            anchor and anchor not in anchors_of(str(place.resolve().relative_to(ROOT)))
        ):
            broken.append(target)
    assert broken == []


def test_every_page_can_be_reached_from_the_index_and_from_the_menu():
    linked = set(re.findall(r"\]\(([^)#\s]+\.md)\)", text_of("docs/index.md")))
    menu = yaml.safe_load(text_of("mkdocs.yml"))["nav"]
    listed = set(re.findall(r"[\w/]+\.md", str(menu)))
    assert {f"docs/{name}" for name in linked | {"index.md"}} == set(PAGES)
    assert {f"docs/{name}" for name in listed} == set(PAGES)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_of_counterpoise_is_there_with_its_options(document):
    commands = typer.main.get_command(app).commands
    for line in commands_of(document):
        words = line.partition("counterpoise ")
        if words[0] not in ("", ".venv/bin/") or not words[1]:
            continue
        name, *others = words[2].replace("[", " ").replace("]", " ").replace("…", " ").split()
        if name.isupper():
            continue
        assert name in commands, line
        options = {option for one in commands[name].params for option in (*one.opts, *one.secondary_opts)}
        given = {word.partition("=")[0] for word in others if re.match(r"--?[a-z]", word)}
        assert given <= options | {"--help"}, line


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_in_a_block_is_taken_as_it_stands(document):
    commands = typer.main.get_command(app).commands
    for language, text in blocks_of(document):
        for line in text.splitlines() if language in ("", "sh") else ():
            if re.match(r"(\.venv/bin/)?counterpoise ", line):
                _, name, *others = shlex.split(line)
                # Raises what the command line would end with, and runs nothing.
                commands[name].make_context(name, others)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_other_command_is_there(document):
    targets = set(re.findall(r"^([\w-]+):", text_of("Makefile"), re.M))
    for line in commands_of(document):
        if made := re.match(r"make ([a-z-]+)", line):
            assert made[1] in targets, line
        if run := re.fullmatch(PYTHON, line):
            found = importlib.util.find_spec(run[1])
            assert found is not None and found.origin is not None, line
            source = Path(found.origin).read_text()
            assert all(option in source for option in re.findall(r"--[a-z-]+", run[2])), line


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_experiment_in_a_block_is_accepted(document, tmp_path):
    for language, text in blocks_of(document):
        if language == "yaml":
            path = tmp_path / "experiment.yaml"
            path.write_text(text)
            load_experiment(str(path))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_python_names_is_there(document):
    blocks = [text for language, text in blocks_of(document) if language == "python"]
    for text in blocks:
        ast.parse(text)
    for text in [*blocks, *quotes_of(document)]:
        for name in re.findall(r"\bcounterpoise\.([a-zA-Z]+)", text):
            assert hasattr(counterpoise, name), name
        for name in re.findall(r"\brun\.([a-z_]+)", text):
            assert hasattr(counterpoise.Run, name) or name in ("folder", "metrics", "log"), name


def test_every_setting_of_the_table_is_one():
    schema = Experiment.model_json_schema()

    def is_key(key: str) -> bool:
        place: dict = schema
        for part in key.split("."):
            options = [place, *place.get("anyOf", ())]
            found = [
                schema["$defs"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in options
            ]
            inner = [one["properties"][part] for one in found if part in one.get("properties", ())]
            if not inner:
                return False
            [place] = inner[:1]
        return True

    rows = re.findall(r"^\| (`.*?) \|", text_of("docs/settings.md"), re.M)
    keys = []
    for row in rows:
        first, *others = re.findall(r"`([\w.]+)`", row)
        room = first.rpartition(".")[0]
        keys += [first, *(one if "." in one else f"{room}.{one}" for one in others)]
    assert len(keys) > 30 and [key for key in keys if not is_key(key)] == []


@pytest.mark.parametrize(
    ("document", "block"),
    [("README.md", "benchmarks.tables"), ("docs/benchmarks.md", "benchmarks.digits_baseline")],
)
def test_a_benchmark_finds_its_block_in_the_document_that_it_names(document, block, tmp_path):
    source = importlib.util.find_spec(block)
    assert source is not None and source.origin is not None
    assert f"--readme {document}]" in Path(source.origin).read_text()
    copy = Path(shutil.copy(ROOT / document, tmp_path))
    replace_block(copy, block, ["| one | line |"])
    assert f"<!-- {block} -->\n| one | line |\n<!-- /{block} -->" in copy.read_text()
