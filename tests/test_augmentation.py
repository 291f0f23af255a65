"""Augmentation against arithmetic by hand, numpy and TensorFlow's own colour spaces."""

import json

import numpy as np
import pytest

from cnnlab import augmentation
from cnnlab.augmentation import Augmentation, image_draws
from cnnlab.errors import ConfigError

DRAWS = image_draws(7, 0, 200)
DRAW = np.random.default_rng(0)


def noise(*shape: int) -> np.ndarray:
    return DRAW.integers(0, 256, shape, dtype=np.uint8)


def draws(**settings: float) -> dict[str, np.ndarray]:
    """The draws of one image: 0 but for the settings named."""
    return {name: np.array([settings.get(name, 0.0)]) for name in augmentation._DRAWS}


def same(count: int, **settings: float) -> np.ndarray:
    """The rows of so many images that draw alike: 0 but for the settings named."""
    return np.array([np.concatenate(list(draws(**settings).values()))]).repeat(count, axis=0)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_flip_mirrors_every_second_image_and_leaves_the_others(channels):
    images = noise(200, 9, 8, channels)
    changed = Augmentation(flip=1).apply(images, DRAWS)
    mirrored = (changed == images[:, :, ::-1]).all((1, 2, 3))
    assert np.array_equal(changed[~mirrored], images[~mirrored])
    assert 70 < mirrored.sum() < 130  # five deviations around a half


def test_a_shift_to_the_right_by_a_quarter_puts_zeros_in_at_the_left():
    images = noise(2, 6, 8, 3)
    changed = Augmentation(shift_x=0.25).apply(images, same(2, shift_x=1))
    assert not changed[:, :, :2].any()
    assert np.array_equal(changed[:, :, 2:], images[:, :, :-2])


def test_a_shift_downwards_by_a_quarter_reflects_the_image_at_its_edge():
    images = noise(2, 8, 6, 1)
    changed = Augmentation(shift_y=0.25, fill="reflect").apply(images, same(2, shift_y=1))
    padded = np.pad(images, ((0, 0), (2, 0), (0, 0), (0, 0)), mode="symmetric")
    assert np.array_equal(changed, padded[:, :8])


@pytest.mark.parametrize(("turn", "quarters"), [(1, 1), (-1, 3)])
@pytest.mark.parametrize("side", [8, 9])
def test_a_rotation_by_90_degrees_is_that_of_numpy(turn, quarters, side):
    images = noise(2, side, side, 3)
    changed = Augmentation(rotation=90).apply(images, same(2, rotation=turn))
    difference = np.rot90(images, quarters, axes=(1, 2)).astype(int) - changed
    assert np.abs(difference).max() <= 1


def test_zoom_enlarges_about_the_centre():
    image = np.zeros((1, 9, 9, 1), np.uint8)
    image[0, 2, 4] = 200  # two rows above the centre, three after a zoom of 1.5
    changed = Augmentation(zoom=0.5).apply(image, same(1, zoom=1))
    assert np.unravel_index(changed.argmax(), changed.shape) == (0, 1, 4, 0)


def test_crop_keeps_a_window_of_the_image_and_lets_nothing_in():
    ramp = np.broadcast_to(np.arange(0, 160, 10, dtype=np.uint8)[:, None], (1, 16, 16))[..., None]
    for place, low, high in ((-1, 0, 75), (1, 75, 150)):
        changed = Augmentation(crop=0.5).apply(ramp, same(1, crop_y=place))
        assert low <= changed[0, 1:-1].min() and changed[0, 1:-1].max() <= high
    cropped = Augmentation(crop=0.3).apply(np.full((200, 16, 16, 1), 90, np.uint8), DRAWS)
    assert (cropped[:, 1:-1, 1:-1] == 90).all()


def test_cutout_blackens_one_square_of_the_side_asked_for():
    changed = Augmentation(cutout=0.5).apply(np.full((200, 12, 16, 3), 255, np.uint8), DRAWS)
    assert ((changed == 0).sum((1, 2, 3)) == 6 * 6 * 3).all()
    corners = {tuple(np.argwhere(image[..., 0] == 0)[0]) for image in changed}
    assert {top for top, _ in corners} == set(range(7)) and {left for _, left in corners} == set(range(11))


def test_brightness_adds_its_fraction_of_255():
    images = noise(3, 5, 5, 3)
    changed = Augmentation(brightness=0.2).apply(images, same(3, brightness=-1))
    assert np.abs(np.clip(images.astype(int) - 51, 0, 255) - changed).max() <= 1


def test_contrast_draws_gray_pixels_towards_the_mean():
    image = np.array([0, 100, 200, 100], np.uint8).reshape(1, 2, 2, 1)
    changed = Augmentation(contrast=0.5).apply(image, same(1, contrast=-1))
    assert changed.ravel().tolist() == [50, 100, 150, 100]


def test_no_saturation_is_the_luminance():
    image = noise(1, 4, 4, 3)
    changed = Augmentation(saturation=1).apply(image, same(1, saturation=-1))
    luminance = image @ np.array([0.299, 0.587, 0.114])
    assert np.abs(changed - luminance[..., None]).max() <= 1.5


