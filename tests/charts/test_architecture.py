"""The drawing of a network: for every architecture, nothing overlaps and everything flows to the right."""

from itertools import combinations, pairwise

import pytest

from cnnlab import architectures, inspection
from cnnlab.charts.architecture import Bar, architecture, arrange


def rows_of(name: str) -> list[inspection.LayerRow]:
    reference = architectures.get(name).reference
    return inspection.layer_table(inspection.outline(name, reference.input_shape, reference.num_classes))


def overlap(one: Bar, two: Bar) -> bool:
    apart = one.right <= two.left or two.right <= one.left
    return not apart and abs(one.y - two.y) < (one.height + two.height) / 2


@pytest.mark.parametrize("name", architectures.built_in())
def test_bars_flow_to_the_right_and_never_overlap(name):
    rows = rows_of(name)
    bars = arrange(rows)
    for row in rows:
        assert all(bars[source].right < bars[row.name].left for source in row.inputs), row.name
    assert not [(a, b) for a, b in combinations(bars, 2) if overlap(bars[a], bars[b])]


def test_branches_of_an_inception_unit_have_a_lane_each_and_join_in_the_middle():
    bars = arrange(rows_of("inception10"))
    lanes = [bars[f"block1_unit1_{branch}"].y for branch in ("1x1", "3x3", "5x5", "pool_proj")]
    assert len(set(lanes)) == 4
    gaps = {round(abs(a - b), 6) for a, b in pairwise(sorted(lanes))}
    assert len(gaps) == 1
    assert bars["block1_unit1_join"].y == pytest.approx(sum(lanes) / 4) == bars["conv1"].y


def test_every_layer_is_drawn_and_the_chosen_one_is_framed():
    rows = rows_of("resnet18")
    figure = architecture(rows, "stage1_block1_add")
    drawn = [text for trace in figure.data if trace.type == "bar" for text in trace.text]
    assert len(drawn) == len(rows)
    assert len(figure.layout.shapes) == 1
