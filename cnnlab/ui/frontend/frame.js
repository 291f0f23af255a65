// Folds the sidebar when the app is opened on a small screen: a projector of 1024 pixels, not a phone, where
// Streamlit does so itself. Whoever unfolds it keeps it unfolded.

const NARROW = 1200; // CSS pixels
const ROOMY = 1800; // there is room for a lesson beside sidebar and page
const PATIENCE = 40; // looks, 50 ms apart
let done = false;
let folded = false; // whether a lesson has folded it

// Arguments that stay in the address while a lesson is open. Pages write their own address whole, links name what
// they need and no more, and all of it passes through the history: there what is missing is added. An address
// that has one of them itself is right. It costs no request, and no entry in the history.
let kept = {};
const OURS = ["lesson", "lesson_step"];

function added(url) {
  const whole = new URL(url ?? location.href, location.href);
  if (whole.origin !== location.origin) return url;
  if (OURS.some((name) => whole.searchParams.has(name))) {
    for (const name of Object.keys(kept)) kept[name] = whole.searchParams.get(name) ?? kept[name];
    return url;
  }
  const more = new URLSearchParams(kept).toString();
  if (!more) return url;
  return `${whole.pathname}${whole.search ? `${whole.search}&` : "?"}${more}${whole.hash}`;
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
  const lacks = Object.keys(kept).length && !OURS.some((name) => now.searchParams.has(name));
  if (gone.length || lacks) history.replaceState(history.state, "", `${now.pathname}${query && "?"}${query}${now.hash}`);
}

export default function ({ data }) {
  const opens = !Object.keys(kept).length;
  keep(data?.kept ?? {});
  const hasLesson = Object.keys(kept).length > 0;
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
