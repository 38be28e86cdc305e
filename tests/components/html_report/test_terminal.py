import io

from rich.console import Console

from components.html_report.terminal import per_class_table


def printed(run, width: int = 110) -> str:
    output = io.StringIO()
    Console(file=output, width=width, force_terminal=True, color_system=None).print(
        per_class_table(run.measured)
    )
    return output.getvalue()


def test_rows_come_rarest_first_with_their_numbers(six):
    lines = printed(six).splitlines()
    rows = [line for line in lines if any(f" {name} " in line for name in six.metrics["per_class"])]
    assert rows[0].split()[1] == "trash" and rows[-1].split()[1] == "paper"
    scores = six.metrics["per_class"]["trash"]
    bounds = "–".join(f"{bound:.3f}" for bound in scores["recall_interval"])
    for written in (f"{scores['precision']:.3f}", f"{scores['recall']:.3f} ({bounds})", "lowest recall"):
        assert written in rows[0]


def test_the_summary_line_gives_verdict_and_headlines(two):
    two.evaluation["blessed"] = False
    score = two.metrics["per_class"]["fraud"]["average_precision"]
    text = " ".join(printed(two).split())
    assert f"Not blessed · Average precision of fraud {score:.3f} · Macro-F1" in text


def test_names_are_neither_markup_nor_terminal_commands(run_of):
    run = run_of(
        ["[bold]x[/bold]", "[/]", "red\x1b[31m", "back\\"], [50, 40, 30, 20], name="[red]run\x1b]0;t\x07"
    )
    output = printed(run)
    for name in ("[bold]x[/bold]", "[/]", "back\\", "[red]run"):
        assert name in output
    assert "red\N{REPLACEMENT CHARACTER}[31m" in output
    assert "\x1b[31m" not in output and "\x1b]" not in output


def test_missing_scores_are_dashes(six):
    six.evaluation["per_class"]["trash"] = {key: None for key in six.evaluation["per_class"]["trash"]} | {
        "support": 0
    }
    row = next(line for line in printed(six).splitlines() if " trash " in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == ["trash", "0", "–", "– (–)", "–", "–"]
