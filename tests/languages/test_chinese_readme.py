"""The Chinese README says no less than the English one: the same code, commands, datasets, papers."""

import re

import pytest

from tests.conftest import REPOSITORY

DOCS = REPOSITORY / "docs"
ENGLISH = (REPOSITORY / "README.md").read_text("utf-8")
CHINESE = (DOCS / "README.zh.md").read_text("utf-8")
ALIKE = {
    "code": r"```python\n.*?```",
    "commands": r"^    (?:python|streamlit|pytest|bash|CNNLAB_\w+=)\S* [^#\n]*?(?= *(?:#|\n))",
    "folders": r"^    ( *[\w.]+/?)  +\S",
    "datasets": r"^\| (`\w+` \| [\d,]+) ",
    "dependencies": r"^\| (?!dependency)([a-z][\w, -]*) \| [^|]+ \|$",
    "papers": r"https://[^)\s]+",
}


@pytest.mark.parametrize("what", ALIKE)
def test_what_has_no_language_is_in_both(what: str) -> None:
    find = re.compile(ALIKE[what], re.MULTILINE | re.DOTALL)
    english, chinese = find.findall(ENGLISH), find.findall(CHINESE)
    assert len(english) > 2
    assert not [one for one in english if english.count(one) > chinese.count(one)]


def test_each_page_and_each_section_is_told() -> None:
    for line in (r"^## ", r"^\| \*\*[^|]+\*\* \| \S\S"):
        assert len(re.findall(line, CHINESE, re.MULTILINE)) == len(re.findall(line, ENGLISH, re.MULTILINE))


def test_each_file_that_it_points_to_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", CHINESE) if not link.startswith("https:")]
    assert len(links) > 10
    assert not [link for link in links if not (DOCS / link).exists()]


def test_either_leads_to_the_other() -> None:
    assert "(docs/README.zh.md)" in ENGLISH
    assert "(../README.md)" in CHINESE
