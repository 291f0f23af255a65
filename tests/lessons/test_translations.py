"""A lesson in two languages is one lesson: the same name, steps, pages, minutes, numbers and code."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnlab import languages, lessons
from cnnlab.languages import catalogues
from cnnlab.lessons import Lesson, reading, shelf, translations
from tests.languages.english import english_left
from tests.lessons.made_up import LESSON, written

ENGLISH = [lesson for lesson in lessons.all_lessons("en").lessons if not lesson.is_own]
CHINESE = {lesson.name: lesson for lesson in lessons.all_lessons("zh").lessons}
every_lesson = pytest.mark.parametrize("english", ENGLISH, ids=lambda lesson: lesson.name)

TITLES = {"A short lesson": "一堂短课", "**Question.** ": "**问题**：", "**Answer.** ": "**答案**："}
"""What makes another language of the lesson that tests work with."""


def translated(text: str = LESSON) -> str:
    for english, chinese in TITLES.items():
        text = text.replace(english, chinese)
    return text


@pytest.fixture
def speaking_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_asked", lambda: "zh")


@every_lesson
def test_a_ready_lesson_is_whole_in_chinese(english: Lesson):
    chinese = CHINESE[english.name]
    assert chinese.path.parent.name == "zh" and chinese.path.name == english.path.name
    assert not list(translations.differences(english, chinese))
    assert chinese.without.keys() == english.without.keys() and len(chinese.goals) == len(english.goals)
    assert lessons.check(chinese) == []
    for said in (chinese.title, *chinese.goals, *chinese.without.values(), chinese.about):
        assert re.search("[一-鿿]", said), said
    for step in chinese.steps:
        assert re.search("[一-鿿]", step.title) and re.search("[一-鿿]", step.text)


TERMS = ("He", "leaky", "output", "same", "top-", "Top-", "valid")
"""Words of code and of the field that stand in the Chinese lessons as they are; He is a name."""


@every_lesson
def test_no_english_is_left_in_a_chinese_lesson(english: Lesson):
    assert not english_left(texts(CHINESE[english.name]), TERMS)


MANY = {"million": 1e6, "billion": 1e9, "万": 1e4, "亿": 1e8}
CODE = re.compile(r"`[^`]*`|\$[^$]+\$|\]\([^)]*\)|\b(?:[a-z]+\d(?:_\d)?|[A-Z]\w*-?\d+)\b")
"""What is written the same in each language: code, formulas, links, layers, networks with a number."""
NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)(?: ?(million|billion|万|亿))?")


def texts(lesson: Lesson) -> Iterator[str]:
    """Yield what a lesson says, in its order."""
    yield from (lesson.title, *lesson.goals, *lesson.without.values(), lesson.about)
    for step in lesson.steps:
        yield " ".join((step.title, step.text))
        yield from (part for question in step.questions for part in (question.text, question.answer))


def numbers(text: str) -> Counter[float]:
    return Counter(
        round(float(digits.rstrip(",").replace(",", "")) * MANY.get(unit, 1), 6)
        for digits, unit in NUMBER.findall(text)
    )


@every_lesson
def test_numbers_and_code_are_the_same_in_both_languages(english: Lesson):
    for one, other in zip(texts(english), texts(CHINESE[english.name]), strict=True):
        assert numbers(one) == numbers(other), f"{one}\n{other}"
        assert Counter(CODE.findall(one)) == Counter(CODE.findall(other)), f"{one}\n{other}"


def test_numbers_are_read_in_both_languages():
    assert (
        numbers("15.5 billion, 1,797 of 12 million") == numbers("155 亿，1,797，1200 万") != numbers("15.5")
    )


@pytest.fixture(scope="module")
def labels() -> dict[str, set[str]]:
    """The words of buttons and headings with their translations, as far as the catalogues have them."""
    found: dict[str, set[str]] = {}
    for message in catalogues.messages("zh"):
        text = message.id if isinstance(message.id, str) else message.id[0]
        found.setdefault(_bare(text), set()).add(_bare(catalogues.strings(message)[0]))
    return found


def _bare(text: str) -> str:
    """Return a label without its icon and mark-up."""
    return re.sub(r":material/\w+:|[*`]", "", text).strip().rstrip("?？:：")


@every_lesson
def test_buttons_are_called_as_the_pages_call_them(english: Lesson, labels: dict[str, set[str]]):
    missing = []
    for one, other in zip(english.steps, CHINESE[english.name].steps, strict=True):
        said = _bare(other.text)
        for label in re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", one.text):
            names = labels.get(_bare(label))
            if names and not any(f"“{name}" in said for name in names):
                missing.append(f"{other.title}: {label} is {' or '.join(sorted(names))}")
    assert not missing


def test_a_lesson_of_ones_own_has_a_translation_beside_it(speaking_chinese: None):
    own = lessons.own_folder()
    written(own, name="mine.md")
    written(own, name="other.md")
    written(own, translated(), name="mine.zh.md")
    shown = {one.name: one for one in lessons.all_lessons().lessons if one.is_own}
    assert shown.keys() == {"mine", "other"}
    assert (shown["mine"].title, shown["other"].title) == ("一堂短课", "A short lesson")
    assert shown["mine"].steps[0].questions[0].answer == "64: 8 × 8."
    assert lessons.get("mine", "en").title == "A short lesson"
    assert not lessons.all_lessons().faults


def test_languages_do_not_mix_from_one_look_to_the_next(monkeypatch: pytest.MonkeyPatch):
    name = ENGLISH[0].name
    for language in ("en", "zh", "en", "zh"):
        monkeypatch.setattr(languages, "_asked", lambda language=language: language)
        expected = ENGLISH[0].title if language == "en" else CHINESE[name].title
        assert lessons.get(name).title == expected
        assert [one.name for one in lessons.all_lessons().lessons] == [one.name for one in ENGLISH]


OTHERS = {
    "no lesson": ("+++", "---"),
    "another page": ("concept=image&image=digits-3&across=8\n", "concept=image\n"),
    "other minutes of a step": ("minutes: 1\n", "minutes: 2\n"),
    "other minutes": ("minutes = 10", "minutes = 11"),
    "other needs": ('needs = ["training"]', "needs = []"),
    "another bet": ("bet: dropout", "bet: depth"),
    "a step less": ("## Talk about it\n\nminutes: 1\n", ""),
    "a question less": ("> **问题**：In which direction?\n>\n> **答案**：In all.\n", ""),
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_translation_that_is_another_lesson_is_told_and_not_shown(case: str, speaking_chinese: None):
    before, after = OTHERS[case]
    assert before in translated()
    own = lessons.own_folder()
    written(own, name="mine.md")
    path = written(own, translated().replace(before, after, 1), name="mine.zh.md")
    assert lessons.get("mine").title == "A short lesson"
    [fault] = lessons.all_lessons().faults
    assert fault.startswith("mine.zh.md, line ") and fault.endswith(".")
    assert not lessons.all_lessons("en").faults
    if case != "no lesson":
        assert any("mine.md" in said for said in lessons.check(lessons.read(path, is_own=True)))


def test_a_translation_out_of_the_folder_is_not_read(speaking_chinese: None, home: Path):
    own = lessons.own_folder()
    written(own, name="mine.md")
    written(home, translated(), name="outside.md")
    (own / "mine.zh.md").symlink_to(home / "outside.md")
    assert lessons.get("mine").title == "A short lesson"
    assert "mine.zh.md" in lessons.all_lessons().faults[0]


@pytest.mark.parametrize("mark", ["**问题**：", "**问题：**", "**问题。** ", "**Question.** "])
def test_questions_of_a_chinese_lesson_are_found(mark: str):
    text = LESSON.replace("**Question.** ", mark).replace("**Answer.** ", mark.replace("问题", "答案"))
    if "Question" in mark:
        text = LESSON
    found = reading.parse(text.encode(), Path("x.zh.md"))
    assert found.name == "x" and found.questions == 3
    assert found.steps[0].questions[0].text == "How many numbers has an image of 8 × 8 gray pixels?"


def test_a_name_too_long_for_a_translation_is_a_lesson_all_the_same(speaking_chinese: None):
    written(lessons.own_folder(), name=f"{'a' * 252}.md")
    [own] = [one for one in lessons.all_lessons().lessons if one.is_own]
    assert own.title == "A short lesson" and isinstance(shelf.translated(own, "zh"), Lesson)
