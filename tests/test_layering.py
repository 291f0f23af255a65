"""Who may import whom: the table of the design, checked in every file and inside every function."""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BY_NAME = ("import_module", "_Deferred")
"""Functions that import the module whose name they are given."""
EVERYWHERE = {"errors", "machine", "plain_text", "strict_json", "workspace", "shelf", "access", "languages"}
MAY_USE = {
    "errors": {"plain_text"},
    "plain_text": set(),
    "languages": {"errors"},
    "machine": {"languages"},
    "settings": {"errors", "languages", "strict_json"},
    "strict_json": set(),
    "workspace": {"errors"},
    "shelf": {"plain_text", "strict_json", "workspace"},
    "access": {"errors", "languages", "plain_text", "strict_json", "workspace", "shelf"},
    "keras_internals": set(),
    "streamlit_internals": set(),
    "images": EVERYWHERE,
    "name_encodings": set(),
    "archives": EVERYWHERE | {"images", "name_encodings"},  # every ZIP that people bring
    "preprocessing": EVERYWHERE | {"images", "settings"},
    "augmentation": EVERYWHERE | {"images", "settings"},
    "remote": EVERYWHERE,  # datasets and pretrained weights are fetched by the same rules
    "datasets": EVERYWHERE | {"archives", "images", "preprocessing", "remote", "settings"},
    "architectures": EVERYWHERE | {"remote", "keras_internals"},
    "inspection": EVERYWHERE | {"architectures", "keras_internals"},
    "runs": EVERYWHERE | {"settings"},
    "training": EVERYWHERE
    | {"datasets", "architectures", "runs", "preprocessing", "augmentation", "settings", "keras_internals"}
    | {"inference"},  # a run ends with its evaluation, as a classifier on the images it holds in memory
    "inference": EVERYWHERE
    | {"architectures", "images", "runs", "preprocessing", "keras_internals"}
    | {"inspection"},  # a network is run layer by layer along the graph that is inspected
    "charts": EVERYWHERE,
    "service": EVERYWHERE | {"architectures", "inspection", "inference", "runs"},
    "cluster": EVERYWHERE | {"runs"},
    "exchange": EVERYWHERE
    | {"archives", "architectures", "augmentation", "datasets", "images", "inference", "inspection"}
    | {"lessons", "experiments"}  # what is handed on with runs
    | {"preprocessing", "remote", "runs", "settings", "training", "keras_internals"},
    "lessons": EVERYWHERE
    | {"architectures", "datasets", "experiments", "runs", "training"}  # what a step may name
    | {"inspection"},  # whether a network has the layer that a step names
    "worker": EVERYWHERE
    | {"runs", "settings", "training", "inference", "exchange"}  # it does what they tell; they know it not
    | {"lessons"}  # to hand them on
    | {"architectures", "datasets", "preprocessing"}  # to warm up with a network of its own
    | {"inspection"},  # what the networks of a race cost
}
"""Parts of cnnlab; those that are missing here may use all the others but what OUTSIDE forbids."""

OUTSIDE = {
    "cv2": {"images"},
    "streamlit": {"ui", "streamlit_internals"},
    "plotly": {"charts", "ui"},
    "keras": {"keras_internals"}
    | {"architectures", "inspection", "training", "inference", "exchange", "cli", "service", "worker"},
    "tensorflow": {"architectures", "training", "inference", "exchange", "cli", "worker"},
    "sklearn": {"datasets", "inference"},
    "filelock": {"workspace"},
    "ray": {"cluster"},
    "psutil": {"machine", "runs", "worker"},
}
"""Packages that only some parts may import; cli only quiets TensorFlow, and the server never loads it."""


ROOMS = {
    "architectures": (
        "registry",
        "deferred keras_layers imagenet shape_errors weight_transfer",
        "networks",
        "own",
        "catalogue",
        "__init__",
    ),
    "datasets": (
        "imageset cache large split statistics duplicates",
        "files",
        "registry",
        "builtin",
        "own",
        "catalogue planned report file_facts",
        "__init__",
    ),
}
"""The order inside a part: what stands below may be imported by what stands above, never the other way."""

CIRCLES: set[tuple[str, str]] = set()
"""Imports that close a circle between files and are still to go; without them there is none."""


