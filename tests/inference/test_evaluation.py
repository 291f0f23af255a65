"""The figures of an evaluation, against published values and scikit-learn."""

import json

import numpy as np
import pytest
from sklearn import metrics

from cnnlab.inference import Classifier, Evaluation, evaluate, wilson
from cnnlab.preprocessing import Preprocessing

CLASSES = ("paper", "rock", "scissors", "well")


def oracle(batch: np.ndarray, training: bool) -> np.ndarray:
    """A 'network' that reads its probabilities off the first row of pixels."""
    return batch[:, 0, :, 0]


def evaluation_of(probabilities: np.ndarray, labels: np.ndarray) -> Evaluation:
    """Evaluate a network that gives these probabilities (in 255ths, one row an image)."""
    classifier = Classifier(oracle, CLASSES, Preprocessing(1, len(CLASSES), 1))
    images = probabilities.astype(np.uint8)[:, None, :, None]
    return evaluate(classifier, images, labels, [f"image {i}" for i in range(len(labels))])


@pytest.fixture(scope="module")
def case() -> tuple[np.ndarray, np.ndarray, Evaluation]:
    """200 images, of which "well" is never predicted and "scissors" never the truth."""
    rng = np.random.default_rng(0)
    probabilities = rng.integers(1, 200, (200, 4))
    probabilities[:, 3] = 0
    labels = rng.choice([0, 1, 3], 200)
    return probabilities, labels, evaluation_of(probabilities, labels)


# Newcombe (1998), Statistics in Medicine 17, table I, method 3.
@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_five_of_five_does_not_mean_certainty() -> None:
    low, high = wilson(5, 5)
    assert low == pytest.approx(0.5655, abs=5e-5)  # 1 / (1 + 1.96² / 5), by hand
    assert high == 1.0
    assert wilson(0, 0) == (0.0, 1.0)


def test_precision_recall_and_f1_agree_with_scikit_learn(case: tuple) -> None:
    probabilities, labels, evaluation = case
    expected = metrics.precision_recall_fscore_support(
        labels, probabilities.argmax(1), labels=range(4), zero_division=0
    )
    got = [(s.precision, s.recall, s.f1, s.support) for s in evaluation.per_class if s.support]
    np.testing.assert_allclose(np.transpose(got), np.transpose(np.transpose(expected)[expected[3] > 0]))


def test_of_a_class_without_images_nothing_is_said_that_was_not_measured() -> None:
    rows = np.array([[255, 0, 0, 0], [0, 255, 0, 0], [0, 0, 255, 0]])
    scores = evaluation_of(rows, np.array([0, 1, 1])).per_class
    assert [score.recall for score in scores] == [1.0, 0.5, None, None]
    assert [score.precision for score in scores] == [1.0, 1.0, 0.0, None]
    assert [score.f1 for score in scores] == [1.0, pytest.approx(2 / 3), None, None]
    assert json.loads(json.dumps(scores[3].recall)) is None


def test_accuracy_loss_and_confusion_agree_with_scikit_learn(case: tuple) -> None:
    probabilities, labels, evaluation = case
    predicted = probabilities.argmax(1)
    assert evaluation.n == 200
    assert evaluation.accuracy == metrics.accuracy_score(labels, predicted)
    expected = metrics.confusion_matrix(labels, predicted, labels=range(4))
    np.testing.assert_array_equal(evaluation.confusion_matrix, expected)


def test_loss_is_the_mean_cross_entropy_and_stays_finite() -> None:
    sure_and_wrong, half = [255, 0, 0, 0], [51, 102, 102, 0]
    evaluation = evaluation_of(np.array([sure_and_wrong, half]), np.array([3, 0]))
    assert evaluation.loss == pytest.approx((-np.log(1e-7) - np.log(0.2)) / 2)


def test_every_prediction_is_kept_with_its_image(case: tuple) -> None:
    probabilities, labels, evaluation = case
    assert len(evaluation.predictions) == 200
    last = evaluation.predictions[-1]
    assert (last.name, last.label) == ("image 199", CLASSES[labels[-1]])
    assert last.predicted == CLASSES[probabilities[-1].argmax()]
    assert last.probability == pytest.approx(probabilities[-1].max() / 255)
    assert last.label_probability == pytest.approx(probabilities[-1][labels[-1]] / 255)


def test_an_evaluation_survives_json(case: tuple) -> None:
    document = json.loads(json.dumps(case[2].to_dict(), allow_nan=False))
    assert {"n", "accuracy", "interval", "per_class", "confusion_matrix", "classes"} <= document.keys()
    assert document["per_class"][0].keys() == {"class", "precision", "recall", "f1", "support"}
