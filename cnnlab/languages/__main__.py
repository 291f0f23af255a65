"""``python -m cnnlab.languages``: bring the catalogues up to date with the texts of the code.

New texts are added without a translation, or with the one that another catalogue has; those that are gone are
removed. ``--missing`` only counts what has no translation, for each file.
"""

import sys
from collections import defaultdict
from datetime import UTC, datetime

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from cnnlab.languages import catalogues
from cnnlab.languages.extraction import Found, catalogue_of, everything

MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""Of every file: the date in its head would differ each time, and says nothing."""


def main() -> None:
    """Write the catalogues, or count what is missing in them."""
    by_name: dict[str, list[Found]] = defaultdict(list)
    for found in everything():
        if found.text:
            by_name[catalogue_of(found.path)].append(found)
    for language in catalogues.LANGUAGES:
        if language != catalogues.ENGLISH:
            _bring_up_to_date(language, by_name)


def _bring_up_to_date(language: str, by_name: dict[str, list[Found]]) -> None:
    known = {(message.context, str(message.id)): message.string for message in catalogues.messages(language)}
    for name, texts in sorted(by_name.items()):
        path = catalogues.FOLDER / language / f"{name}.po"
        catalog = Catalog(
            locale="zh_Hans_CN", project="CNN Lab", fuzzy=False, creation_date=MADE, revision_date=MADE
        )
        for found in texts:
            key = found.text if len(found.text) > 1 else found.text[0]
            flags = {catalogues.SENTENCE} if found.is_sentence else set()
            catalog.add(
                key,
                known.get((found.context, str(key)), ""),
                locations=[(found.path, 0)],
                flags=flags,
                context=found.context,
            )
        missing = sum(1 for message in catalog if message.id and not any(catalogues.strings(message)))
        print(f"{language}/{name}.po: {len(catalog)} texts, {missing} without a translation")
        if "--missing" not in sys.argv:
            catalog.header_comment = "# What the pages of CNN Lab say."
            with path.open("wb") as file:
                write_po(file, catalog, width=100, include_lineno=False)


if __name__ == "__main__":
    main()
