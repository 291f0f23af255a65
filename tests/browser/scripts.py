"""The scripts of the concepts in a page of their own, without a server: called with NumPy arrays."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, Route

from cnnlab.ui.own_component import FRONTEND

ADDRESS = "http://scripts.test"

RUN = """async ([module, calls]) => {
    const found = await import(module);
    const functions = found.arithmetic ?? found;
    const { arithmetic } = await import("/arithmetic.js");
    const revived = (key, value) =>
        value && value.shape && value.data ? { ...value, data: Float64Array.from(value.data) } : value;
    const plain = (key, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
    const ready = (value) => (value?.generator ? arithmetic.randomOf(value.generator) : value);
    const call = ([name, ...given]) => functions[name](...given.map(ready));
    const results = JSON.parse(calls, revived).map(call);
    return JSON.stringify(results, plain);
}"""


class Scripts:
    """A page that can import the scripts of ``frontend``."""

    def __init__(self, page: Page):
        self.page = page

    def run(self, calls: list[tuple], module: str = "arithmetic.js") -> list:
        """Return the results of many calls ``(name, arguments…)`` of functions that a script exports.

        An array goes and comes as a tensor, numbers come as an array; ``{"generator": seed}`` becomes one.
        """
        results = self.page.evaluate(RUN, [f"/{module}", json.dumps(calls, default=_sent)])
        return [_arrays(result) for result in json.loads(results)]


@contextmanager
def opened(browser: Browser) -> Iterator[Scripts]:
    """Yield a page at an address from which only the scripts can be fetched."""
    page = browser.new_page()

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS).lstrip("/")
        body = (FRONTEND / name).read_text("utf-8") if name.endswith(".js") else "<!doctype html>"
        kind = "text/javascript" if name.endswith(".js") else "text/html"
        route.fulfill(body=body, content_type=f"{kind}; charset=utf-8")

    page.route(f"{ADDRESS}/**", answer)
    page.goto(ADDRESS)
    yield Scripts(page)
    page.close()


def _sent(value: object) -> object:
    if isinstance(value, np.ndarray):
        return {"shape": value.shape, "data": value.ravel().tolist()}
    return value.tolist()  # a NumPy number


def _arrays(result: Any) -> Any:
    if isinstance(result, dict):
        if set(result) == {"shape", "data"}:
            return np.array(result["data"], float).reshape(result["shape"])
        return {name: _arrays(value) for name, value in result.items()}
    if isinstance(result, list) and result:
        numbers = all(isinstance(value, int | float) for value in result)
        return np.array(result) if numbers else [_arrays(value) for value in result]
    return result
