import keras

from cnnlab import inspection


def test_a_shape_only_model_never_gets_its_weights_when_keras_infers_a_shape_later():
    model = inspection.shape_only_model("lenet5", (32, 32, 3), 10)
    image = keras.Input((4, 4, 1))
    keras.layers.Lambda(lambda x: x * 2)(image)  # Keras runs it once, to see its output's shape
    assert model.weights
    assert all(weight._value is None for weight in model.weights)
