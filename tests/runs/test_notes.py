"""What people note on a run later; its settings are never rewritten."""

from cnnlab import runs
from cnnlab.settings import RunConfig

CONFIG = RunConfig("lenet5", "digits", epochs=3)


def test_a_name_given_later_is_the_title_and_an_empty_one_gives_the_first_back():
    run = runs.create(CONFIG)
    first = run.title
    settings = (run.folder / "config.json").read_bytes()
    run.rename("  The one\nfor   the exam  ")
    assert runs.get(run.id).title == "The one for the exam"
    run.rename("x" * 500)
    assert len(run.title) == 80
    run.rename("")
    assert run.title == first
    assert (run.folder / "config.json").read_bytes() == settings


def test_a_star_stays_when_the_run_is_renamed_and_can_be_taken_back():
    run = runs.create(CONFIG)
    assert not run.starred
    run.star(True)
    run.rename("mine")
    assert run.starred
    run.star(False)
    assert (run.starred, run.title) == (False, "mine")


def test_a_text_is_noted_beside_name_and_star_and_is_never_endless():
    run = runs.create(CONFIG)
    run.star(True)
    run.note("  first line\nsecond  ")
    assert (run.notes, run.starred) == ("first line\nsecond", True)
    [seen] = runs.overview(0)
    assert seen.notes == run.notes
    run.note("x" * 5000)
    assert len(run.notes) == 2000
    run.note("")
    assert (run.notes, run.starred) == ("", True)


def test_damaged_notes_read_as_none():
    run = runs.create(CONFIG)
    first = run.title
    for damage in ("{", "[]", '{"name": 3, "text": ["x"]}', "null"):
        (run.folder / "notes.json").write_text(damage)
        assert (run.title, run.starred, run.notes) == (first, False, "")
