"""``datasets`` and ``recipes``: what there is to train on, and settings that are known to work."""

import argparse
from dataclasses import asdict
from typing import Any

from cnnlab import datasets
from cnnlab.cli.output import Answer, ProgressBar, table
from cnnlab.settings.declaration import named_values
from cnnlab.training import recipes

NAMES_SHOWN = 10
ROLES = {
    "train": "training set",
    "validation": "validation set",
    "test": "test set",
    "unlabelled": "skipped (no classes)",
    "unused": "skipped",
}


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    listing = verbs.add_parser("datasets", help="list the datasets, or check one")
    listing.add_argument(
        "dataset", metavar="D", nargs="?", help="check this one for unreadable images and duplicates"
    )
    listing.set_defaults(verb=_datasets)
    verbs.add_parser("recipes", help="list the recipes").set_defaults(verb=_recipes)


def _datasets(arguments: argparse.Namespace) -> Answer:
    if arguments.dataset:
        return _check(arguments.dataset)
    ready = {info: datasets.is_ready(info.name) for info in datasets.catalogue()}
    rows = [
        (info.name, info.images, len(info.classes), _need(info, is_ready), info.summary)
        for info, is_ready in ready.items()
    ]
    document = [asdict(info) | {"ready": is_ready} for info, is_ready in ready.items()]
    return Answer(document, table(("name", "images", "classes", "download", "what"), rows))


def _check(name: str) -> Answer:
    info = datasets.get(name)
    with ProgressBar() as bar:
        found = datasets.check(name, bar)
    lines = [f"{info.title}: {found.usable:,} images usable."]
    if info.parts:
        rows = [(part.folder, ROLES[part.role], part.images, len(part.classes)) for part in info.parts]
        lines.append(table(("folder", "used as", "images", "classes"), rows))
    lines.append(table(("class", "images"), list(found.classes.items())))
    for finding in found.findings:
        lines.append("\n".join((finding.sentence, *(f"  {name}" for name in finding.names[:NAMES_SHOWN]))))
        if (more := len(finding.names) - NAMES_SHOWN) > 0:
            lines[-1] += f"\n  and {more:,} more"
    if not found.findings:
        lines.append(f"No problems found in {found.usable:,} images.")
    return Answer(asdict(info) | {"ready": True, "report": asdict(found)}, "\n\n".join(lines))


def _need(info: datasets.DatasetInfo, ready: bool) -> str:
    return "ready" if ready else f"{info.download_mb:.0f} MB"


def _recipes(_: argparse.Namespace) -> Answer:
    rows = [
        (recipe.name, recipe.config.architecture, recipe.config.dataset, recipe.config.epochs, recipe.summary)
        for recipe in recipes.list_recipes()
    ]
    document = [asdict(recipe) | {"config": named_values(recipe.config)} for recipe in recipes.list_recipes()]
    return Answer(document, table(("name", "network", "dataset", "epochs", "what"), rows))
