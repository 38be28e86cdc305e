"""The hooks before a commit check what `make lint` checks, with the same programs."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_hooks_run_the_commands_of_make_lint_from_the_projects_own_environment():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    [recipe] = re.findall(r"^lint: setup\n\t(.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    # `make lint` names the folder, and checks what the hook of the formatter would write.
    linted = [re.sub(r" --check| \.$", "", command) for command in recipe.split(" && ")]
    assert [hook["entry"].removesuffix(" --force-exclude") for hook in hooks] == linted
