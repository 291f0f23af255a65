"""Nothing is missing in a language, no place differs, and what was said in English is found again."""

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Message

from cnnlab import languages
from cnnlab.languages import ENGLISH, LANGUAGES, _, _n, _p, catalogues, extraction, recognised, sentences
from cnnlab.languages.extraction import Found

OTHERS = [language for language in LANGUAGES if language != ENGLISH]
PLACE = re.compile(r"\{\w*(?::[^}]*)?\}")
KEPT = re.compile(r"`[^`]+`|:material/\w+:|\$[^$]+\$")
"""Code, icons and formulas are the same in each language."""
Key = tuple[str | None, tuple[str, ...]]


@pytest.fixture(params=OTHERS)
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(languages, "_asked", lambda: request.param)
    return request.param


@cache
def texts() -> tuple[Found, ...]:
    return tuple(found for found in extraction.everything() if found.text)


def translated(language: str) -> Iterator[tuple[str, Message]]:
    for path in catalogues.files(language):
        known = (one for one in catalogues.read(path) if one.id and all(catalogues.strings(one)))
        yield from ((path.stem, message) for message in known)


def key_of(message: Message) -> Key:
    return message.context, (message.id,) if isinstance(message.id, str) else tuple(message.id)


def test_every_text_of_the_code_is_translated_and_no_other(language: str):
    asked: dict[str, set[Key]] = defaultdict(set)
    for found in texts():
        asked[extraction.catalogue_of(found.path)].add((found.context, found.text))
    there: dict[str, set[Key]] = defaultdict(set)
    for name, message in translated(language):
        there[name].add(key_of(message))
    missing = [f"{name}: {key[1][0]!r}" for name in asked for key in asked[name] - there[name]]
    gone = [f"{name}: {key[1][0]!r}" for name in there for key in there[name] - asked[name]]
    assert not missing, f"{len(missing)} without a translation, such as {sorted(missing)[:5]}"
    assert not gone, f"{len(gone)} that the code no longer says, such as {sorted(gone)[:5]}"


def test_a_translation_has_the_places_the_code_and_the_icons_of_its_text(language: str):
    wrong = []
    for name, message in translated(language):
        first = key_of(message)[1][-1]
        for pattern in (PLACE, KEPT):
            wanted = sorted(pattern.findall(first))
            if any(sorted(pattern.findall(text)) != wanted for text in catalogues.strings(message)):
                wrong.append(f"{name}: {first[:80]!r} -> {catalogues.strings(message)}")
    assert not wrong, "\n".join(wrong)


def test_a_text_has_one_translation_wherever_it_stands(language: str):
    found: dict[Key, set[tuple[str, ...]]] = defaultdict(set)
    for _name, message in translated(language):
        found[key_of(message)].add(catalogues.strings(message))
    several = {key[1][0]: said for key, said in found.items() if len(said) > 1}
    assert not several


def test_a_sentence_is_found_again_with_all_that_it_quotes(language: str):
    lost = []
    for _name, message in translated(language):
        if catalogues.SENTENCE not in message.flags or not isinstance(message.id, str):
            continue
        values = {place[1:-1]: f"x{number}" for number, place in enumerate(PLACE.findall(message.id))}
        said, wanted = message.id.format(**values), catalogues.strings(message)[0].format(**values)
        if sum(map(len, PLACE.split(message.id))) > 12 and recognised(said) != wanted:
            lost.append(f"{said!r}: {recognised(said)!r}")
    assert not lost, "\n".join(lost)


def test_a_template_gives_what_stands_at_its_places_and_refuses_other_words():
    template = sentences.Template.of("No {kind} is named {name}; take {a} or {b}.", "")
    assert template.values("No run is named a b; take c or d.") == {
        "kind": "run",
        "name": "a b",
        "a": "c",
        "b": "d",
    }
    assert template.values("No run is named a b; take c.") is None
    assert template.values("A run is named a; take c or d.") is None
    assert template.values("No") is None


def test_what_a_sentence_quotes_is_translated_where_it_is_a_sentence_and_left_where_it_is_a_name(
    monkeypatch: pytest.MonkeyPatch,
):
    known = {"Home": "首页", "The file is empty.": "文件为空。"}
    monkeypatch.setattr(
        catalogues, "translated", lambda _language, text, _context=None: known.get(text, text)
    )
    template = sentences.Template.of("{name} was not read: {reason}", "未能读取 {name}：{reason}")
    monkeypatch.setattr(sentences, "_templates", lambda _language: (template,))
    sentences.recognised.cache_clear()
    try:
        said = sentences.recognised("zh", "Home was not read: The file is empty.")
    finally:
        sentences.recognised.cache_clear()
    assert said == "未能读取 Home：文件为空。"


def test_who_is_not_asked_speaks_english(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(languages, "_asked", None)
    assert languages.current() == ENGLISH
    assert _("{n} of {m}", n=1, m=2) == "1 of 2"
    assert _("braces {stay}") == "braces {stay}"
    assert [_n("{n} image", "{n} images", n) for n in (1, 2, 1234)] == ["1 image", "2 images", "1,234 images"]
    assert _p("of a dataset", "Test") == "Test"
    assert recognised("The run has ended.") == "The run has ended."


def test_a_thread_of_the_server_speaks_english_while_a_page_speaks_another_language():
    from cnnlab.ui import language

    said: list[str] = []
    monitor = threading.Thread(target=lambda: said.append(language.of_session()))
    monitor.start()
    monitor.join()
    assert said == [ENGLISH]


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ('_("A b {n}", n=1)', [(("A b {n}",), False)]),
        ('_n("{n} run", "{n} runs", 2)', [(("{n} run", "{n} runs"), False)]),
        ('_p("noun", "Test")', [(("Test",), False)]),
        ("_(setting.label)", []),
        (
            'RunError(f"No run {run.id} of {len(runs)}; start {name}.")',
            [(("No run {id} of {runs}; start {name}.",), True)],
        ),
        ('RunError("One." if x else f"Two {a}.")', [(("One.",), True), (("Two {a}.",), True)]),
        ('ValueError(f"No {x} here")', []),
        ('texts({"a": "Alpha one", "b": "Beta"})', [(("Alpha one",), True), (("Beta",), True)]),
    ],
)
def test_texts_are_found_in_code(code: str, wanted: list, tmp_path):
    file = tmp_path / "module.py"
    file.write_text(code)
    found = [(one.text, one.is_sentence) for one in extraction.of_module(file, "x.py") if one.text]
    assert found == wanted
