"""Thresholds, calibration, neighbours and projections, against hand computation and scikit-learn."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from cnnlab.inference.feature_space import FeatureSpace, features
from cnnlab.inference.out_of_distribution import threshold
from cnnlab.inference.projection import pca, tsne
from cnnlab.inference.reliability import reliability
from tests.inference.networks import KINDS, network, shape_of, some_image


def test_calibration_error_worked_out_by_hand():
    # bins of a quarter: (0.5, 0.75] holds 0.6, 0.7 (one right); (0.75, 1] holds 0.8, 0.9, 1.0 (two right)
    found = reliability([0.6, 0.7, 0.8, 0.9, 1.0], [True, False, True, False, True], bins=4)
    assert [entry.n for entry in found.bins] == [0, 0, 2, 3]
    assert found.bins[2].accuracy == 0.5 and found.bins[2].confidence == pytest.approx(0.65)
    assert found.bins[3].accuracy == pytest.approx(2 / 3) and found.bins[3].confidence == pytest.approx(0.9)
    assert found.error == pytest.approx(2 / 5 * 0.15 + 3 / 5 * (0.9 - 2 / 3))
    assert found.bins[0].accuracy is None and found.n == 5


def test_probability_at_an_edge_belongs_to_the_bin_below_and_a_perfect_network_has_no_error():
    found = reliability([0.5, 0.0], [True, False], bins=2)
    assert [entry.n for entry in found.bins] == [2, 0]
    assert reliability([1.0] * 7, [True] * 7).error == 0


def test_threshold_keeps_the_fraction_of_right_answers_and_no_more_than_it_must():
    probabilities = np.linspace(0.31, 1.0, 100)
    right = np.ones(100, bool)
    found = threshold(probabilities, right)
    assert (found.right, found.kept, found.value) == (100, 95, pytest.approx(probabilities[5]))
    assert found.knows(probabilities[5]) and not found.knows(probabilities[4])
    right[:40] = False  # the unsure ones are wrong
    found = threshold(probabilities, right)
    assert (found.right, found.kept, found.wrong, found.wrong_kept) == (60, 57, 40, 0)
    assert threshold(probabilities, right, 1.0).kept == 60
    assert threshold([0.9, 0.8], [False, False]) is None
    assert threshold([0.4, 0.9], [True, False]).wrong_kept == 1


@pytest.mark.parametrize("kind", KINDS)
def test_features_are_what_the_last_dense_layer_sees(kind):
    model = network(kind)
    batch = np.stack([some_image(*shape_of(model), seed=seed) for seed in range(3)])
    found = features(model, batch)
    kernel, bias = model.get_layer("output").get_weights()
    scores = found @ kernel + bias
    expected = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    np.testing.assert_allclose(np.asarray(model([batch])), expected, atol=1e-5)


def test_neighbours_are_those_of_scikit_learn():
    draw = np.random.default_rng(0)
    training, validation = draw.normal(size=(200, 12)), draw.normal(size=(50, 12))
    space, known = FeatureSpace.of(training, validation), NearestNeighbors(n_neighbors=5).fit(training)
    distances, places = known.kneighbors(validation)
    for i in range(10):
        found = space.neighbours(validation[i], 5)
        assert list(found.places) == places[i].tolist()
        np.testing.assert_allclose(found.distances, distances[i], rtol=1e-5)
        nearer = (distances[:, 0] < distances[i, 0]).mean()
        assert found.quantile == pytest.approx(nearer, abs=1 / 50)  # its own distance, but for rounding
    np.testing.assert_allclose(space.validation_distances, np.sort(distances[:, 0]), rtol=1e-5)


def test_what_is_far_from_all_is_unlike_them_and_a_training_image_is_its_own_neighbour():
    draw = np.random.default_rng(0)
    training, validation = draw.normal(size=(200, 12)), draw.normal(size=(50, 12))
    space = FeatureSpace.of(training, validation)
    far = space.neighbours(np.full(12, 9.0))
    assert far.unlike and far.quantile == 1
    same = space.neighbours(training[7])
    assert same.places[0] == 7 and same.quantile == 0 and not same.unlike
    assert same.distances[0] == pytest.approx(0, abs=1e-3)
    assert FeatureSpace.of(training, validation[:0]).neighbours(validation[0]).quantile is None


def test_projection_is_the_pca_of_scikit_learn():
    points = np.random.default_rng(0).normal(size=(60, 9)) * np.arange(1, 10)
    found, known = pca(points), PCA(2).fit(points)
    for mine, yours in zip(found.points.T, known.transform(points).T, strict=True):
        assert np.allclose(mine, yours, atol=1e-3) or np.allclose(mine, -yours, atol=1e-3)
    np.testing.assert_allclose(found.explained, known.explained_variance_ratio_, rtol=1e-6)
    assert pca(np.ones((4, 3))).points.tolist() == [[0, 0]] * 4
    assert pca(np.array([[1.0], [3.0]])).points.shape == (2, 2)


def test_groups_stay_together_in_the_plane():
    draw = np.random.default_rng(0)
    points = np.concatenate([draw.normal(size=(20, 8)), draw.normal(size=(20, 8)) + 20])
    found = tsne(points)
    nearest = NearestNeighbors(n_neighbors=2).fit(found.points).kneighbors(found.points)[1][:, 1]
    assert ((nearest < 20) == (np.arange(40) < 20)).all()
    assert tsne(points[:3]).method == "pca"
