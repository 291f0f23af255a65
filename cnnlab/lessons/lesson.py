"""What a lesson is: steps that open a page, say what to do there, and ask questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cnnlab.lessons.addresses import Address

NEEDS = ("camera", "training", "download")
"""What a lesson may use that is not there everywhere."""
WITHOUT = (*NEEDS, "time")
"""What may be missing, and a lesson says what to do then."""


@dataclass(frozen=True)
class Question:
    """A question and its answer, Markdown both."""

    text: str
    answer: str


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        title: in one line.
        minutes: planned for it.
        text: Markdown, what to do and what to look for; its questions are not in it.
        questions: asked at its end.
        address: the page that it opens, in its scene; None where it stays on the page that is open.
        bet: the name of the ready experiment that the class bets on.
        line: where it begins in its file, counted from 1.
        facts: the line of each of its facts, by the fact's name.
    """

    title: str
    minutes: int
    text: str
    questions: tuple[Question, ...] = ()
    address: Address | None = None
    bet: str | None = None
    line: int = 1
    facts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        name: as it stands in addresses and on the command line.
        title: in one line.
        minutes: planned for all of it.
        needs: of ``NEEDS``, what it uses.
        goals: what students can do afterwards.
        without: Markdown by what is missing, of ``WITHOUT``: what to do then.
        about: one paragraph of Markdown.
        steps: one at least.
        path: its file.
        is_own: whether it is a teacher's own, not one of the app's.
    """

    name: str
    title: str
    minutes: int
    needs: tuple[str, ...]
    goals: tuple[str, ...]
    without: Mapping[str, str]
    about: str
    steps: tuple[Step, ...]
    path: Path
    is_own: bool = False

    @property
    def questions(self) -> int:
        """How many questions it asks."""
        return sum(len(step.questions) for step in self.steps)

    def planned(self, step: int) -> int:
        """Return the minutes planned for the steps before ``step``, which counts from 1."""
        return sum(one.minutes for one in self.steps[: step - 1])
