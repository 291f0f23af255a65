"""The arithmetic of a layer, written out with its real numbers: how a student would work it on the board."""

from math import prod

from keras import layers

from cnnlab.inspection.figures import Sizes
from cnnlab.inspection.graph import Step
from cnnlab.inspection.windows import Window, window
from cnnlab.languages import texts


def parameters(step: Step) -> str:
    """Write out the parameter count: filters × kernel × channels each filter sees, plus biases.

    ``16×5×5×3 + 16 = 1,216``; empty for a layer without weights.
    """
    shapes = [tuple(weight.shape) for weight in step.layer.weights]
    if not shapes:
        return ""
    total = f"{sum(map(prod, shapes)):,}"
    if isinstance(step.layer, layers.BatchNormalization):
        return f"{len(shapes)}×{shapes[0][0]} = {total}"
    if not isinstance(step.layer, layers.DepthwiseConv2D | layers.SeparableConv2D):
        shapes = [(*shape[-1:], *shape[:-1]) or (1,) for shape in shapes]  # Keras keeps filters or units last
    terms = " + ".join(times(shape) for shape in shapes)
    return f"{terms} = {total}"


def shape(step: Step) -> str:
    """Write out the output size: ``⌊(32 − 5)/1⌋ + 1 = 28``; empty where a layer keeps its input's shape."""
    given, result = step.input_shapes[:1], step.output_shape
    if not given or len(given[0]) != 3:
        return ""
    match step.layer:
        case layers.Flatten():
            return f"{times(given[0])} = {result[0]:,}"
        case layers.Concatenate() if len(result) == 3:
            return texts(f"{' + '.join(str(n[-1]) for n in step.input_shapes)} = {result[-1]} channels")
        case layers.GlobalAveragePooling2D() | layers.GlobalMaxPooling2D():
            return texts(f"one value for each of {given[0][-1]} channels")
        case layers.ZeroPadding2D(padding=sides) | layers.Cropping2D(cropping=sides):
            sign = "+" if isinstance(step.layer, layers.ZeroPadding2D) else "−"
            axes = [f"{n} {sign} {a} {sign} {b}" for n, (a, b) in zip(given[0], sides, strict=False)]
            return _on_both_axes(axes, result)
    win = window(step.layer, given[0], result)
    if win is None or not isinstance(getattr(step.layer, "padding", None), str):
        return ""
    return _on_both_axes([_sliding(step.layer.padding, win, axis, given[0]) for axis in (0, 1)], result)


def macs(step: Step) -> int | None:
    """Return multiply-accumulates for one image: each output value costs one per weight that makes it.

    None for a kind of layer whose arithmetic is not known here: 0 would say that it costs nothing.
    """
    kernels = [weight.shape for weight in step.layer.weights if len(weight.shape) > 1]
    match step.layer:
        case layers.Conv2D() | layers.DepthwiseConv2D() | layers.SeparableConv2D():
            return prod(step.output_shape[:2]) * sum(map(prod, kernels))
        case layers.Dense():
            return prod(step.output_shape[:-1]) * sum(map(prod, kernels))
        case layers.PReLU() | layers.LayerNormalization() | layers.Embedding():
            return 0  # their weights scale, shift or are looked up
        case layers.Dot() | layers.Attention() | layers.AdditiveAttention():
            return None  # products without weights
    return None if kernels else 0


def times(sizes: Sizes) -> str:
    """Write sizes as people do: ``5×5×16``."""
    return "×".join(f"{n:,}" for n in sizes)


def _sliding(padding: str, win: Window, axis: int, given: Sizes) -> str:
    if padding == "same":
        return f"⌈{given[axis]}/{win.stride[axis]}⌉"
    return f"⌊({given[axis]} − {win.span[axis]})/{win.stride[axis]}⌋ + 1"


def _on_both_axes(axes: list[str], result: Sizes) -> str:
    """Write rows and columns once when they are the same."""
    rows, columns = (f"{text} = {size}" for text, size in zip(axes, result, strict=False))
    return rows if rows == columns else texts(f"rows {rows}, columns {columns}")
