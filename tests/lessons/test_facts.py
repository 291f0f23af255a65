"""The numbers in the ready lessons: equations, intervals and figures of networks are computed again here.

Each fact stands in the lesson in both languages. Sentences may be reworded freely. A number of four digits
or more that nothing here computes fails a test, and so does an equation that is wrong or an interval that
does not belong to its accuracy.
"""

import ast
import functools
import math
import operator
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean

import pytest

import cnnlab
from cnnlab import architectures, datasets, experiments, inspection
from cnnlab.inference import wilson
from cnnlab.inspection import LayerRow
from cnnlab.runs.races import Arm
from cnnlab.training import recipes

FOLDER = Path(cnnlab.__file__).parent / "lessons" / "ready"
FOLDERS = {"en": FOLDER, "zh": FOLDER / "zh"}
READY = {path.name[:2]: path.name for path in sorted(FOLDER.glob("??-*.md"))}
"""The files of the lessons by their number."""
every_language = pytest.mark.parametrize("language", FOLDERS)


def every_lesson(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test with each lesson in each language."""
    return every_language(pytest.mark.parametrize("number", READY)(test))


_SIGNS = str.maketrans(
    {"×": "*", "÷": "/", "−": "-", ",": None} | {s: f"**{n}" for n, s in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
)
_PART = r"[\d×÷/+−()⌊⌋⌈⌉⁰¹²³⁴⁵⁶⁷⁸⁹., ]"
_ANSWER = r"(?:\*\*Answer\.\*\* |\*\*答案\*\*：)(?:About |约 )?"
_OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def parts_of(number: str, language: str) -> tuple[str, str]:
    """Return the front of a lesson, and its steps."""
    _, front, text = (FOLDERS[language] / READY[number]).read_text("utf-8").split("+++", 2)
    return front, text


def text_of(number: str, language: str = "en") -> str:
    return parts_of(number, language)[1]


def value(expression: str) -> float:
    """Work out an expression as lessons write it: ``⌊(224 − 11)/4⌋ + 1``."""
    for start, end, name in (("⌊", "⌋", "floor"), ("⌈", "⌉", "ceil")):
        expression = expression.replace(start, f"{name}(").replace(end, ")")
    return _worked_out(ast.parse(expression.translate(_SIGNS).strip(), mode="eval").body)


def _worked_out(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=inside):
            return -_worked_out(inside)
        case ast.BinOp(left=left, op=sign, right=right):
            return _OPERATIONS[type(sign)](_worked_out(left), _worked_out(right))
        case ast.Call(func=ast.Name(id=name), args=[inside]):
            return {"floor": math.floor, "ceil": math.ceil}[name](_worked_out(inside))
    raise ValueError(ast.dump(node))


def equations(text: str) -> Iterator[tuple[str, str]]:
    """Yield both sides of what a text says is equal, where both are numbers: ``6 × (25 + 1) = 156``."""
    text = re.sub(r"ln (\d+)", lambda found: f"{math.log(int(found[1])):.6f}", text)
    for sign in re.finditer(" = ", text):
        left = re.search(rf"(?<![\w]){_PART}*$", text[: sign.start()])
        right = re.match(rf"{_PART}*", text[sign.end() :])
        sides = [side[0].strip(" .,") for side in (left, right) if side]
        if len(sides) == 2 and all(re.search(r"\d", side) for side in sides):
            yield sides[0], sides[1]
    for told, worked in re.findall(rf"{_ANSWER}([\d.,]+)(?:: |，即 )({_PART}+)", text):
        if re.search(r"[×÷/+−]", worked):
            yield worked.strip(" .,"), told


def last_digit(number: str) -> float:
    """Return half of the last digit that is written: ``2.30`` is known to 0.005."""
    return 0.5 * 10.0 ** -len(number.partition(".")[2])


@every_lesson
def test_equations_of_a_lesson_are_true(number: str, language: str):
    for left, right in equations(text_of(number, language)):
        assert value(left) == pytest.approx(value(right), abs=last_digit(right) + 1e-9), f"{left} = {right}"


@every_language
def test_the_equations_are_found(language: str):
    found = [pair for number in READY for pair in equations(text_of(number, language))]
    assert len(found) > 30
    assert ("⌊(224 − 11)/4⌋ + 1", "54") in found
    assert list(equations("Six filters have 6 × (25 + 1) = 157.")) == [("6 × (25 + 1)", "157")]
    assert list(equations("> **答案**：约 284，即 50,750 ÷ 179。")) == [("50,750 ÷ 179", "284")]


@every_lesson
def test_an_interval_belongs_to_its_accuracy(number: str, language: str):
    pattern = {
        "en": r"(\d+\.\d) % \(95 % CI (\d+\.\d)–(\d+\.\d), n = ([\d,]+)\)",
        "zh": r"(\d+\.\d) %（95 % 置信区间 (\d+\.\d)–(\d+\.\d)，n = ([\d,]+)）",
    }
    front, text = parts_of(number, language)
    found = re.findall(pattern[language], front + text)
    assert len(found) == (front + text).count("95 %")
    for accuracy, low, high, n in found:
        images = int(n.replace(",", ""))
        right = round(float(accuracy) / 100 * images)
        told = right / images, *wilson(right, images)
        assert [f"{100 * fraction:.1f}" for fraction in told] == [accuracy, low, high]


@functools.cache
def rows(name: str, shape: architectures.Shape, classes: int) -> dict[str, LayerRow]:
    return _table(name, shape, classes)


def _table(network: str | dict, shape: architectures.Shape, classes: int) -> dict[str, LayerRow]:
    model = inspection.shape_only_model(network, shape, classes)
    return {row.name: row for row in inspection.layer_table(model)}


@functools.cache
def reference(name: str) -> dict[str, LayerRow]:
    facts = architectures.get(name).reference
    return rows(name, facts.input_shape, facts.num_classes)


def total(found: dict[str, LayerRow]) -> int:
    return sum(row.params for row in found.values())


def macs(found: dict[str, LayerRow]) -> int:
    return sum(row.macs or 0 for row in found.values())


def images(split: str) -> int:
    """Return how many of the digits a split of the experiments or of the first recipe has."""
    usual = recipes.get("lenet5-digits").config
    few = experiments.get("dropout").arms[0].config
    chosen = {"usual": usual, "few": few}
    of, part = split.split()
    return getattr(datasets.planned("digits", chosen[of].load_options()), part)


CITED = {
    "07": {253_440: "units of the first layer, caption of figure 2 of Krizhevsky et al. 2012"},
    "09": {1_950: "webcam photographs of eight people, measured outside of the product"},
}
"""Numbers that a lesson quotes."""


def computed(number: str) -> set[int]:
    """Return what the large numbers of a lesson may be, each from the networks, the dataset or arithmetic."""
    gray, colour = rows("lenet5", (32, 32, 1), 10), rows("lenet5", (32, 32, 3), 10)
    steps = math.ceil(images("usual train") / 32)
    match number:
        case "01":
            return {64 * 64 * 3, datasets.get("digits").images, images("usual train")}
        case "02":
            return {images("few validation")}
        case "03":
            one, other = map(_rows_of, experiments.get("overlapping-pooling").arms)
            return {
                colour["conv2"].params,
                colour["fc3"].params,
                total(colour),
                colour["conv1"].macs or 0,
                macs(colour),
                images("few validation"),
                one["dense"].params - other["dense"].params,
            }
        case "04":
            made = math.prod(gray["conv1"].output_shape)
            epochs = recipes.get("lenet5-digits").config.epochs
            whole = (steps - 1) * 32
            return {datasets.get("digits").images, total(gray), gray["fc3"].params, made} | {
                images("usual train"),
                steps * epochs,
                whole,
            }
        case "05":
            return {images("few validation"), total(rows("baseline", (16, 16, 1), 10))}
        case "07":
            paper, tower = reference("alexnet_2012"), rows("alexnet", (224, 224, 3), 1000)
            gray_one = reference("alexnet_gray")
            return {
                total(paper),
                total(tower),
                total(gray_one),
                paper["fc6"].params,
                paper["conv2"].params,
                tower["conv2"].params,
                *(side**2 * 96 for side in (54, 55, 56)),
                gray_one["flatten"].output_shape[0],
            }
        case "08":
            vgg, unit, residual = reference("vgg16"), reference("inception10"), reference("resnet18")
            reduced = unit["block1_unit2_5x5_reduce"].params, unit["block1_unit2_5x5"].params
            return {
                total(vgg),
                vgg["fc6"].params,
                total(unit),
                total(residual),
                total(reference("vgg16_cifar")),
                residual["stage2_block1_shortcut"].params,
                *reduced,
                sum(reduced),
                16 * 25 * 64 + 16,
                16 * (49 * 3 + 1),
                16 * (9 * 3 + 1) + 2 * 16 * (9 * 16 + 1),
                3 * 9 * 64**2,
                49 * 64**2,
            }
        case "09":
            base = rows("mobilenetv2_transfer", (160, 160, 3), 3)
            return {total(base), base["output"].params, base["pool"].output_shape[0]}
        case "10":
            return {images("few validation")}
    return set()


def _rows_of(arm: Arm) -> dict[str, LayerRow]:
    side = arm.config.image_size or 0
    return _table(arm.config.built_from, (side, side, 1), 10)


@every_lesson
def test_large_numbers_of_a_lesson_are_computed(number: str, language: str):
    found = re.findall(r"\d{1,3}(?:,\d{3})+", text_of(number, language))
    told = {int(number.replace(",", "")) for number in found}
    known = {found for found in computed(number) if found >= 1000} | set(CITED.get(number, {}))
    assert told == known


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %"


def shape(row: LayerRow) -> str:
    return "×".join(map(str, row.output_shape))


SAID = {
    "en": {
        "numbers": "{} numbers",
        "parameters": "{} parameters",
        "field": "receptive field is {} pixels",
        "leaves": "{} leaves {}",
        "billion": "{:.1f} billion",
        "pixels": "{} pixels",
    },
    "zh": {
        "numbers": "{} 个数",
        "parameters": "{} 个参数",
        "field": "感受野却有 {} 像素",
        "leaves": "{} 剩下 {}",
        "billion": "{:.0f} 亿",
        "pixels": "{} 像素",
    },
}


def millions(count: int, language: str) -> str:
    """Return a number as a lesson rounds it: Chinese counts in 10,000 and in 100,000,000."""
    rounded = round(count / 1e6)
    if language == "en":
        return f"{rounded} million"
    return f"{rounded / 100:.2f} 亿" if rounded >= 100 else f"{rounded * 100} 万"


def told_by_networks(language: str) -> Iterator[tuple[str, str]]:
    """Yield the number of a lesson, and what must stand in it."""
    said = SAID[language]
    gray, colour = rows("lenet5", (32, 32, 1), 10), rows("lenet5", (32, 32, 3), 10)
    yield "04", ", ".join(shape(gray[name]) for name in ("conv1", "pool1", "conv2", "pool2"))
    yield "04", said["numbers"].format(gray["flatten"].output_shape[0])
    yield "04", said["parameters"].format(gray["conv1"].params)
    yield "03", percent(colour["fc3"].params, total(colour))
    yield "03", percent(colour["conv1"].macs or 0, macs(colour))
    yield (
        "03",
        "1, " + ", ".join(str(colour[n].receptive_field[0]) for n in ("conv1", "pool1", "conv2", "pool2")),
    )
    paper, tiny, wide = reference("alexnet_2012"), reference("alexnet_cifar"), reference("alexnet_gray")
    yield "07", percent(paper["fc6"].params, total(paper))
    yield "07", said["field"].format(tiny["pool5"].receptive_field[0])
    for layer in ("conv1", "pool5"):
        yield "07", said["leaves"].format(layer, " × ".join(map(str, tiny[layer].output_shape[:2])))
    yield "07", " × ".join(map(str, wide["pool5"].output_shape))
    vgg = reference("vgg16")
    yield "08", percent(vgg["fc6"].params, total(vgg))
    yield "08", said["billion"].format(macs(vgg) / (1e9 if language == "en" else 1e8))
    yield "08", said["pixels"].format(vgg["pool5"].receptive_field[0])
    for name in ("vgg16_cifar", "resnet18", "inception10"):
        yield "08", millions(macs(reference(name)), language)
    yield "10", " × ".join(map(str, gray["conv2"].output_shape[:2]))
    yield "10", " × ".join(map(str, gray["conv2"].receptive_field))


@every_language
def test_small_numbers_of_networks_stand_in_the_lessons(language: str):
    found = told_by_networks(language)
    assert not [(number, words) for number, words in found if words not in text_of(number, language)]


def test_the_less_than_one_per_cent_are_less():
    colour, vgg = rows("lenet5", (32, 32, 3), 10), reference("vgg16")
    assert colour["conv1"].params < 0.01 * total(colour)
    assert (vgg["fc6"].macs or 0) < 0.01 * macs(vgg)


def recorded(name: str) -> experiments.Results:
    found = experiments.recording(name)
    assert found
    return found.results


def test_dropout_is_told_as_it_was_recorded():
    experiment, results = experiments.get("dropout"), recorded("dropout")
    found, verdict = results.about(experiment)
    assert verdict == "not shown"
    assert str(found).replace(" points over 5 seeds", " points over five seeds") in text_of("05")
    assert "五个随机种子的差值是 " + str(found).replace("points over 5 seeds", "个百分点") in text_of(
        "05", "zh"
    )
    losses = [curve.epochs["val_loss"] for curve in results.sides[0].curves]
    lowest = [int(loss.argmin()) + 1 for loss in losses]
    assert f"epochs {min(lowest)} to {max(lowest)}" in text_of("05")
    assert f"第 {min(lowest)} 至 {max(lowest)} 轮" in text_of("05", "zh")
    assert all(loss[-1] > loss.min() for loss in losses)


def test_activations_are_told_as_they_were_recorded():
    experiment, results = experiments.get("activations"), recorded("activations")
    assert results.about(experiment)[1] == "shown"
    means = {side.label: fmean(side.values(experiment.measure)) for side in results.sides}
    assert means["sigmoid"] < 0.2
    assert means["tanh"] > means["ReLU"] > 0.9
    assert means["leaky ReLU"] > 0.9


def test_batch_norm_is_told_as_it_was_recorded():
    without, with_norm = recorded("batch-norm").sides
    assert all(0.05 < value < 0.15 for value in without.values("accuracy"))
    assert min(with_norm.values("accuracy")) > 0.7


def test_max_pooling_is_told_as_it_was_recorded():
    found, verdict = recorded("max-or-average-pooling").about(experiments.get("max-or-average-pooling"))
    assert verdict == "shown"
    assert found and found.mean < 0.05


def recorded_or_skip(name: str) -> experiments.Results:
    if not (found := experiments.recording(name)):
        pytest.skip(f"there is no recording of {name}: the lesson has it run")
    return found.results


def test_scaling_is_told_as_it_was_recorded():
    raw, _, standardised = recorded_or_skip("scaling").sides
    assert all(curve.epochs["loss"][0] > 2 * math.log(10) for curve in raw.curves)
    guessing = [curve.epochs["loss"][-1] > 2.2 for curve in raw.curves]
    assert sum(guessing) > len(guessing) / 2
    assert min(standardised.values("val_accuracy")) > max(raw.values("val_accuracy"))


def test_learning_rates_are_told_as_they_were_recorded():
    small, right, large = recorded_or_skip("learning-rate").sides
    assert all(0.05 < value < 0.2 for side in (small, large) for value in side.values("val_accuracy"))
    assert min(right.values("val_accuracy")) > 0.9


def test_augmentation_is_told_as_it_was_recorded():
    plain, changed = recorded_or_skip("augmentation").sides
    assert max(changed.values("accuracy")) < min(plain.values("accuracy"))


@every_lesson
def test_a_lesson_bets_once_on_a_ready_experiment_and_asks_three_questions(number: str, language: str):
    text = text_of(number, language)
    [bet] = re.findall(r"^bet: (\S+)$", text, re.MULTILINE)
    assert f"page: experiments?experiment={bet}\n" in text
    assert bet in experiments.READY
    assert text.count({"en": "> **Question.**", "zh": "> **问题**："}[language]) >= 3
    assert sum(map(int, re.findall(r"^minutes: (\d+)$", text, re.MULTILINE))) <= 45


def test_no_two_lessons_bet_on_the_same():
    bets = [re.search(r"^bet: (\S+)$", text_of(number), re.MULTILINE)[1] for number in READY]
    assert len(set(bets)) == len(bets) == 10


@every_lesson
def test_what_is_left_out_saves_the_minutes_that_are_told(number: str, language: str):
    quoted, minutes = {
        "en": (r'"([^"]+)"', r"(\d+) minutes less"),
        "zh": (r"“([^”]+)”", r"可省 (\d+) 分钟"),
    }[language]
    front, text = parts_of(number, language)
    saved = tomllib.loads(front)["without"]["time"]
    steps = dict(re.findall(r"^## (.+)\n(?:\s*\w+: .*\n)*?\s*minutes: (\d+)$", text, re.MULTILINE))
    left_out = re.findall(quoted, saved)
    assert left_out
    told = re.search(minutes, saved)
    assert told and sum(int(steps[title]) for title in left_out) == int(told[1])
