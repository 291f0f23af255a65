// What surrounds every page. Streamlit calls the default export whenever the page has been drawn again, with
// { kept, language, presenting, following }: what stays in the address, the language of the page, and what the
// two other scripts take.
//
// It folds the sidebar when the app is opened on a small screen: a projector of 1024 pixels, not a phone, where
// Streamlit does so itself. Whoever unfolds it keeps it unfolded.

import { follow } from "./following.js";
import { present } from "./presenting.js";

const NARROW = 1200; // CSS pixels
const ROOMY = 1800; // there is room for a lesson beside sidebar and page
const PATIENCE = 40; // looks, 50 ms apart
let done = false;
let folded = false; // whether a lesson has folded it

// Arguments that stay in the address. Pages write their own address whole, links name what they need and no more,
// and all of it passes through the history: there what is missing is added. What an address says itself is right.
// It costs no request, and no entry in the history.
let kept = {};
const TOGETHER = [["lesson", "lesson_step"], ["present"], ["follow"], ["lang"]];

function added(url) {
  const whole = new URL(url ?? location.href, location.href);
  if (whole.origin !== location.origin) return url;
  for (const name of Object.keys(kept)) kept[name] = whole.searchParams.get(name) ?? kept[name];
  const more = new URLSearchParams(missing(whole)).toString();
  if (!more) return url;
  return `${whole.pathname}${whole.search ? `${whole.search}&` : "?"}${more}${whole.hash}`;
}

// Returns what of the kept arguments an address lacks, [[name, value], ...].
function missing(address) {
  const groups = TOGETHER.filter((names) => !names.some((name) => address.searchParams.has(name)));
  return groups.flat().filter((name) => name in kept).map((name) => [name, kept[name]]);
}

function keep(wanted) {
  const before = Object.keys(kept);
  kept = { ...wanted };
  if (!window.cnnlabKeepsAddress) {
    window.cnnlabKeepsAddress = true;
    for (const name of ["pushState", "replaceState"]) {
      const usual = history[name];
      history[name] = function (state, title, url) {
        return usual.call(history, state, title, url == null ? url : added(url));
      };
    }
  }
  const now = new URL(location.href);
  const gone = before.filter((name) => !(name in kept) && now.searchParams.has(name));
  for (const name of gone) now.searchParams.delete(name);
  const query = now.searchParams.toString().replaceAll("%2C", ",");
  if (gone.length || missing(now).length) history.replaceState(history.state, "", `${now.pathname}${query && "?"}${query}${now.hash}`);
}

// Who leaves a mode: the server takes it out of the address, and it stays out.
document.addEventListener("cnnlab-leaves", ({ detail }) => delete kept[detail]);
window.addEventListener("click", ({ target }) => target.closest?.(".st-key-follow_leave") && delete kept.follow, true);

export default function ({ data, setTriggerValue }) {
  present(data.presenting, () => setTriggerValue("left", true));
  follow(data.following, (token) => setTriggerValue("lead", token));
  const opens = !("lesson" in kept);
  keep(data.kept);
  document.documentElement.lang = data.language;
  const hasLesson = "lesson" in kept;
  if (hasLesson && opens && window.innerWidth < ROOMY) {
    folded = fold(); // the lesson takes that place
  } else if (!hasLesson && folded) {
    folded = false;
    if (window.innerWidth >= NARROW) document.querySelector('[data-testid="stExpandSidebarButton"]')?.click();
  }
  if (done) return;
  done = true;
  if (window.innerWidth < NARROW) fold();
}

function fold() {
  const sidebar = document.querySelector('[data-testid="stSidebar"]');
  const wasOpen = !sidebar || sidebar.getBoundingClientRect().right > 100;
  let looks = 0;
  (function look() {
    const sidebar = document.querySelector('[data-testid="stSidebar"]');
    const button = document.querySelector('[data-testid="stSidebarCollapseButton"] button');
    if (button && sidebar.getBoundingClientRect().right > 100) button.click();
    else if (++looks < PATIENCE) setTimeout(look, 50);
  })();
  return wasOpen;
}
