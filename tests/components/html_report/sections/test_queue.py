import io

from rich.console import Console

from components.html_report.terminal import per_class_table


def size(share, threshold):
    return {"share": share, "threshold": threshold, "threshold_spread": [threshold] * 3, "records": 3}


def with_queue(run, name):
    plain = run.decision["rule"]
    queue = {"class_name": name, "size": size(0.02, 0.5), "others": [size(0.01, 0.8), size(0.04, 0.2)]}
    run.decided = {"rule": {**plain, "name": "capacity", "queue": queue}}
    return run


def test_the_page_shows_every_size_and_marks_the_one_asked_for(two, answered):
    run = with_queue(answered(two), "fraud")
    section = run.page.split('<section id="queue"')[1].split("</section>")[0]
    rows = [row for row in section.split("<tr>")[2:]]
    assert ["1.0" in rows[0], "2.0" in rows[1], "4.0" in rows[2]] == [True] * 3
    assert ["asked for</span>" in row for row in rows] == [False, True, False]
    scores = run.measured.queue.size
    assert f"{scores.precision.value:.3f} (" in rows[1] and f"<td>{scores.records}</td>" in rows[1]
    assert 'href="#queue"' in run.page


def test_a_rule_without_a_queue_has_no_such_section(two, answered):
    assert 'id="queue"' not in answered(two).page


def test_the_terminal_says_what_the_queue_is_worth(two, answered):
    run = with_queue(answered(two), "fraud")
    output = io.StringIO()
    Console(file=output, width=200).print(per_class_table(run.measured))
    scores = run.measured.queue.size
    said = " ".join(output.getvalue().split()).partition("Queue of fraud: ")[2]
    assert f"of test (2.0 % asked for), precision {scores.precision.value:.3f} (" in said
    assert said.endswith(f"lift {scores.lift.value:.1f}")
