"""The one way in which the Markdown of a lesson is shown."""

import streamlit as st


def lesson_markdown(text: str) -> None:
    """Show Markdown of a lesson; ``lessons.reading`` has refused images, HTML and links elsewhere in it."""
    st.markdown(text)