def files() -> list[Path]:
    return list((ROOT / "cnnlab").rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(ROOT / "cnnlab").parts[0].removesuffix(".py")


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Return the dotted names that a file imports, wherever in it; not those for type checkers alone."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        called = getattr(node, "func", None)
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif getattr(called, "attr", getattr(called, "id", "")) in BY_NAME:
            yield from (word.value for word in node.args if isinstance(word, ast.Constant))


def module_of(path: Path) -> str:
    """Return the dotted name of a file of the package: ``datasets.own.folder``."""
    return ".".join(path.relative_to(ROOT / "cnnlab").with_suffix("").parts)


@cache
def imports_between_files() -> dict[str, set[str]]:
    """Return which file of the package imports which others, by their dotted names."""
    modules = {module_of(path): path for path in files()}
    graph: dict[str, set[str]] = {module: set() for module in modules}
    for module, path in modules.items():
        for name in imported(path):
            words = name.split(".")[1:] if name.startswith("cnnlab.") else []
            ends = [".".join(words[:end]) for end in range(len(words), 0, -1)]
            found = (found for end in ends for found in (end, f"{end}.__init__") if found in modules)
            graph[module] |= {next(found, module)} - {module}
    return graph


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """Return files that import each other in a circle, or nothing where there is none."""
    sorter = graphlib.TopologicalSorter(graph)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_part_imports_only_what_is_above_it(path: Path):
    part = part_of(path)
    for name in imported(path):
        package, _, rest = name.partition(".")
        if package == "cnnlab":
            used = rest.partition(".")[0]
            allowed = MAY_USE.get(part)
            assert allowed is None or used in allowed | {part, ""}, f"{part} imports {name}"
            assert part == "ui" or used != "ui", f"{part} imports {name}"
        elif package in OUTSIDE:
            assert part in OUTSIDE[package], f"{part} imports {name}"


@pytest.mark.parametrize("part", ROOMS)
def test_rooms_of_a_part_stand_above_what_they_use(part: str):
    height = {name: number for number, room in enumerate(ROOMS[part]) for name in room.split()}
    for importer, used in imports_between_files().items():
        if importer.startswith(f"{part}."):
            room = importer.split(".")[1]
            assert room in height, f"{importer} stands in no room of {part}"
            for other in used:
                if other.startswith(f"{part}."):
                    assert height[other.split(".")[1]] <= height[room], f"{importer} imports {other}"


def test_no_files_import_each_other_in_a_circle():
    graph = imports_between_files()
    known = {importer: {used for by, used in CIRCLES if by == importer} for importer in graph}
    without = {importer: used - known[importer] for importer, used in graph.items()}
    assert not (circle := circle_in(without)), " imports ".join(reversed(circle))
    for importer, used in CIRCLES:
        assert used in graph[importer], f"{importer} does not import {used} any more: strike it out"
        with_it = {**without, importer: without[importer] | {used}}
        assert circle_in(with_it), f"{importer} may import {used}: strike it out"


@pytest.mark.parametrize(
    ("part", "others"), [("runs", {"numpy", "psutil"}), ("settings", set()), ("access", set())]
)
def test_runs_settings_and_access_need_little_beside_the_standard_library(part: str, others: set[str]):
    known = sys.stdlib_module_names | others | {"cnnlab"}
    for path in files():
        if part_of(path) == part:
            assert {name.partition(".")[0] for name in imported(path)} <= known, path


def test_network_never_imports_another_network():
    graph = imports_between_files()
    networks = {module for module in graph if module.startswith("architectures.networks.")}
    assert {"architectures.networks.lenet5", "architectures.networks.resnet18"} <= networks
    for module in networks - {"architectures.networks.__init__"}:
        assert not graph[module] & networks, module


PRIVATE_KERAS = re.compile(
    r"keras\.src\b(?!.*Functional)|\._(flatten_layers|tracker|keras_history|inbound_nodes|nodes)\b"
)
PUBLIC_STREAMLIT = {"delta_generator", "config"}


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_others_keep_private_is_used_in_one_file_for_each(path: Path):
    part = part_of(path)
    if part != "keras_internals":
        lines = path.read_text("utf-8").splitlines()
        used = [line for line in lines if PRIVATE_KERAS.search(line) and "import Node" not in line]
        assert not used, f"{path}: {used[0].strip()} belongs into keras_internals.py"
    if part != "streamlit_internals":
        deep = [name.split(".") for name in imported(path) if name.startswith("streamlit.")]
        deep = [words for words in deep if len(words) > 2 and words[1] not in PUBLIC_STREAMLIT]
        assert not deep, f"{path}: {'.'.join(deep[0])} belongs into streamlit_internals.py"


def test_page_never_imports_a_page_nor_keras_nor_opencv():
    for path in [ROOT / "app.py", *(ROOT / "pages").glob("*.py")]:
        packages = {name.partition(".")[0] for name in imported(path)}
        assert packages.isdisjoint({"pages", "keras", "tensorflow", "cv2"}), path


def test_no_package_loads_tensorflow_when_it_is_imported():
    packages = sorted(path.parent for path in (ROOT / "cnnlab").rglob("__init__.py"))
    names = [".".join(path.relative_to(ROOT).parts) for path in packages]
    assert_without_tensorflow("import " + ", ".join(names))


def test_no_page_loads_tensorflow_nor_what_tells_of_networks():
    modules = sorted((ROOT / "cnnlab" / "ui").rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in modules]
    asking = "[(x.title, x.options, x.choices, x.description) for x in map(a.get, a.names())]"
    assert_without_tensorflow(f"import {', '.join(names)}\nfrom cnnlab import architectures as a\n{asking}")


def test_what_the_service_answers_with_is_read_without_tensorflow():
    names = ("explanation", "sums", "occlusion", "projection", "feature_space", "out_of_distribution")
    assert_without_tensorflow(
        "import cnnlab.runs.snapshots, cnnlab.inference.reliability\n"
        + "\n".join(f"import cnnlab.inference.{name}" for name in names)
    )


def assert_without_tensorflow(code: str) -> None:
    code += "\nimport sys; print([n for n in ('tensorflow', 'keras') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
