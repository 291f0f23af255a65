"""``explain``, ``activations`` and ``snapshots``: what a network looks at, computes, and how it learned."""

import argparse
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnlab import runs
from cnnlab.cli.output import Answer, ProgressBar, percent, table
from cnnlab.cli.quiet import import_tensorflow
from cnnlab.errors import RunError
from cnnlab.runs import snapshots
from cnnlab.shelf import replacing

if TYPE_CHECKING:
    from cnnlab.inference import Classifier

DEFAULT_LAYER = (
    "a layer with rows and columns, by its name in `inspect`; default: the last one that a convolution has a "
    "part in, before the pooling or flattening behind it"
)
OCCLUSION = (
    "gradcam: gradient of the class's logit; occlusion: the probability that the class loses where a square "
    "in the image's mean colour hides it (a cell is 1/14 of the shorter side, the square three cells)"
)


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    explain = verbs.add_parser("explain", help="write the heat map of an answer: what the network looked at")
    explain.add_argument("run", metavar="RUN")
    explain.add_argument("image", metavar="IMAGE")
    explain.add_argument("--layer", metavar="L", help=DEFAULT_LAYER)
    explain.add_argument("--class", dest="class_name", metavar="C", help="default: the predicted class")
    explain.add_argument("--method", choices=("gradcam", "occlusion"), default="gradcam", help=OCCLUSION)
    _add_epoch_and_file(explain, "arrays heatmap (rows × columns) and image (uint8)")
    explain.set_defaults(verb=_explain)

    activations = verbs.add_parser("activations", help="write what a layer makes of an image")
    activations.add_argument("run", metavar="RUN")
    activations.add_argument("image", metavar="IMAGE")
    activations.add_argument("--layer", metavar="L", required=True, help="its name in `inspect`")
    _add_epoch_and_file(activations, "the array activation (rows × columns × channels, or units)")
    activations.set_defaults(verb=_activations)

    listing = verbs.add_parser("snapshots", help="list what is kept of each epoch of a run")
    listing.add_argument("run", metavar="RUN")
    listing.set_defaults(verb=_snapshots)


def _add_epoch_and_file(verb: argparse.ArgumentParser, what: str) -> None:
    verb.add_argument("--epoch", metavar="N", type=int, help="with the weights of this epoch; default: best")
    verb.add_argument("--to", metavar="FILE.npz", type=Path, required=True, help=f"where to write {what}")


def _explain(arguments: argparse.Namespace) -> Answer:
    run, target = runs.get(arguments.run), _writable(arguments.to)
    if arguments.method == "occlusion" and arguments.layer:
        raise RunError("Occlusion asks the whole network and has no layer; leave --layer out.")
    classifier, seen = _asked(run, arguments)
    index = _class_index(classifier, arguments.class_name)
    image = classifier.preprocessing.scale(seen.astype(np.float32))

    from cnnlab.inference.gradcam import gradcam
    from cnnlab.inference.occlusion import Grid, mean_colour, occlusion

    began, more = time.perf_counter(), {}
    if arguments.method == "gradcam":
        found = gradcam(classifier.model, image, arguments.layer, index)
    else:
        with ProgressBar() as bar:
            found = occlusion(
                classifier.model, image, index, progress=lambda fraction: bar(fraction, "Hiding parts.")
            )
        grid = Grid.over(*seen.shape[:2])
        fill = mean_colour(seen.astype(np.float32)).tolist()
        more = {"patch": grid.patch, "stride": grid.stride, "fill": fill}
    seconds = time.perf_counter() - began
    _write(target, heatmap=found.heatmap, image=seen)
    name, probability = classifier.classes[found.class_index], found.probability
    document = {
        "class": name,
        "probability": probability,
        "layer": found.layer,
        "method": found.method,
        "seconds": seconds,
        "epoch": arguments.epoch,
        **more,
    }
    rows, columns = found.heatmap.shape
    what = f"{name} {percent(probability)}: {found.method}{f' of {found.layer}' if found.layer else ''}"
    return Answer(document, f"{what}, {rows} × {columns}, {seconds:.2f} s, in {target}.")


