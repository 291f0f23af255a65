// Asks the server for a word every few seconds, and tells the page when it is not the one it was drawn with.
//
// Streamlit calls the default export whenever the page has been drawn again, with the word of that drawing.
// A tab that nobody looks at does not ask; when it is looked at again it asks at once.

const ADDRESS = new URL("../../../cnnlab/pulse", import.meta.url);
const TELL_AGAIN = 5000; // milliseconds: what was told may have been lost while the page ran
const PATIENCE = 5; // looks at a place that is off the page, perhaps for a moment
const APART = 20; // milliseconds between two parts of the page that are told
const all = new Set(); // listeners on the page
let told = Promise.resolve(); // once the last part that was told is on its way
const listeners = new WeakMap(); // parentElement -> { of, word, seconds, tell, timer, told, toldAt, asking }

export default function ({ data, parentElement, setTriggerValue }) {
  const listener = listeners.get(parentElement) ?? begin(parentElement);
  Object.assign(listener, data, { tell: setTriggerValue });
  return () => parentElement.isConnected || end(listener);
}

function begin(parentElement) {
  const listener = { parentElement, ended: false, missed: 0, asking: false, toldAt: -Infinity };
  listeners.set(parentElement, listener);
  all.add(listener);
  const next = () => {
    listener.timer = setTimeout(async () => {
      listener.missed = parentElement.isConnected ? 0 : listener.missed + 1;
      if (listener.missed > PATIENCE) return end(listener);
      if (!listener.missed && !document.hidden) await ask(listener);
      if (!listener.ended) next();
    }, (listener.seconds ?? 2) * 1000);
  };
  listener.wake = () => document.hidden || ask(listener);
  document.addEventListener("visibilitychange", listener.wake);
  queueMicrotask(next); // once `seconds` is known
  return listener;
}

// A place that comes back onto the page begins anew.
function end(listener) {
  listener.ended = true;
  all.delete(listener);
  listeners.delete(listener.parentElement);
  clearTimeout(listener.timer);
  document.removeEventListener("visibilitychange", listener.wake);
}

async function ask(listener, spread = true) {
  if (listener.asking) return;
  listener.asking = true;
  try {
    const question = new URLSearchParams({ of: listener.of });
    if (listener.waits) question.set("known", listener.word); // the server answers once there is news
    const answer = await fetch(`${ADDRESS}?${question}`, { cache: "no-store" });
    if (!answer.ok || !answer.headers.get("content-type")?.startsWith("text/plain")) return;
    const word = await answer.text();
    const news = word !== listener.told || performance.now() - listener.toldAt > TELL_AGAIN;
    if (word !== listener.word && news) {
      if (knownElsewhere(listener.of, word)) {
        listener.word = word;
        return;
      }
      listener.told = word;
      listener.toldAt = performance.now();
      told = told.then(() => tellAlone(listener, word));
      if (spread) for (const other of all) if (other !== listener) ask(other, false); // no part lags behind
    }
  } catch {
    // the server is away: the next question will find it, or Streamlit says so itself
  } finally {
    listener.asking = false;
  }
}

// A scene that can show the news by itself says so; then the page need not run.
function knownElsewhere(of, word) {
  return !document.dispatchEvent(new CustomEvent("cnnlab-news", { detail: { of, word }, cancelable: true }));
}

// Of parts that are told within one turn of the event loop Streamlit runs the first one alone: each has its own.
// This promise is always kept: what cannot be told now is told again with the next question.
function tellAlone(listener, word) {
  try {
    if (!listener.ended) listener.tell("changed", word);
  } catch {
    listener.toldAt = -Infinity;
  }
  return new Promise((done) => setTimeout(done, APART));
}
