"""The ready lessons by the clock: the least that each takes, beside the minutes that it plans.

Each is walked in Chromium in presentation mode, from its first step to its end, and its trainings run. The
least is what cannot be shortened: its steps, questions and answers read aloud, half a minute for the class to
think about each question, each page until it stands, each training until it has ended (as if nobody spoke
meanwhile), a recorded race replayed, and in the last but one images of four people held before a camera.
The rest of the planned minutes is for what a class says.
"""

import re
import time
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, expect

from cnnlab import experiments, lessons, runs, workspace
from cnnlab.lessons import Lesson
from cnnlab.settings import RunConfig
from cnnlab.training import recipes
from tests.benchmarks.result import Result
from tests.browser import chromium
from tests.browser.test_collect import READY, film
from tests.waiting import wait_for

WORDS_A_MINUTE = 130
"""Read aloud in front of a class; talks have 100 to 150."""
THINK_SECONDS = 30.0
REPLAYED = 2.0
"""Epochs a second, as replays begin."""
PATIENCE = 120_000  # milliseconds
PEOPLE, CLASSES, IMAGES = ("Anna", "Bo", "Chen", "Dana"), ("rock", "paper", "scissors"), 30
PANEL = ".st-key-lesson_panel"
HANDS = "transfer-on-our-own-hands"
DIGITS = recipes.get("lenet5-digits").config
FEW = RunConfig(
    "baseline",
    "digits",
    epochs=40,
    image_size=16,
    channels=1,
    learning_rate=0.001,
    dropout=0.0,
    validation_fraction=0.9,
)
TRAINED = {
    "lenet-5-learns-digits": DIGITS,
    "overfitting-dropout-augmentation": FEW,
    "activations-and-vanishing-gradients": DIGITS.changed(epochs=10),
    "what-did-it-look-at": DIGITS,
}
"""What a class waits for, beside the hands: the trainings that the lessons start."""


def run() -> Iterator[Result]:
    camera = film(workspace.home() / "camera.y4m", 128)
    with (
        chromium.served(chromium.REPOSITORY / "app.py", workspace.home()) as address,
        chromium.launched(*chromium.camera_flags(camera)) as browser,
    ):
        for lesson in lessons.all_lessons().lessons:
            opening = walked(browser, address, lesson)
            waiting = trained(browser, address, lesson)
            speaking = words(lesson) / WORDS_A_MINUTE * 60
            thinking = lesson.questions * THINK_SECONDS
            replaying = sum(replay(step.bet) for step in lesson.steps if step.bet)
            parts = {
                f"{speaking:.0f} s": f"{words(lesson)} words read aloud",
                f"{thinking:.0f} s": f"{lesson.questions} questions",
                f"{opening:.1f} s": f"{len(lesson.steps)} steps opened",
                f"{waiting:.0f} s": "training" + (" and collecting" if lesson.name == HANDS else ""),
                f"{replaying:.0f} s": "a recorded race",
            }
            yield Result(
                f"lesson: {lesson.title}",
                "min",
                "; ".join(f"{what} {took}" for took, what in parts.items()),
                (speaking + thinking + opening + waiting + replaying) / 60,
                other_is=f"planned for its {len(lesson.steps)} steps",
                other=lesson.minutes,
                ratio_at_most=1.0,
            )


def words(lesson: Lesson) -> int:
    """Return how many words a teacher reads aloud who reads all of it."""
    texts = [lesson.about]
    for step in lesson.steps:
        texts += [step.title, step.text]
        texts += [text for question in step.questions for text in (question.text, question.answer)]
    return sum(len(re.findall(r"[\w’'.,%×-]*\w[\w’'.,%×-]*", text)) for text in texts)


def replay(name: str) -> float:
    """Return the seconds that the recorded result of an experiment plays."""
    known = experiments.recording(name)
    if known is None:
        raise RuntimeError(f"{name} has no recorded result")
    return max(len(curve.epochs["epoch"]) for side in known.results.sides for curve in side.curves) / REPLAYED


def walked(browser: Browser, address: str, lesson: Lesson) -> float:
    """Go through the steps with Next; return the seconds until their pages stood."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/lessons?about={lesson.name}&present=1")
    seconds = 0.0
    page.locator(f".st-key-begin-{lesson.name} button").wait_for()
    for number in range(1, len(lesson.steps) + 1):
        began = time.perf_counter()
        key = "lesson_next" if number > 1 else f"begin-{lesson.name}"
        page.locator(f".st-key-{key} button").click()
        expect(page.locator(PANEL)).to_contain_text(f"Step {number} of", timeout=PATIENCE)
        chromium.wait_until_still(page, PATIENCE)
        seconds += time.perf_counter() - began - 0.5  # it stood still for that long
    page.close()
    return seconds


def trained(browser: Browser, address: str, lesson: Lesson) -> float:
    """Collect and train what the lesson collects and trains; return the seconds."""
    began = time.perf_counter()
    if lesson.name == HANDS:
        collected(browser, address)
    elif config := TRAINED.get(lesson.name):
        finished(runs.create(config))
    return time.perf_counter() - began if lesson.name in {HANDS, *TRAINED} else 0.0


def finished(run: runs.Run) -> None:
    wait_for(lambda: not run.status().is_active, 900)
    if run.status().state != "finished":
        raise RuntimeError(f"{run.id}: {run.status().message}")


def collected(browser: Browser, address: str) -> None:
    """Hold images of four people and three classes before the camera, and press Train now."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, permissions=["camera"])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{address}/collect")
    names = page.get_by_role("textbox", name="Class names, comma-separated")
    names.fill(", ".join(CLASSES))
    names.press("Enter")
    for person in PEOPLE:
        field = page.get_by_role("textbox", name="Person (group)")
        field.fill(person)
        field.press("Enter")
        for name in CLASSES:
            hold(page, name)
    page.get_by_role("button", name="Train now").click()
    page.wait_for_url("**/train?run=*", timeout=PATIENCE)
    finished(runs.get(page.url.partition("run=")[2].partition("&")[0]))
    context.close()


def hold(page: Page, class_name: str) -> None:
    """Hold the button of a class as long as so many images take, five a second; wait until all are saved."""
    page.wait_for_function(READY, timeout=PATIENCE)
    button = page.locator(f'.cnnlab-capture button[data-label="{class_name}"]')
    expect(button).to_be_enabled(timeout=PATIENCE)
    button.focus()
    page.keyboard.down("Space")
    page.wait_for_timeout(IMAGES / 5 * 1000)
    page.keyboard.up("Space")
    told = page.locator(".cnnlab-capture .told")
    expect(told).to_have_text(re.compile(r"\d+ taken, all saved"), timeout=PATIENCE)
