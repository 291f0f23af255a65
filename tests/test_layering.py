"""Who may import whom: the table of the design, checked in every file and inside every function."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EVERYWHERE = {"errors", "machine", "strict_json", "workspace"}
MAY_USE = {
    "errors": set(),
    "machine": set(),
    "strict_json": set(),
    "workspace": {"errors"},
    "images": EVERYWHERE,
    "name_encodings": set(),
    "archives": EVERYWHERE | {"images", "name_encodings"},  # every ZIP that people bring
    "preprocessing": EVERYWHERE | {"images"},
    "augmentation": EVERYWHERE | {"images"},
    "remote": EVERYWHERE,  # datasets and pretrained weights are fetched by the same rules
    "datasets": EVERYWHERE | {"archives", "images", "preprocessing", "remote"},
    "architectures": EVERYWHERE | {"remote"},
    "inspection": EVERYWHERE | {"architectures"},
    "runs": EVERYWHERE,
    "training": EVERYWHERE
    | {"datasets", "architectures", "runs", "preprocessing", "augmentation"}
    | {"inference"},  # a run ends with its evaluation, as a classifier on the pictures it holds in memory
    "inference": EVERYWHERE
    | {"architectures", "images", "runs", "preprocessing"}
    | {"inspection"},  # a network is run layer by layer along the graph that is inspected
    "charts": EVERYWHERE,
    "service": EVERYWHERE | {"architectures", "inspection", "inference", "runs"},
    "exchange": EVERYWHERE
    | {"archives", "architectures", "augmentation", "datasets", "images", "inference", "inspection"}
    | {"preprocessing", "remote", "runs", "training"},
    "worker": EVERYWHERE
    | {"runs", "training", "exchange"}  # it does what they tell, and they know nothing of it
    | {"architectures", "datasets", "preprocessing"},  # to warm up with a network of its own
}
"""Parts of cnnlab; those that are missing here may use all the others but what OUTSIDE forbids."""

OUTSIDE = {
    "cv2": {"images"},
    "streamlit": {"ui"},
    "plotly": {"charts", "ui"},
    "keras": {"architectures", "inspection", "training", "inference", "exchange", "cli", "service", "worker"},
    "tensorflow": {"architectures", "training", "inference", "exchange", "cli", "worker"},
    "sklearn": {"datasets", "inference"},
    "filelock": {"workspace"},
    "psutil": {"machine", "runs", "worker"},
}
"""Packages that only some parts may import; cli only quiets TensorFlow, and the server never loads it."""


def files() -> list[Path]:
    return list((ROOT / "cnnlab").rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(ROOT / "cnnlab").parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Return the dotted names that a file imports, wherever in it; not those for type checkers alone."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


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


def test_runs_need_only_the_standard_library_numpy_and_psutil():
    known = sys.stdlib_module_names | {"numpy", "psutil", "cnnlab"}
    for path in files():
        if part_of(path) == "runs":
            assert {name.partition(".")[0] for name in imported(path)} <= known, path


def test_network_never_imports_another_network():
    folder = ROOT / "cnnlab" / "architectures"
    networks = {name.rpartition(".")[2] for name in imported(folder / "networks.py")}
    assert {"lenet5", "resnet18"} <= networks
    for path in folder.glob("*.py"):
        if path.stem != "networks":
            used = {part for name in imported(path) for part in name.split(".")[2:3]}
            assert used & networks <= {path.stem}, path


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


def test_pages_are_changed_in_the_one_way_that_never_leaves_an_empty_page():
    files = [*(ROOT / "cnnlab").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    users = [path.name for path in files if "st.switch_page(" in path.read_text("utf-8")]
    assert users == ["page_change.py"]
