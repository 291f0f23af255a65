"""Scrolls the dataframe above to a row: the browser alone can."""

from cnnlab.ui.own_component import own_component


def scroll_to_row(row: int, pixels: int, key: str) -> None:
    """Bring a row of the dataframe above into view, if it is not; ``pixels`` is the height of each row."""
    own_component("cnnlab_scroll", "scroll_to_row")(data={"row": row, "pixels": pixels}, key=key, height=1)
