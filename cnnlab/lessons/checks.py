"""Whether a lesson holds what it promises: links and scenes that are there, minutes that add up.

A translation is the same lesson as its original beside it.
"""

from collections.abc import Iterator
from pathlib import Path

from cnnlab import architectures, experiments
from cnnlab.architectures.own.edit import Edit
from cnnlab.errors import CnnLabError
from cnnlab.lessons import addresses, reading, translations
from cnnlab.lessons.addresses import Address
from cnnlab.lessons.lesson import Lesson, Step

LEAST_QUESTIONS, MOST_BETS = 3, 1


def check(lesson: Lesson, layers: bool = False) -> list[str]:
    """Return a sentence for each fault, with file and line; none of a lesson that is right.

    Args:
        lesson: the lesson.
        layers: whether networks are built, without weights, to see whether they have the layers that the
            lesson names; it takes TensorFlow.
    """
    return [f"{lesson.path.name}, line {line}: {fault}" for line, fault in _faults(lesson, layers)]


def _faults(lesson: Lesson, layers: bool) -> Iterator[tuple[int, str]]:
    planned = sum(step.minutes for step in lesson.steps)
    if planned != lesson.minutes:
        yield 1, f"The steps take {planned} minutes together, and the lesson says {lesson.minutes}."
    if lesson.questions < LEAST_QUESTIONS:
        yield 1, f"It asks {lesson.questions} questions; a lesson asks {LEAST_QUESTIONS} at least."
    bets = [step for step in lesson.steps if step.bet]
    for step in bets[MOST_BETS:]:
        yield step.facts["bet"], "A lesson has one bet; leave this one out."
    for need in lesson.needs:
        if need not in lesson.without:
            yield 1, f"It needs {need}, and does not say below [without] what to do where that is missing."
    for step in lesson.steps:
        yield from _faults_of(step, layers)
    if original := translations.original_of(lesson.path):
        yield from _differences(original, lesson)


def _differences(original: Path, translation: Lesson) -> Iterator[tuple[int, str]]:
    try:
        yield from translations.differences(reading.read(original), translation)
    except CnnLabError as error:
        yield 1, f"Its original cannot be read: {error}"


def _faults_of(step: Step, layers: bool) -> Iterator[tuple[int, str]]:
    if step.bet:
        yield from ((step.facts["bet"], fault) for fault in _no_bet(step))
    line = step.facts.get("page", step.line)
    texts = (step.text, *(part for question in step.questions for part in (question.text, question.answer)))
    asked = [step.address] if step.address else []
    for address in (*asked, *(address for text in texts for address in reading.linked(text))):
        yield from ((line, fault) for fault in addresses.faults(address))
        if layers and address.page == "architecture" and "arch" in address.query:
            yield from ((line, fault) for fault in _unbuilt(address))


def _no_bet(step: Step) -> Iterator[str]:
    try:
        experiments.get(step.bet or "")
    except CnnLabError as error:
        yield str(error)
    address = step.address
    if address and (address.page != "experiments" or address.query.get("experiment", step.bet) != step.bet):
        yield f"A bet on {step.bet} is placed on its own page: experiments?experiment={step.bet}."


def _unbuilt(address: Address) -> Iterator[str]:
    """Yield a sentence where a network does not fit its input, or has no such layer."""
    from cnnlab import inspection  # here, for it loads Keras when it is used

    query = address.query
    try:
        facts = architectures.get(query["arch"])
        usual = "x".join(map(str, facts.reference.input_shape))
        height, width, channels = map(int, query.get("input", usual).split("x"))
        classes = int(query.get("classes", facts.reference.num_classes))
        options = {
            name: type(default)(query[name]) for name, default in facts.options.items() if name in query
        }
        model = inspection.shape_only_model(facts.name, (height, width, channels), classes, **options)
        if edits := [Edit.parsed(text) for text in query.get("edit", "").split("~") if text]:
            model = inspection.edited(model, edits)
        names = [row.name for row in inspection.layer_table(model)]
    except CnnLabError as error:
        yield str(error)
        return
    except ValueError:  # what ``faults`` has said already
        return
    if (layer := query.get("layer")) and layer not in names:
        yield f"{facts.title} has no layer {layer[:40]!r}; it has {', '.join(names[:12])} …"
