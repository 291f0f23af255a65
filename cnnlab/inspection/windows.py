"""Which positions of its input one unit of a layer looks at: everything with rows and columns is a window."""

from dataclasses import dataclass

from keras import layers

from cnnlab.inspection.figures import Pair, Sizes


@dataclass(frozen=True)
class Window:
    """Unit ``i`` looks at ``i·stride − before + dilation·(0 … size − 1)``, on rows and on columns."""

    size: Pair = (1, 1)
    stride: Pair = (1, 1)
    before: Pair = (0, 0)
    dilation: Pair = (1, 1)

    @property
    def span(self) -> Pair:
        """Rows and columns from the first to the last position, both included."""
        rows, columns = ((k - 1) * d + 1 for k, d in zip(self.size, self.dilation, strict=True))
        return rows, columns


POINTWISE = (
    layers.InputLayer,
    layers.Activation,
    layers.ReLU,
    layers.LeakyReLU,
    layers.PReLU,
    layers.ELU,
    layers.BatchNormalization,
    layers.Dropout,
    layers.SpatialDropout2D,
    layers.GaussianNoise,
    layers.GaussianDropout,
    layers.Rescaling,
    layers.Identity,
    layers.Dense,
    layers.Add,
    layers.Subtract,
    layers.Multiply,
    layers.Average,
    layers.Maximum,
    layers.Minimum,
)
"""Layers whose unit depends on one position of each input (on all channels there)."""


def window(layer: layers.Layer, given: Sizes, result: Sizes) -> Window | None:
    """Return the window of a layer that turns maps of shape ``given`` into ``result``; None when not known.

    A layer of one's own tells that it is pointwise by an attribute ``pointwise = True``. A map of one row or
    column that is added to or multiplied with a larger one is seen by all units there: its stride is 0.
    """
    if getattr(layer, "data_format", None) == "channels_first":
        return None
    match layer:
        case layers.Conv2D() | layers.SeparableConv2D() | layers.DepthwiseConv2D():
            return _sliding(
                layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding, given, result
            )
        case layers.MaxPooling2D() | layers.AveragePooling2D():
            return _sliding(layer.pool_size, layer.strides, (1, 1), layer.padding, given, result)
        case layers.GlobalAveragePooling2D() | layers.GlobalMaxPooling2D():
            return Window(size=(given[0], given[1]))
        case layers.ZeroPadding2D(padding=((top, _), (left, _))):
            return Window(before=(top, left))
        case layers.Cropping2D(cropping=((top, _), (left, _))):
            return Window(before=(-top, -left))
        case layers.Concatenate(axis=axis) if axis in (-1, 3):
            return Window()
        case layers.Softmax(axis=-1) | layers.LayerNormalization(axis=-1 | (3,) | [3]):
            return Window()
    if not (isinstance(layer, POINTWISE) or getattr(layer, "pointwise", False)):
        return None
    if len(given) < 2 or len(result) < 2:  # a vector
        return Window()
    return Window(stride=(int(given[0] == result[0]), int(given[1] == result[1])))


def _sliding(size: Pair, stride: Pair, dilation: Pair, padding: str, given: Sizes, result: Sizes) -> Window:
    """Place a sliding window: "same" pads with the odd pixel at the bottom and right, as TensorFlow does."""
    plain = Window(size, stride, dilation=dilation)
    if padding == "valid":
        return plain
    top, left = (
        max((units - 1) * s + span - n, 0) // 2
        for units, s, span, n in zip(result[:2], stride, plain.span, given[:2], strict=True)
    )
    return Window(size, stride, (top, left), dilation)
