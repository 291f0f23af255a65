// Presentation mode in the browser: a clicker turns the steps of a lesson, Escape ends the mode.
//
// Called whenever the page has been drawn again, with { on, leave, key } and whom to tell that it has ended.

const STEPS = {
  ArrowRight: "lesson_next",
  PageDown: "lesson_next",
  ArrowLeft: "lesson_back",
  PageUp: "lesson_back",
};
const TEXT = "textarea, [contenteditable=true], input:not([type=range], [type=checkbox], [type=radio], [type=button])";
// What uses arrows itself while it has the focus; keys.js of the concepts says the same of their scenes.
const ARROWS =
  "input, select, [role=slider], [role=combobox], [role=listbox], [role=option], [role=tab], [role=radio], [role=menu], [role=tree], [role=grid]";
const OPEN = "[role=dialog], [role=listbox], [role=menu], [data-testid=stPopoverBody]";
const SCENE = ".cnnlab-concept .player"; // steps with arrows wherever the focus is
let shown = { on: false };
let tell = null;
let button = null;
let overlay = false; // whether something was open when the key went down

export function present(data, left) {
  shown = data;
  tell = left;
  showButton();
}

// Before any widget hears of it: a slider that was touched last would take the keys of a clicker.
window.addEventListener(
  "keydown",
  (event) => {
    overlay = Boolean(document.querySelector(OPEN));
    if (!isOurs(event) || !event.key.startsWith("Page")) return;
    if (press(STEPS[event.key])) take(event);
  },
  true,
);

// After all of them: what a widget or a scene has taken is theirs.
window.addEventListener("keydown", (event) => {
  if (!isOurs(event) || event.defaultPrevented) return;
  if (event.key === "Escape") return leave();
  if (!event.key.startsWith("Arrow") || event.target.closest?.(ARROWS) || document.querySelector(SCENE)) return;
  if (STEPS[event.key] && press(STEPS[event.key])) take(event);
});

function isOurs(event) {
  if (!shown.on || overlay || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
  return !event.target.closest?.(TEXT);
}

function take(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

// Returns whether there is such a button: a key that is held down presses it once.
let held = false;
window.addEventListener("keyup", () => (held = false), true);
function press(name) {
  const found = document.querySelector(`.st-key-${name} :is(button, a)`);
  if (found && !found.disabled && !held) {
    held = true;
    found.click();
    setTimeout(() => (held = false), 250);
  }
  return Boolean(found);
}

function leave() {
  shown = { ...shown, on: false };
  document.dispatchEvent(new CustomEvent("cnnlab-leaves", { detail: "present" }));
  showButton();
  tell?.();
}

function showButton() {
  if (!shown.on) {
    button?.remove();
    button = null;
  } else if (!button) {
    button = Object.assign(document.createElement("button"), { type: "button", className: "cnnlab-leave" });
    button.addEventListener("click", leave);
    document.body.append(button);
  }
  if (button) {
    button.textContent = "✕";
    button.title = `${shown.leave} (${shown.key})`;
    button.setAttribute("aria-label", shown.leave);
  }
}
