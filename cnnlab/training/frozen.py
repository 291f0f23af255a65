"""Where a network begins to learn: everything before that gives the same answer in every epoch."""

import keras


def cut_behind_frozen(model: keras.Model) -> tuple[keras.Model, keras.Model] | None:
    """Return a functional model as two that share its layers: its frozen base, and its head.

    The cut is the one tensor that training cannot change and that the head sees. None when the base has no
    weights (nothing would be saved), nothing learns, or the head sees several such tensors; a model in the
    model and a layer that is called twice are not looked into.
    """
    fixed = {id(tensor) for tensor in model.inputs}
    seen_by_head: dict[int, keras.KerasTensor] = {}
    for operation in model.operations:
        inputs = keras.tree.flatten(operation.input)
        if all(id(tensor) in fixed for tensor in inputs) and _is_fixed(operation):
            fixed |= {id(tensor) for tensor in keras.tree.flatten(operation.output)}
        else:
            seen_by_head |= {id(tensor): tensor for tensor in inputs if id(tensor) in fixed}
    if len(seen_by_head) != 1 or any(id(tensor) in fixed for tensor in model.outputs):
        return None
    (edge,) = seen_by_head.values()
    if any(edge is tensor for tensor in model.inputs):
        return None
    try:
        with model.distribute_strategy.scope():
            base = keras.Model(model.inputs, edge, name="base")
            head = keras.Model(edge, model.outputs, name="head")
    except ValueError:  # the head sees the image by another way, too
        return None
    return (base, head) if base.weights and not base.trainable_weights else None


def _is_fixed(operation: keras.Operation) -> bool:
    """Whether an operation says the same of the same image, before and after any training step."""
    if not isinstance(operation, keras.Layer):
        return True
    draws = any(variable.name == "seed_generator_state" for variable in operation.variables)
    moves = operation.trainable and bool(operation.variables)  # such as the statistics of a batch norm
    return not draws and not moves
