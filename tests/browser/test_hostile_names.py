"""Names that are meant to harm, on every page of a browser: no script of theirs runs, nobody is asked."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from cnnlab import datasets, runs
from cnnlab.datasets.own import library as own_datasets
from cnnlab.settings import RunConfig
from cnnlab.training import own_recipes
from tests.browser import chromium
from tests.fuzz.doors import small_images
from tests.long import LONG
from tests.pages.conftest import give_weights, say

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000
STRANGER = "stranger.example"
HARM = "window.harmed=1"
NAMES = (
    f"<img src=x onerror={HARM}>",
    f"<script>{HARM}</script><svg onload={HARM}>",
    f"![](https://{STRANGER}/a.png) [a](javascript:{HARM})",
    f"<a href='https://{STRANGER}'>b</a> https://{STRANGER}/c www.{STRANGER}",
    f"\"><iframe src='https://{STRANGER}/d'></iframe> `{{{{constructor}}}}` $\\href{{https://{STRANGER}}}{{x}}$",
    f":material/home: :red[x] :color[z]{{background=url(https://{STRANGER}/e)}} <style>@import 'https://{STRANGER}/f'",
    "\u202eevil\u2066 \x1b[2J\x07 \u200f",
)
EVERY_NAME = " ".join(NAMES)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, needs_chromium: None) -> Iterator[tuple[str, str]]:
    """Serve a workspace in which everything bears such a name; give its address and the id of a run."""
    home: Path = tmp_path_factory.mktemp("named")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(home))
        first = ""
        for number, name in enumerate((*NAMES, EVERY_NAME)):
            run = runs.create(RunConfig("lenet5", "hands"))
            give_weights(run)
            facts = json.loads((run.folder / "model.json").read_text())
            facts |= {
                "classes": [*NAMES, "7", "8", "9"],
                "split": {"train": 9, "validation": 3},
                "note": EVERY_NAME,
            }
            (run.folder / "model.json").write_text(json.dumps(facts))
            row = {"kind": "epoch", "epoch": 1, "step": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.0}
            (run.folder / "metrics.jsonl").write_text(
                json.dumps(row | {"val_accuracy": 0.5, "seconds": 1}) + "\n"
            )
            said = {"message": name, "device": name, "best_epoch": 1, "best_val_accuracy": 0.5}
            say(run, "finished", epoch=1, epochs=1, **said)
            (run.folder / "notes.json").write_text(
                json.dumps({"name": name, "text": EVERY_NAME, "starred": True})
            )
            first = first or run.id
            if number < 2:
                recipe = own_recipes.save(f"Recipe {number}", RunConfig("lenet5", "digits"))
                path = own_recipes.SHELF.path(recipe.name)
                path.write_text(json.dumps(json.loads(path.read_text()) | {"title": name}))
        files = [
            (f"{name.replace('/', ' ')}/{i}.png", small_images()[i % 2]) for name in NAMES for i in range(3)
        ]
        datasets.import_files("hands", files)
        facts_file = own_datasets.SHELF.path("hands") / "dataset.json"
        known = json.loads(facts_file.read_text())
        odd = {
            "title": EVERY_NAME,
            "source": EVERY_NAME,
            "left_out": [["odd", f"{EVERY_NAME}.", list(NAMES)]],
        }
        names = {folder: NAMES[n % len(NAMES)] for n, folder in enumerate(known.get("names", {}))}
        facts_file.write_text(json.dumps(known | odd | {"names": names or known.get("names", {})}))
    with chromium.served(chromium.REPOSITORY / "app.py", home) as address:
        yield address, first


@pytest.fixture
def watched(browser: Browser, place: tuple[str, str]) -> Iterator[Page]:
    """A page that nothing reaches but the app, and that knows what was tried."""
    own = urlsplit(place[0]).netloc
    asked: list[str] = []

    def only_ours(route: Route) -> None:
        if urlsplit(route.request.url).netloc == own or route.request.url.startswith(("data:", "blob:")):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.route("**/*", only_ours)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    page.on("websocket", lambda socket: urlsplit(socket.url).netloc == own or asked.append(socket.url))
    yield page
    assert not page.evaluate("() => window.harmed")
    assert not asked
    context.close()


def looked_at(page: Page) -> None:
    """Wait until a page is drawn, and look for what would ask a stranger when it is clicked."""
    page.locator("h1").first.wait_for()
    page.wait_for_function(
        "!document.querySelector('[data-testid=stSkeleton], [data-testid=stStatusWidget]')"
    )
    page.wait_for_timeout(700)  # what is drawn late may ask late
    assert page.locator("[data-testid=stException]").count() == 0
    found = page.evaluate(
        """stranger => [...document.querySelectorAll("a, img, iframe, script, link, object, use, image")]
            .map(e => e.getAttribute("href") || e.getAttribute("src") || e.getAttribute("xlink:href") || "")
            .filter(at => at.includes(stranger) || at.startsWith("javascript:"))""",
        STRANGER,
    )
    assert not found


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("", marks=LONG),
        "data",
        pytest.param("collect?dataset=hands", marks=LONG),
        pytest.param("concepts?concept=channels&run={run}", marks=LONG),
        pytest.param("architecture", marks=LONG),
        "train?run={run}",
        pytest.param("train", marks=LONG),
        pytest.param("runs?run={run}", marks=LONG),
        pytest.param("runs?run={run}&view=evaluation", marks=LONG),
        pytest.param("runs?run={run}&view=settings", marks=LONG),
        "classify?run={run}",
        f"train?run=<img src=x onerror={HARM}>",
        f"concepts?concept=<img src=x onerror={HARM}>&image=![](https://{STRANGER}/x)",
        f"architecture?arch=![](https://{STRANGER}/x)&layer=<svg onload={HARM}>",
    ],
)
def test_no_page_runs_what_a_name_says_or_asks_whom_it_names(
    watched: Page, place: tuple[str, str], where: str
):
    address, run = place
    watched.goto(f"{address}/{where.format(run=run)}")
    looked_at(watched)
    if where == "data":
        watched.get_by_role("combobox", name="Dataset").click()
        watched.get_by_role("option").last.click()
        looked_at(watched)
