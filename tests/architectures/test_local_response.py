"""Local response normalisation, against the paper's formula written as loops."""

import keras
import numpy as np

from cnnlab.architectures.keras_layers.local_response import LocalResponseNormalization

K, N, ALPHA, BETA = 2, 5, 1e-4, 0.75  # Krizhevsky et al., section 3.3


def by_the_paper(activity: np.ndarray) -> np.ndarray:
    """b_i = a_i / (k + α Σ a_j²)^β, j from max(0, i − n/2) to min(N − 1, i + n/2)."""
    normalised = np.empty_like(activity)
    channels = activity.shape[-1]
    for i in range(channels):
        near = activity[..., max(0, i - N // 2) : min(channels - 1, i + N // 2) + 1]
        normalised[..., i] = activity[..., i] / (K + ALPHA * (near**2).sum(-1)) ** BETA
    return normalised


def test_layer_is_the_formula_of_the_paper():
    activity = np.random.default_rng(0).normal(0, 60, (2, 3, 4, 9)).astype(np.float32)
    np.testing.assert_allclose(
        LocalResponseNormalization()(activity).numpy(), by_the_paper(activity), rtol=1e-5, atol=1e-5
    )


def test_saved_model_with_it_is_loaded_again_in_safe_mode(tmp_path):
    image = keras.Input((4, 4, 8))
    model = keras.Model(image, LocalResponseNormalization(alpha=0.3, name="norm")(image))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.get_layer("norm").alpha == 0.3
