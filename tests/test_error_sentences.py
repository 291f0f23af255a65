"""How errors are worded, wherever they are raised: a sentence begins with words or with what people named."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnlab import runs
from cnnlab.errors import CnnLabError, RunError
from cnnlab.runs import learning_rate
from cnnlab.settings import RunConfig

PACKAGE = Path(__file__).parent.parent / "cnnlab"
IDS = re.compile(
    r"\b(run|parent|child|self|job)\.id$|\brun_id$|\barchitecture\.name$|\bmodel\.name$"
    r"|\bconfig\.(architecture|dataset)$|\brun\.folder\.name$"
)
"""Expressions whose value is an id or a name of the registry, not what people call the thing."""


def beginnings(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and expression of each error whose sentence begins with a value."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=func, args=[ast.JoinedStr(values=[ast.FormattedValue(value=value), *_]), *_]):
                if re.search(r"(Error|\.error|\.warning|_refusal)$", ast.unparse(func)):
                    yield node.lineno, ast.unparse(value)


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_error_begins_with_an_id(path: Path):
    found = [
        f"{path}:{line} {what}" for line, what in beginnings(path.read_text("utf-8")) if IDS.search(what)
    ]
    assert not found, "\n".join(found)


def test_an_error_that_begins_with_an_id_is_found():
    source = 'raise RunError(f"{run.id} cannot be written.")\nraise DatasetError(f"{title} holds no images.")'
    assert list(beginnings(source)) == [(1, "run.id"), (2, "title")]
    assert IDS.search("run.id") and not IDS.search("title") and not IDS.search("folder.title")


def test_sentences_about_a_run_begin_with_words(monkeypatch: pytest.MonkeyPatch):
    run = runs.create(RunConfig("lenet5", "digits"))
    said = []

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cnnlab.runs.learning_rate.replacing", refuse)
    monkeypatch.setattr("cnnlab.runs.snapshots.replacing", refuse)
    for attempt in (
        lambda: learning_rate.ask(run, 0.1),
        lambda: run.model_facts,
        lambda: run.resume(),
        lambda: runs.delete(run),
        lambda: runs.fork(run, run.config),
    ):
        with pytest.raises(CnnLabError) as error:
            attempt()
        said.append(str(error.value))
    (run.folder / "config.json").write_text("{")
    with pytest.raises(RunError) as error:
        _ = run.config
    for sentence in [*said, str(error.value)]:
        assert not sentence.startswith(run.id) and sentence[0].isupper() and sentence.endswith("."), sentence
