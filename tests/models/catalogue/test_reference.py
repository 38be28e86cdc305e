import runpy
import subprocess
import sys
from pathlib import Path

from models.catalogue.losses import LOSSES
from models.catalogue.reference import kinds, reference
from models.catalogue.row import row_of

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/reference/catalogue.md"


def line_of(name: str) -> str:
    [line] = [line for line in reference().splitlines() if line.startswith(f"| `{name}` |")]
    return line


def test_the_page_is_what_the_rows_say_now():
    assert PAGE.read_text() == reference(), (
        f"{PAGE} is out of date: python -m models.catalogue.reference {PAGE.relative_to(ROOT)}"
    )


def test_the_command_writes_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["reference", str(tmp_path / "new" / "page.md")])
    runpy.run_path(str(ROOT / "models/catalogue/reference.py"), run_name="__main__")
    assert (tmp_path / "new" / "page.md").read_text() == reference()


def test_the_catalogue_needs_neither_tensorflow_nor_numpy():
    code = "import sys, models.catalogue.reference; sys.exit(bool({'tensorflow', 'keras', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_line_says_settings_weights_prior_and_source():
    line = line_of("logit_adjusted")
    assert "`tau` = 1, ≥ 0, ≤ 4: logit_adjusted only:" in line
    assert "| `none` | n^(1 − tau) w | yes |" in line
    assert "[Long-tail learning via logit adjustment](https://arxiv.org/abs/2007.07314), 2021" in line


def test_an_exclusion_stands_in_the_lines_of_both():
    assert "`model.tabular.encoder` ensemble_mlp" in line_of("tau_norm")
    assert "`training.second_stage` tau_norm, lws" in line_of("ensemble_mlp")
    assert "`model.branches` bilateral" in line_of("mixup")
    assert "`augmentation.image` mixup, cutmix, remix" in line_of("bilateral")
    assert "`loss.contrastive`" in line_of("experts") and "`loss.contrastive`" not in line_of("single")


def test_every_row_has_its_line():
    for kind in kinds():
        for row in kind.rows:
            assert f"| `{row.name}` |" in reference()
    assert row_of(LOSSES, "focal") in kinds()[0].rows


def test_the_places_that_a_table_names_are_there():
    for kind in kinds():
        assert (ROOT / kind.table).is_file(), kind
        assert (ROOT / kind.files).is_dir(), kind
