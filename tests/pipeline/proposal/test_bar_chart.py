"""The class distribution on the terminal."""

from rich.console import Console

from pipeline.proposal.bar_chart import bar_chart


def lines_of(counts, **options):
    console = Console(width=80, **options)
    with console.capture() as capture:
        console.print(bar_chart(counts))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_bars_are_in_proportion_and_the_rarest_comes_last():
    _, most, half, least = lines_of({"half": 50, "least": 1, "most": 100})
    assert most.split() == ["most", "100", "66.2", "%", "█" * 24]
    assert half.split() == ["half", "50", "33.1", "%", "█" * 12]
    # 24 characters of 8 eighths for 100 records: 1.92 eighths for one.
    assert least.split() == ["least", "1", "0.7", "%", "▎"]


def test_rarest_class_has_a_bar_however_rare():
    assert lines_of({"a": 10**7, "b": 1})[-1].split() == ["b", "1", "<", "0.001", "%", "▏"]


def test_of_many_classes_the_commonest_and_the_rarest_are_shown():
    lines = lines_of({f"class{size}": size for size in range(1, 46)})[1:]
    assert len(lines) == 21 and lines[10] == "… and 25 more"
    assert [line.split()[0] for line in lines[:10]] == [f"class{size}" for size in range(45, 35, -1)]
    assert [line.split()[0] for line in lines[11:]] == [f"class{size}" for size in range(10, 0, -1)]


def test_twenty_classes_are_shown_without_gap():
    lines = lines_of({str(size): size for size in range(1, 21)})[1:]
    assert len(lines) == 20 and not any("more" in line for line in lines)


def test_markup_is_shown_and_control_characters_are_not():
    text = "\n".join(
        lines_of({"[bold]x[/]": 3, "<b>": 3, "\x1b[2J\nz": 1, "名" * 50: 1}, force_terminal=True)
    )
    assert "[bold]x[/]" in text and "<b>" in text and "\ufffd[2J\ufffdz" in text
    assert "\x1b[2J" not in text


def test_long_names_leave_room_for_the_figures():
    for name in ("A" * 5000, "名" * 5000):
        line = lines_of({name: 12_345_678, "b": 1})[1]
        assert "12,345,678" in line and "…" in line and line.endswith("█" * 24)
