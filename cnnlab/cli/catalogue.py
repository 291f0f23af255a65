"""``datasets`` and ``recipes``: what there is to train on, and settings that are known to work."""

import argparse
from dataclasses import asdict
from typing import Any

from cnnlab import datasets
from cnnlab.cli.output import Answer, table
from cnnlab.training import recipes


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    verbs.add_parser("datasets", help="list the datasets").set_defaults(verb=_datasets)
    verbs.add_parser("recipes", help="list the recipes").set_defaults(verb=_recipes)


def _datasets(_: argparse.Namespace) -> Answer:
    ready = {info: datasets.is_ready(info.name) for info in datasets.catalogue()}
    rows = [
        (info.name, info.images, len(info.classes), _need(info, is_ready), info.summary)
        for info, is_ready in ready.items()
    ]
    document = [asdict(info) | {"ready": is_ready} for info, is_ready in ready.items()]
    return Answer(document, table(("name", "images", "classes", "needs", "what"), rows))


def _need(info: datasets.DatasetInfo, ready: bool) -> str:
    return "nothing" if ready else f"{info.download_mb:.0f} MB"


def _recipes(_: argparse.Namespace) -> Answer:
    rows = [
        (recipe.name, recipe.config.architecture, recipe.config.dataset, recipe.config.epochs, recipe.summary)
        for recipe in recipes.all()
    ]
    document = [asdict(recipe) for recipe in recipes.all()]
    return Answer(document, table(("name", "network", "dataset", "epochs", "what"), rows))
