"""Points of a plane: turned beside others with their distances kept, and t-SNE that tells how far it is."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.spatial.distance import pdist

from cnnlab.inference.projection import aligned, tsne
from cnnlab.inference.reliability import by_chance, reliability
from cnnlab.ui.runs.projection import nearest_first


def test_points_are_turned_as_scipy_turns_them_and_keep_their_distances():
    draw = np.random.default_rng(0)
    points, goal = draw.normal(size=(2, 40, 2)) * (3, 1)
    found = aligned(points, goal)
    rotation, _ = orthogonal_procrustes(points - points.mean(0), goal - goal.mean(0))
    np.testing.assert_allclose(found, (points - points.mean(0)) @ rotation, atol=1e-5)
    np.testing.assert_allclose(pdist(found), pdist(points), rtol=1e-4)


def test_a_plane_that_was_turned_and_mirrored_comes_back():
    points = np.random.default_rng(1).normal(size=(30, 2))
    angle = 2.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([1, -1])
    np.testing.assert_allclose(aligned(points @ turn + 5, points), points - points.mean(0), atol=1e-5)


def test_tsne_tells_how_far_it_is_and_is_the_same_with_and_without():
    points, fractions = np.random.default_rng(0).normal(size=(40, 6)), []
    told = tsne(points, progress=fractions.append)
    assert len(fractions) > 3 and fractions == sorted(fractions) and fractions[0] > 0 and fractions[-1] <= 1
    assert np.array_equal(told.points, tsne(points).points)


def test_the_chance_error_is_that_of_a_network_that_is_right_as_often_as_it_says():
    # 1,000 answers of 0.8 fall into one bin: the error is |mean of Bernoulli(0.8) - 0.8|, whose expectation
    # is sd * sqrt(2 / pi) by the central limit theorem
    for n in (100, 1000):
        expected = np.sqrt(0.8 * 0.2 / n) * np.sqrt(2 / np.pi)
        assert abs(by_chance([0.8] * n, draws=2000) - expected) < 0.05 * expected
    assert reliability([1.0, 1.0], [True, True]).error == by_chance([1.0, 1.0]) == 0
    sure = np.random.default_rng(5).random(60)
    right = np.random.default_rng(0).random((200, 60)) < sure  # the same draws, measured one by one
    assert by_chance(sure) == pytest.approx(
        np.mean([reliability(sure, row).error for row in right]), rel=1e-5
    )


def test_the_nearest_in_the_plane_come_first():
    points = np.array([[0, 0], [3, 4], [1, 0], [0, -2]])
    assert nearest_first(points, 0) == [0, 2, 3, 1]
    assert nearest_first(np.zeros((3, 2)), 1) == [1, 0, 2]
