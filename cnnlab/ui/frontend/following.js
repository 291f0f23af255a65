// Watch with me: the shared tab of the teacher tells the server its address whenever that changes; in the tab of
// a follower nothing of the page takes a click or a key.
//
// Called whenever the page has been drawn again, with { follows, token, shared } and whom to tell a kept token. A
// token says that this tab is the one that is shared; it is kept while the tab is, over reloads.

const ROOT = new URL("../../../", import.meta.url);
const EVERY = 400; // milliseconds
const KEPT = "cnnlab-shared-tab";
const CONTROL =
  "a, button, input, select, textarea, canvas, [contenteditable], [role=button], [role=combobox], [role=slider], [role=radio], [role=switch], [role=grid], [role=tree], [tabindex='0']";
const ALLOWED = ".st-key-following *, summary, summary *, [role=tab], [role=tab] *";
const MOVES = ["Tab", "PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown", "Escape"];
let state = { follows: false, token: "", shared: false };
let told = "";
let asking = false;

export function follow(data, lead) {
  state = data;
  if (data.token) sessionStorage.setItem(KEPT, data.token);
  else if (data.shared && sessionStorage.getItem(KEPT)) lead(take());
  else if (!data.shared) sessionStorage.removeItem(KEPT);
}

function take() {
  const token = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT); // asked once: the server gives it back if it is still the right one
  return token;
}

async function report() {
  const here = location.pathname.slice(ROOT.pathname.length) + location.search;
  if (!state.token || asking || here === told) return;
  asking = true;
  try {
    const answer = await fetch(new URL("cnnlab/screen", ROOT), { method: "POST", body: `${state.token}\n${here}` });
    told = here;
    if (answer.status === 409) state.token = "";
  } catch {
    // the server is away; the next look finds it
  } finally {
    asking = false;
  }
}
setInterval(report, EVERY);

function refuse(event) {
  if (!state.follows || !event.isTrusted) return;
  const at = event.target;
  if (at.closest?.(ALLOWED)) return;
  if (event.type === "keydown" && (MOVES.includes(event.key) || event.ctrlKey || event.metaKey)) {
    event.stopImmediatePropagation(); // a scene would step; the page still scrolls
    if (at.closest?.(CONTROL) && event.key !== "Tab") event.preventDefault();
    return;
  }
  event.stopImmediatePropagation();
  if (event.type !== "touchstart") event.preventDefault();
}
for (const type of ["click", "dblclick", "pointerdown", "mousedown", "touchstart", "keydown", "beforeinput", "input", "change", "paste", "drop"])
  window.addEventListener(type, refuse, { capture: true, passive: false });
