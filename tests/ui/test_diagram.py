"""What browsers say was picked in the diagram; and the words beside a layer's numbers."""

from types import SimpleNamespace

import pytest

from cnnlab.ui.architecture import diagram
from cnnlab.ui.architecture.layer_details import counted_as


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ({"name": "conv1", "toggle": False, "turn": 3}, [("conv1", False)]),
        ({"name": "stage1", "toggle": True, "turn": 1}, [("stage1", True)]),
        ({"name": "x" * 300, "toggle": True, "turn": 1}, []),
        ({"name": 7, "toggle": True, "turn": 1}, []),
        ({"name": "conv1"}, []),
        ("conv1", []),
        (None, []),
    ],
)
def test_only_what_the_diagram_sends_is_taken(monkeypatch: pytest.MonkeyPatch, sent: object, taken: list):
    found: list[tuple[str, bool]] = []
    monkeypatch.setattr(diagram, "st", SimpleNamespace(session_state={diagram.KEY: {"picked": sent}}))
    diagram._take(lambda name, toggle: found.append((name, toggle)))
    assert found == taken


@pytest.mark.parametrize(
    ("kind", "formula", "biased"),
    [
        ("Conv2D", "6×5×5×3 + 6 = 456", True),
        ("Conv2D", "64×3×3×3 = 1,728", False),
        ("DepthwiseConv2D", "3×3×32×1 = 288", False),
        ("Dense", "120×400 + 120 = 48,120", True),
        ("BatchNormalization", "4×64 = 256", False),
    ],
)
def test_biases_are_named_where_there_are_some(kind: str, formula: str, biased: bool):
    words = counted_as(SimpleNamespace(type=kind, parameter_formula=formula))
    assert ("biases" in words) == biased
