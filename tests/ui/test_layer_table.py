"""Clicks on the layer table, as browsers report them."""

from types import SimpleNamespace

import pytest

from cnnlab.ui.architecture import layer_table

LINES = [layer_table.Line(SimpleNamespace(name=name)) for name in ("image", "conv1", "pool1", "conv2")]


@pytest.fixture
def click(monkeypatch: pytest.MonkeyPatch):
    state, chosen = {}, ["conv1"]
    monkeypatch.setattr(layer_table, "st", SimpleNamespace(session_state=state))

    def click(rows: list[int], cells: list[tuple[int, str]]) -> str:
        state[layer_table.KEY] = {"selection": {"rows": rows, "columns": [], "cells": cells}}
        layer_table._take_click(LINES, chosen[-1], lambda name, turned: chosen.append(name))
        return chosen[-1]

    return click


def test_a_click_on_a_cell_or_on_the_mark_of_a_row_chooses_it(click):
    assert click([1], [(3, "Output")]) == "conv2"
    assert click([2], []) == "pool1"
    assert click([], []) == "pool1"


def test_the_row_just_left_that_a_browser_reports_once_more_is_not_chosen_again(click):
    assert click([1], [(3, "Output")]) == "conv2"
    assert click([1], []) == "conv2"
    assert click([1], []) == "conv1"  # whoever insists gets it