def _activations(arguments: argparse.Namespace) -> Answer:
    run, target = runs.get(arguments.run), _writable(arguments.to)
    classifier, seen = _asked(run, arguments)

    from cnnlab.inference.activations import activation

    began = time.perf_counter()
    image = classifier.preprocessing.scale(seen.astype(np.float32))
    found = activation(classifier.model, image, arguments.layer)
    seconds = time.perf_counter() - began
    _write(target, activation=found)
    document = {
        "layer": arguments.layer,
        "shape": list(found.shape),
        "seconds": seconds,
        "epoch": arguments.epoch,
    }
    shape = " × ".join(map(str, found.shape))
    values = f"{shape}, from {found.min():.4g} to {found.max():.4g}"
    return Answer(document, f"{arguments.layer}: {values}, in {target}.")


def _snapshots(arguments: argparse.Namespace) -> Answer:
    run = runs.get(arguments.run)
    listed = snapshots.listing(run)
    names = ("name", "gradient_norm", "update_norm", "weight_norm", "dead", "saturated")
    document = [
        asdict(entry) | {"layers": [{name: getattr(layer, name) for name in names} for layer in entry.layers]}
        for entry in listed
    ]
    if not listed:
        return Answer(document, f"The run {run.id} has no snapshots.")
    rows = [(one.epoch, "yes" if one.has_weights else "no", one.bytes, len(one.layers)) for one in listed]
    total = sum(one.seconds for one in listed)
    lines = [table(("epoch", "weights", "bytes", "layers"), rows)]
    lines.append(f"Computing them took {total:.1f} s of the {run.status().seconds:.1f} s of training.")
    last = listed[-1]
    norms = [
        (
            layer.name,
            *(_short(n) for n in (layer.gradient_norm, layer.update_norm, layer.weight_norm, layer.ratio)),
            percent(layer.dead),
        )
        for layer in last.layers
    ]
    header = ("layer", "gradient", "update", "weights", "update / weights", "dead ReLU units")
    lines += [f"Norms after epoch {last.epoch}:", table(header, norms)]
    return Answer(document, "\n\n".join(lines))


def _short(number: float | None) -> str | None:
    return None if number is None else f"{number:.2e}"


def _asked(run: runs.Run, arguments: argparse.Namespace) -> "tuple[Classifier, np.ndarray]":
    """Return the network of the epoch that is asked for, and the image uint8 as it receives it."""
    import_tensorflow()
    from cnnlab.inference.epochs import classifier_of

    classifier = classifier_of(run, arguments.epoch)
    return classifier, classifier.as_seen(classifier.preprocessing.read(arguments.image))


def _class_index(classifier: "Classifier", name: str | None) -> int | None:
    if name is None:
        return None
    if name not in classifier.classes:
        known = ", ".join(classifier.classes[:30]) + (" …" if len(classifier.classes) > 30 else "")
        raise RunError(f"The run does not know the class {name[:60]!r}; it knows {known}.")
    return classifier.classes.index(name)


def _writable(path: Path) -> Path:
    """Return where to write; said before anything is computed.

    Raises:
        RunError: nothing can be written there.
    """
    target = path.expanduser()
    if target.is_dir():
        raise RunError(f"{target} is a folder; give --to the name of a file.")
    if not target.absolute().parent.is_dir():
        raise RunError(f"There is no folder {target.absolute().parent}; create it, or choose another file.")
    return target


def _write(target: Path, **arrays: np.ndarray) -> None:
    try:
        with replacing(target) as aside, aside.open("wb") as file:  # a name without .npz stays as it is
            np.savez(file, allow_pickle=False, **arrays)
    except OSError as error:
        raise RunError(f"{target} cannot be written ({error.strerror}); choose another file.") from error
