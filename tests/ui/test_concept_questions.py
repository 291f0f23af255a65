"""The shape quiz asks everybody the same, of every network, and its answers are those of the layer table."""

import re

import pytest

from cnnlab import architectures, inspection
from cnnlab.architectures.own import kinds
from cnnlab.ui.concepts.questions import FIELD, LEVELS, OUTPUT, PARAMETERS, QUESTIONS, quiz


def table(name: str):
    reference = architectures.get(name).reference
    model = inspection.shape_only_model(name, reference.input_shape, reference.num_classes)
    return inspection.layer_table(model), {layer.name: kinds.settings_of(layer) for layer in model.layers}


@pytest.fixture(scope="module")
def lenet5():
    return table("lenet5")


def test_a_seed_gives_the_same_questions_and_another_one_others(lenet5):
    assert quiz(*lenet5, 7, 3) == quiz(*lenet5, 7, 3)
    assert len({tuple(quiz(*lenet5, seed, 3)) for seed in range(1, 9)}) > 4


def test_the_answers_of_lenet5_are_those_worked_by_hand(lenet5):
    """32 × 32 × 3; 5×5 valid, 2/2, 5×5 valid, 2/2, 120, 84, 10: LeCun 1998 as it is taught."""
    by_hand = {
        ("conv1", OUTPUT): (28, 28, 6),
        ("pool1", OUTPUT): (14, 14, 6),
        ("conv2", OUTPUT): (10, 10, 16),
        ("pool2", OUTPUT): (5, 5, 16),
        ("flatten", OUTPUT): (400,),
        ("conv1", PARAMETERS): (456,),
        ("conv2", PARAMETERS): (2416,),
        ("fc3", PARAMETERS): (48120,),
        ("fc4", PARAMETERS): (10164,),
        ("output", PARAMETERS): (850,),
        ("conv1", FIELD): (5,),
        ("pool1", FIELD): (6,),
        ("conv2", FIELD): (14,),
        ("pool2", FIELD): (16,),
    }
    asked = {(q.layer, q.asks): q.answer for seed in range(1, 60) for q in quiz(*lenet5, seed, 3)}
    assert asked == by_hand


@pytest.mark.parametrize("name", architectures.built_in())
def test_every_network_has_questions_whose_formula_ends_in_the_answer(name: str):
    rows, settings = table(name)
    for level, kinds_asked in LEVELS.items():
        found = quiz(rows, settings, 3, level)
        assert 1 < len(found) <= QUESTIONS
        assert {question.asks for question in found} <= set(kinds_asked)
        assert len({(question.asks, question.formula) for question in found}) == len(found)
        for question in found:
            numbers = [int(number.replace(",", "")) for number in re.findall(r"= ([\d,]+)", question.formula)]
            numbers += [
                int(number)
                for number in re.findall(r"the (\d+) channels|(\d+) filters make", question.formula)
                for number in number
                if number
            ]
            assert set(question.answer) <= set(numbers), question
