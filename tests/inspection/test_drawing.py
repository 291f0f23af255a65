"""The diagram of a network: for every architecture, folded and unfolded, nothing overlaps."""

from itertools import combinations, pairwise

import pytest

from cnnlab import architectures, inspection
from cnnlab.inspection.drawing import Drawing, draw
from cnnlab.inspection.placing import LINE, Node
from cnnlab.inspection.stages import Group, around, grouped, groups


def rows_of(name: str) -> list[inspection.LayerRow]:
    reference = architectures.get(name).reference
    return inspection.layer_table(
        inspection.shape_only_model(name, reference.input_shape, reference.num_classes)
    )


def overlap(one: Node, two: Node) -> bool:
    apart = one.x + one.width <= two.left or two.x + two.width <= one.left
    return not apart and one.top < two.bottom and two.top < one.bottom


def labels_overlap(one: Node, two: Node) -> bool:
    half = 3.4 * (max(map(len, one.labels)) + max(map(len, two.labels)))
    return abs(one.middle - two.middle) < half and abs(one.below - two.below) < LINE


@pytest.fixture(scope="module", params=architectures.built_in())
def drawings(request: pytest.FixtureRequest) -> list[tuple[tuple, Drawing, set[str]]]:
    """A network folded, with one group after the other unfolded, and with all of them."""
    tree = grouped(rows_of(request.param))
    names = [group.name for group in groups(tree)]
    opened = [set(), *({name} | around(tree, name) for name in names), set(names)]
    return [(tree, draw(tree, each), each) for each in opened]


def test_no_block_lies_on_another_and_no_label_on_a_label(drawings):
    for _, drawing, opened in drawings:
        for one, two in combinations(drawing.nodes, 2):
            assert not overlap(one, two), (opened, one.name, two.name)
            assert not labels_overlap(one, two), (opened, one.name, two.name)


def test_everything_lies_inside_and_every_connection_runs_to_the_right(drawings):
    for _, drawing, opened in drawings:
        assert all(node.left >= drawing.left for node in drawing.nodes)
        assert max(node.x + node.width for node in drawing.nodes) <= drawing.width
        for node in drawing.nodes:
            assert drawing.top <= node.top and node.bottom <= drawing.top + drawing.height, opened
        for edge in drawing.edges:
            assert all(a[0] <= b[0] for a, b in pairwise(edge)), (opened, edge)
            assert all(drawing.top <= y <= drawing.top + drawing.height for _, y in edge)


def test_all_layers_are_there_each_once_and_the_keyboard_reaches_them(drawings):
    for tree, drawing, opened in drawings:
        hidden = {group.name: group for group in groups(tree)}
        members = [
            name
            for node in drawing.nodes
            for name in (hidden[node.name].members if node.opens else (node.name,))
        ]
        rows = [row.name for part in tree for row in (part.rows if isinstance(part, Group) else (part,))]
        assert sorted(members) == sorted(rows)
        assert set(drawing.order) == {node.name for node in drawing.nodes} | opened
        assert {frame.name for frame in drawing.frames} == opened


def test_frames_hold_their_parts_and_stay_apart(drawings):
    for tree, drawing, _ in drawings:
        by_name = {node.name: node for node in drawing.nodes}
        for frame in drawing.frames:
            group = next(group for group in groups(tree) if group.name == frame.name)
            for name in set(group.members) & by_name.keys():
                node = by_name[name]
                assert frame.x <= node.left and node.x + node.width <= frame.x + frame.width
                assert frame.y <= node.top and node.bottom <= frame.y + frame.height
            for other in set(by_name) - set(group.members) - {part.name for part in group.parts}:
                node = by_name[other]
                apart = node.x + node.width <= frame.x or frame.x + frame.width <= node.left
                assert apart, (frame.name, other)


def test_branches_of_an_inception_unit_have_a_lane_each_and_join_in_the_middle():
    tree = grouped(rows_of("inception10"))
    nodes = {node.name: node for node in draw(tree, {"block1", "block1_unit1"}).nodes}
    lanes = [nodes[f"block1_unit1_{branch}"].lane for branch in ("1x1", "3x3", "5x5", "pool_proj")]
    assert sorted(lanes) == [-1.5, -0.5, 0.5, 1.5]
    assert nodes["block1_unit1_join"].lane == 0
    assert nodes["block1_unit1_join"].letter == "‖"


def test_a_skip_connection_runs_over_what_it_skips():
    tree = grouped(rows_of("resnet18"))
    drawing = draw(tree, {"stage1", "stage1_block1"})
    nodes = {node.name: node for node in drawing.nodes}
    end = nodes["stage1_block1_add"]
    [skip] = [edge for edge in drawing.edges if edge[-1][0] == end.left and len(edge) == 4]
    assert skip[1][1] < min(nodes[f"stage1_block1_{name}"].top for name in ("conv1", "conv2", "relu1"))


@pytest.mark.parametrize(
    ("name", "stages", "parts"),
    [
        ("vgg16", ["stage 1", "stage 2", "stage 3", "stage 4", "stage 5"], [3, 3, 4, 4, 4]),
        ("vgg16_cifar", ["stage 1", "stage 2", "stage 3", "stage 4", "stage 5"], [8, 8, 11, 11, 11]),
        ("vgg16_transfer", ["block1", "block2", "block3", "block4", "block5"], [3, 3, 4, 4, 4]),
        ("resnet18", ["stage1", "stage2", "stage3", "stage4"], [2, 2, 2, 2]),
        ("inception10", ["block1", "block2"], [2, 2]),
        # Sandler et al. 2018, table 2: n of the bottlenecks with 24, 32, 64, 96, 160 and 320 channels
        (
            "mobilenetv2_transfer",
            ["stem", "block_1–2", "block_3–5", "block_6–9", "block_10–12", "block_13–15", "block_16"],
            [8, 2, 3, 4, 3, 3, 8],
        ),
        ("lenet5", [], []),
        ("alexnet", [], []),
    ],
)
def test_deep_networks_are_folded_by_their_stages(name, stages, parts):
    folded = [part for part in grouped(rows_of(name)) if isinstance(part, Group)]
    assert [part.name for part in folded] == stages
    assert [len(part.parts) for part in folded] == parts


def test_sums_of_a_tree_are_those_of_the_network(drawings):
    tree = drawings[0][0]
    rows = [row for part in tree for row in (part.rows if isinstance(part, Group) else (part,))]
    folded = [part.as_row() if isinstance(part, Group) else part for part in tree]
    assert inspection.Totals.of(folded) == inspection.Totals.of(rows)


def test_more_channels_are_deeper_and_larger_maps_larger():
    nodes = {node.name: node for node in draw(grouped(rows_of("lenet5"))).nodes}
    assert nodes["image"].sheets < nodes["conv1"].sheets < nodes["conv2"].sheets
    assert nodes["image"].height > nodes["conv1"].height > nodes["conv2"].height > nodes["pool2"].height
    assert nodes["conv2"].labels == ("conv2", "10×10×16")
    assert nodes["conv2"].said == "conv2, convolution, 10×10×16, 2,416 parameters"
    assert nodes["output"].labels == ("output", "10")


def test_every_letter_that_is_drawn_is_explained(drawings):
    for _, drawing, _ in drawings:
        explained = {letter for _, letter, _ in drawing.legend}
        assert {node.letter for node in drawing.nodes if not node.opens} == explained
