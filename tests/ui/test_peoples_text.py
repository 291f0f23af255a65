"""Text of people reaches Streamlit's Markdown through ``plain`` alone, and tables through ``table`` alone.

The names of runs, classes, datasets, files and networks are chosen by people, and sentences of errors quote
them. Each call that draws Markdown is looked at: whatever it is given that bears one of these names must be
wrapped in ``plain``. A text that the app itself wrote, under such a name, is listed in ``OUR_OWN``.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAW_MARKDOWN = {
    *("markdown", "caption", "write", "error", "info", "warning", "success", "title", "header", "subheader"),
    *("page_link", "button", "download_button", "link_button", "form_submit_button", "metric", "progress"),
    *(
        "toast",
        "popover",
        "expander",
        "status",
        "checkbox",
        "toggle",
        "tabs",
        "badge",
        "spinner",
        "exception",
    ),
}
OF_PEOPLE = {
    *("title", "name", "names", "label", "labels", "message", "error", "note", "words", "dataset", "truth"),
    *("predicted", "classes", "class_name", "device", "file_name", "licence", "source", "group", "person"),
    *("filename", "run_id", "id", "sentence", "reason", "hint", "text", "summary", "recipe"),
}
HARMLESS = {"plain", "len"}
OF_TEXT = {
    "str",
    "join",
    "replace",
    "capitalize",
    "lower",
    "upper",
    "strip",
    "sorted",
    "list",
    "next",
    "format",
}
"""Calls that give back text they are given; of other functions nobody knows here what they return."""
TRANSLATED = {"_", "_n", "_p"}
"""Calls that give back a text of ours with the values that they are given in it."""
OUR_OWN = {
    ("cnnlab/ui/warm_up.py", "state.message"),
    ("cnnlab/ui/tabs.py", "name"),
    ("cnnlab/ui/tabs.py", "names"),
    ("cnnlab/ui/augmentation_form.py", "AUGMENTATIONS['flip'].label"),
    ("cnnlab/ui/augmentation_form.py", "name"),
    ("cnnlab/ui/option_notes.py", "name"),
    ("cnnlab/ui/collect/class_cards.py", "label"),
    ("cnnlab/ui/train/groups.py", "known.label"),
    ("cnnlab/ui/data/view.py", "label"),
    ("cnnlab/ui/runs/evaluation.py", "label"),
    ("cnnlab/ui/runs/downloads.py", "name"),
    ("cnnlab/ui/runs/downloads.py", "file.name"),
    ("cnnlab/ui/architecture/layer_details.py", "label"),
    ("cnnlab/ui/architecture/parts.py", "label"),
    ("cnnlab/ui/runs/next_steps.py", "label"),
    ("cnnlab/ui/architecture/what_if.py", "label"),
    ("cnnlab/ui/architecture/own_networks.py", "label"),  # its callers wrap what people wrote
    ("cnnlab/ui/lessons/markdown.py", "text"),  # Markdown, which the reader of lessons has looked through
    ("pages/home.py", "title"),
    ("pages/home.py", "sentence"),
    ("pages/home.py", "label"),
}
"""Texts that the app itself wrote, although they bear such a name."""


def files() -> list[Path]:
    return [*(ROOT / "cnnlab" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]


class Flow:
    """What the names of one function hold, as far as its assignments tell."""

    def __init__(self, function: ast.AST):
        self.given: dict[str, list[ast.AST]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._take(target, node.value)
            elif isinstance(node, ast.NamedExpr | ast.AnnAssign) and node.value:
                self._take(node.target, node.value)

    def _take(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, ast.Name):
            self.given.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for inner, part in zip(target.elts, value.elts, strict=False):
                self._take(inner, part)

    def texts(self, node: ast.AST, asked: tuple[str, ...] = ()) -> Iterator[str]:
        """Yield what of an expression may be a text of people and is not wrapped in ``plain``."""
        match node:
            case ast.Call(func=func):
                called = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
                if called in HARMLESS or (called == "map" and ast.unparse(node.args[0]).endswith("plain")):
                    return
                if called == "str" and any(getattr(arg, "id", "") == "error" for arg in node.args):
                    yield ast.unparse(node)
                if called in TRANSLATED:
                    for word in node.keywords:
                        yield from self.texts(word.value, asked)
                if called not in OF_TEXT:
                    return
                for inner in node.args:
                    yield from self.texts(inner, asked)
                if isinstance(func, ast.Attribute):
                    yield from self.texts(func.value, asked)
            case ast.FormattedValue(value=value, format_spec=spec):
                if spec is None:  # else it is a number, written as one
                    yield from self.texts(value, asked)
            case ast.Attribute(attr=attr):
                if attr in OF_PEOPLE:
                    yield ast.unparse(node)
            case ast.Name(id=name):
                if name in self.given and name not in asked:
                    for value in self.given[name]:
                        yield from self.texts(value, (*asked, name))
                elif name in OF_PEOPLE:
                    yield name
            case ast.IfExp(body=body, orelse=orelse):
                yield from self.texts(body, asked)
                yield from self.texts(orelse, asked)
            case ast.Subscript(value=value):
                yield from self.texts(value, asked)
            case ast.Compare() | ast.Lambda() | ast.Constant():
                return
            case _:
                for inner in ast.iter_child_nodes(node):
                    yield from self.texts(inner, asked)


def drawn(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Yield (line, call, text) of each text of people that is given to a call that draws Markdown."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = {id(inner): function for function in functions for inner in ast.walk(function)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        call = node.func.attr
        if call not in DRAW_MARKDOWN:
            continue
        given = [*node.args[:1], *node.args[1:2] * (call in {"progress", "metric", "page_link"})]
        given += [word.value for word in node.keywords if word.arg in {"label", "body", "help", "text"}]
        flow = Flow(inside.get(id(node), tree))
        for argument in given:
            for text in flow.texts(argument):
                yield node.lineno, call, text


def test_text_of_people_is_drawn_through_plain():
    found = [
        (str(path.relative_to(ROOT)), line, call, text)
        for path in files()
        for line, call, text in drawn(ast.parse(path.read_text("utf-8")))
        if (str(path.relative_to(ROOT)), text) not in OUR_OWN
    ]
    assert not found, "\n" + "\n".join(map(str, found))


def test_tables_are_drawn_by_the_one_helper_that_breaks_markup():
    users = {
        path.name
        for path in files()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "table" and ast.unparse(node.value) != "ui"
    }
    assert users == {"tables.py"}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("st.caption(run.title)", True),
        ("st.caption(f'see {run.title}')", True),
        ("left.markdown('a' + run.title)", True),
        ("st.error(str(error))", True),
        ("st.button(f'{names[0]}')", True),
        ("st.page_link('p', label=f'**{title}**')", True),
        ("st.metric('a', status.device)", True),
        ("st.caption(', '.join(run.classes))", True),
        ("st.caption(run.title if run else '')", True),
        ("st.caption(ui.plain(run.title))", False),
        ("st.caption(f'{plain(run.title)} of {len(names)}')", False),
        ("st.caption(_('see {it}', it=run.title))", True),
        ("st.caption(_('see {it}', it=plain(run.title)))", False),
        ("st.caption(f'{run.title:,}')", False),
        ("st.caption('title')", False),
        ("st.selectbox('a', names)", False),
        ("def f():\n    said = f'see {run.title}'\n    st.caption(said)", True),
        ("def f():\n    a, title = 1, plain(run.title)\n    st.caption(title)", False),
        ("def f():\n    label = 'Star' if run.title else 'Unstar'\n    st.button(label)", False),
        ("def f(title):\n    st.button(title)", True),
    ],
)
def test_the_check_finds_what_it_should(code: str, found: bool):
    assert bool([*drawn(ast.parse(code))]) == found
