"""Tables and the progress bar."""

import io

from cnnlab.cli.output import ProgressBar, table


def test_a_table_puts_numbers_on_the_right() -> None:
    rows = [("a", 1_000, "7.5 %"), ("bcd", None, "12.5 %")]
    assert table(("name", "n", "share"), rows) == (
        "name      n   share\n"
        "a     1,000   7.5 %\n"
        "bcd       –  12.5 %"
    )  # fmt: skip
    assert table(("name", "n"), []) == "name  n"


def test_the_progress_bar_writes_little_into_a_file_and_redraws_on_a_terminal() -> None:
    file, terminal = io.StringIO(), io.StringIO()
    terminal.isatty = lambda: True
    for stream in (file, terminal):
        with ProgressBar(stream) as bar:
            for i in range(1001):
                bar(i / 1000, "reading")
    assert len(file.getvalue().splitlines()) == 11
    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().endswith(f"[{'#' * 24}] 100% reading\n")
