"""Heat over an image: each sign has its colour, nothing leaves the image dimmed."""

import numpy as np

from cnnlab.charts.heat import DIMMED, heat_over


def test_heat_of_either_sign_has_its_colour_and_none_leaves_the_image_dimmed():
    image = np.full((1, 3, 3), 200, np.uint8)
    orange, blue, none = heat_over(image, np.array([[1.0, -1.0, 0.0]]))[0].astype(int)
    assert orange[0] > orange[2]
    assert blue[2] > blue[0]
    assert np.abs(none - 200 * DIMMED).max() <= 1


def test_heat_that_is_only_negative_is_blue_too():
    [[pixel]] = heat_over(np.full((1, 1, 3), 200, np.uint8), np.array([[-0.3]])).astype(int)
    assert pixel[2] > pixel[0]