def test_hue_turns_the_two_colour_axes_and_keeps_the_luminance():
    import tensorflow as tf

    image = noise(1, 6, 6, 3) // 8 + 110  # nearly gray, so that nothing is clipped
    changed = Augmentation(hue=90).apply(image, same(1, hue=1))
    before, after = (tf.image.rgb_to_yiq(p.astype(np.float32)).numpy() for p in (image, changed))
    expected = np.stack([before[..., 0], -before[..., 2], before[..., 1]], axis=-1)
    np.testing.assert_allclose(after, expected, atol=1.5)


def test_gamma_is_an_exponent_of_the_values():
    values = np.array([0, 51, 128, 255], np.uint8).reshape(1, 2, 2, 1)
    for draw, exponent in ((1, 2), (-1, 1 / 2), (0, 1)):
        changed = Augmentation(gamma=1).apply(values, same(1, gamma=draw))
        assert np.abs(changed / 255 - (values / 255) ** exponent).max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize(("angle", "axis"), [(0, 2), (0.5, 1)])
def test_uneven_light_is_brighter_at_one_edge_and_as_much_darker_at_the_other(angle, axis):
    image = np.full((1, 9, 9, 3), 80, np.uint8)
    for draw in (1, -1):
        changed = Augmentation(light=1).apply(image, same(1, light=draw, light_angle=angle))
        along = np.moveaxis(changed[0], axis - 1, 0)[:, 4, 0]
        assert along[::draw].tolist()[:: 8 // 2] == [40, 80, 160]
        assert (np.diff(along[::draw].astype(int)) > 0).all()
        across = np.moveaxis(changed[0], axis - 1, 0)[2]
        assert (across == across[0]).all()


def test_gray_images_have_no_hue_and_no_saturation():
    images = noise(4, 5, 5, 1)
    assert np.array_equal(Augmentation(hue=180, saturation=1).apply(images, DRAWS[:4]), images)


def test_everything_at_once_stays_an_image_and_changes_each_differently():
    every = Augmentation(1, 20, 0.2, 0.1, 0.1, "reflect", 0.2, 0.3, 0.4, 20, 0.1, 0.3, 0.5, 1)
    image = noise(1, 20, 24, 3)
    changed = every.apply(image.repeat(50, axis=0), DRAWS[:50])
    assert changed.shape == (50, 20, 24, 3) and changed.dtype == np.uint8
    assert len({one.tobytes() for one in changed}) == 50


def test_an_image_depends_on_seed_epoch_and_its_number_alone():
    every = Augmentation(flip=1, rotation=30, brightness=0.2, cutout=0.3)
    images = noise(10, 12, 12, 3)
    draws = image_draws(3, 2, 10)
    whole = every.apply(images, draws)
    some = np.array([7, 2, 5])
    assert np.array_equal(every.apply(images[some], image_draws(3, 2, 10)[some]), whole[some])
    for other in ((3, 1), (2, 2)):
        assert not np.array_equal(every.apply(images, image_draws(*other, 10)), whole)
    same = every.apply(images[:1].repeat(10, axis=0), draws)
    assert len({one.tobytes() for one in same}) == 10


def test_one_setting_does_not_change_the_draws_of_another():
    images = np.zeros((20, 16, 16, 1), np.uint8)
    images[:, 8, 8] = 255
    alone = Augmentation(shift_x=0.25).apply(images, DRAWS[:20])
    both = Augmentation(shift_x=0.25, brightness=0.1).apply(images, DRAWS[:20])
    assert np.array_equal(*(changed.reshape(20, -1).argmax(axis=1) for changed in (alone, both)))


def test_draws_are_spread_evenly_and_the_settings_are_independent():
    drawn = image_draws(0, 0, 20_000).T
    assert np.abs(drawn.mean(axis=1)).max() < 0.02  # a deviation of the mean is 0.004
    assert np.abs(drawn.var(axis=1) - 1 / 3).max() < 0.02
    assert np.abs(np.corrcoef(drawn) - np.eye(len(drawn))).max() < 0.04


def test_settings_survive_json_and_only_those_not_at_rest_are_kept():
    chosen = Augmentation(flip=1, rotation=10.0, fill="reflect")
    kept = json.loads(json.dumps(chosen.to_dict()))
    assert kept == {"flip": 1, "rotation": 10.0, "fill": "reflect"}
    assert Augmentation.from_dict(kept) == chosen
    assert not Augmentation() and not Augmentation(fill="reflect") and chosen


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rotation": 181}, "The augmentation rotation must be degrees from 0 to 180, not 181."),
        ({"zoom": -0.1}, "The augmentation zoom must be a fraction from 0 to 0.9, not -0.1."),
        ({"hue": float("nan")}, "degrees of the colour circle from 0 to 180, not nan"),
        ({"shift_x": "a lot"}, "The augmentation shift_x must be a fraction of the width from 0 to 0.9"),
        ({"contrast": True}, "not True"),
        ({"cutout": [1]}, "not \\[1\\]"),
        ({"flip": 2}, "The augmentation flip must be 0 or 1, not 2."),
        ({"flip": {}}, "flip must be 0 or 1"),
        ({"fill": "wrap"}, "The augmentation fill must be one of constant, reflect, not wrap."),
        ({"explode": 1}, "There is no augmentation 'explode'; choose from flip, rotation"),
        (["flip"], "must be names with values"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_its_range(values, sentence):
    from cnnlab.settings import RunConfig

    with pytest.raises(ConfigError, match=sentence):
        RunConfig("lenet5", "digits", augmentation=values).validated()
