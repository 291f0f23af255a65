"""Links, scenes and minutes of all ready lessons are right, and faults are found in any lesson."""

import re
from pathlib import Path

import pytest

from cnnlab import architectures, lessons
from cnnlab.lessons import addresses, reading
from cnnlab.lessons.addresses import Address
from tests.lessons.made_up import LESSON

ROOT = Path(__file__).resolve().parents[2]
READY = [lesson for lesson in lessons.all_lessons().lessons if not lesson.is_own]


def faults(text: str, layers: bool = False) -> str:
    return "\n".join(lessons.check(reading.parse(text.encode(), Path("x.md")), layers))


def test_every_ready_lesson_is_read():
    files = list((ROOT / "cnnlab" / "lessons" / "ready").glob("*.md"))
    assert len(READY) == len(files) and not lessons.all_lessons().faults


@pytest.mark.parametrize("lesson", READY, ids=lambda lesson: lesson.name)
def test_links_scenes_and_minutes_of_a_ready_lesson_are_right(lesson: lessons.Lesson):
    assert lessons.check(lesson, layers=True) == []
    assert lesson.about and all(step.text for step in lesson.steps)
    assert "time" in lesson.without


BROKEN = {
    "concept=image&": "concept=nothing&",
    "image=digits-3": "image=nothing-3",
    "across=8": "across=2",
    "kernel=laplacian": "kernels=laplacian",
    "play=4": "play=a",
    "[convolution](concepts?concept=convolution)": "[x](concepts?concept=deconvolution)",
    "bet: dropout": "bet: nothing",
    "page: concepts?concept=convolution&kernel=laplacian&play=4": "page: train?epochs=4",
    "page: concepts?concept=image&image=digits-3&across=8": "page: architecture?arch=lenet6",
    "bet: dropout\n": "bet: dropout\npage: experiments?experiment=depth\n",
    "minutes = 10": "minutes = 11",
    "> **Question.** In": "> **No.** In",
    'training = "Look at a run that is there."': "",
}


@pytest.mark.parametrize("before", BROKEN)
def test_a_fault_is_found(before: str):
    assert before in LESSON and not faults(LESSON)
    said = faults(LESSON.replace(before, BROKEN[before], 1))
    assert re.search(r"^x\.md, line \d+: .+\.$", said, re.MULTILINE)


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("architecture?arch=lenet5&layer=conv9", "conv9"),
        ("architecture?arch=lenet5&input=4x4x1", "small"),
        ("architecture?arch=lenet5&edit=nothing.filters.3", "nothing"),
    ],
)
def test_a_layer_that_is_not_there_is_found(address: str, word: str):
    text = LESSON.replace("concepts?concept=image&image=digits-3&across=8", address)
    assert not faults(text) or "nothing" in word
    assert word in faults(text, layers=True)


def test_a_second_bet_is_found():
    assert "one bet" in faults(LESSON.replace("## Talk about it\n\n", "## Talk about it\n\nbet: depth\n"))


def test_an_address_is_written_as_it_was_read():
    for text in (
        "concepts?concept=convolution&hide=notes,player",
        "architecture?arch=lenet5&edit=a.b.3~c.d.4",
        "train",
    ):
        assert str(addresses.parse(text)) == text


def test_all_pages_of_the_app_and_what_they_read_are_known():
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert pages <= set(addresses.ARGUMENTS)


def test_scenes_are_read_from_the_scripts_as_the_page_knows_them():
    from cnnlab.ui.concepts.catalogue import CONCEPTS
    from cnnlab.ui.concepts.patterns import PATTERNS

    assert set(addresses.scenes()) == {concept.name for concept in CONCEPTS}
    assert set(addresses.PATTERNS) == set(PATTERNS)
    for name, known in addresses.scenes().items():
        script = (ROOT / "cnnlab" / "ui" / "frontend" / "concepts" / f"{name}.js").read_text("utf-8")
        used = set(re.findall(r"\bstate\.([a-z]\w*)\b", script)) - {"js"}
        assert used <= set(known) or not known, name  # the quiz has no state of its own


def test_concepts_prepared_from_layers_are_right():
    """What the app itself writes into its addresses is no fault."""
    from cnnlab import inspection
    from cnnlab.service import questions
    from cnnlab.service.subject import Network
    from cnnlab.ui.concepts.catalogue import of_layer

    del inspection
    for name in ("lenet5", "alexnet_2012", "inception10"):
        reference = architectures.get(name).reference
        found = questions.inspect(Network(name, reference.input_shape, reference.num_classes))
        before = None
        for row in found.rows:
            chosen = found.settings.get(row.name, {})
            for concept in of_layer(row, chosen):
                query = {"concept": concept.name, **concept.prepared(row, before, chosen)}
                assert not list(addresses.faults(Address("concepts", query))), query
            before = row
