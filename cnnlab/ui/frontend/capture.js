// Films a square and sends its frames to a class: one for a tap on its button, several a second while it is held.
//
// capture.py joins this file to outbox.js, which sees to it that no frame is lost or doubled on its way, and to
// camera.js, which shows and takes the same square.

const PIXELS = 224;
const QUALITY = 0.9;
const BURST_MILLISECONDS = 200;
const SEND_MILLISECONDS = 1000;
const captures = new WeakMap(); // parentElement -> capture
let words = {}; // what is said here, in the language of the page; nothing in English

const t = (text, values = {}) =>
  (words[text] || text).replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));

export default function ({ data, parentElement, setTriggerValue }) {
  words = data.words ?? {};
  const capture = captures.get(parentElement) ?? mount(parentElement, data);
  capture.data = data;
  capture.client.post = (batch) => setTriggerValue("frames", batch);
  acknowledge(capture.client, data.received);
  draw(capture);
  // Streamlit also calls this when newer data overtake this call: then the camera is still in use.
  return () => capture.node.isConnected || unmount(capture);
}

function mount(parentElement, data) {
  const node = document.createElement("div");
  node.className = "cnnlab-capture";
  node.innerHTML = `
    <div class="cnnlab-camera"></div>
    <div class="choices" role="group"></div>
    <p class="told" aria-live="polite"></p>`;
  parentElement.append(node);
  const capture = { node, data, client: clientOf(data.name), last: null, held: null, taken: 0, timer: null };
  for (const name of ["choices", "told"]) capture[name] = node.querySelector(`.${name}`);
  captures.set(parentElement, capture);
  const view = node.querySelector(".cnnlab-camera");
  const label = t("The camera; the whole square is taken");
  capture.camera = newCamera(view, label, () => draw(capture), data.camera);
  listen(capture);
  capture.clock = setInterval(() => tick(capture), SEND_MILLISECONDS);
  return capture;
}

function unmount(capture) {
  release(capture);
  clearInterval(capture.clock);
  document.removeEventListener("keydown", capture.keydown);
  document.removeEventListener("keyup", capture.keyup);
  window.removeEventListener("blur", capture.blur);
  closeCamera(capture.camera);
}

function choice({ data }, label) {
  return data.choices.find((one) => one.label === label);
}

function shoot(capture) {
  const { camera, client } = capture;
  const chosen = choice(capture, capture.held);
  if (!isReady(camera) || client.waiting.length >= MOST_WAITING || !chosen) return;
  const jpeg = frameOf(camera, PIXELS).toDataURL("image/jpeg", QUALITY).split(",")[1];
  client.last += 1;
  client.waiting.push({ number: client.last, target: chosen.target, jpeg });
  capture.taken += 1;
  flash(camera);
  draw(capture);
}

function hold(capture, label) {
  if (capture.timer || !isReady(capture.camera) || !choice(capture, label)) return;
  capture.held = capture.last = label;
  capture.taken = 0;
  shoot(capture);
  send(capture.client);
  capture.timer = setInterval(() => burst(capture), BURST_MILLISECONDS);
  draw(capture);
}

function burst(capture) {
  if (!capture.node.isConnected) return unmount(capture);
  if (!choice(capture, capture.held)) return release(capture); // renamed or deleted meanwhile
  shoot(capture);
  if (capture.client.waiting.length >= BATCH / 2) send(capture.client);
}

function release(capture) {
  if (!capture.timer) return;
  clearInterval(capture.timer);
  capture.timer = capture.held = null;
  send(capture.client);
  draw(capture);
}

function tick(capture) {
  if (!capture.node.isConnected) return unmount(capture);
  send(capture.client);
}

const ELSEWHERE = "input, textarea, select, [contenteditable=true], [role=dialog] *, button, a, [role=radio], summary";

function listen(capture) {
  const { choices } = capture;
  const buttonOf = (event) => event.target.closest?.(".choices button");
  choices.addEventListener("pointerdown", (event) => {
    const button = buttonOf(event);
    if (!button || event.button) return;
    event.preventDefault();
    button.focus({ preventScroll: true });
    button.setPointerCapture(event.pointerId);
    hold(capture, button.dataset.label);
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"])
    choices.addEventListener(name, () => release(capture));
  choices.addEventListener("contextmenu", (event) => event.preventDefault());
  choices.addEventListener("click", (event) => {
    const button = buttonOf(event);
    if (button && event.detail === 0 && !capture.timer) hold(capture, button.dataset.label), release(capture); // a screen reader
  });
  capture.keydown = (event) => {
    const own = choices.contains(event.target) && event.target.dataset.label;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(event.code === "Space" || (own && event.code === "Enter"))) return;
    if (!own && event.target.closest?.(ELSEWHERE)) return;
    event.preventDefault();
    if (!event.repeat) hold(capture, own || capture.last || capture.data.choices[0]?.label);
  };
  capture.keyup = (event) => {
    if (event.code !== "Space" && event.code !== "Enter") return;
    if (choices.contains(event.target)) event.preventDefault(); // else it would click as well
    release(capture);
  };
  capture.blur = () => release(capture);
  document.addEventListener("keydown", capture.keydown);
  document.addEventListener("keyup", capture.keyup);
  window.addEventListener("blur", capture.blur);
}

function draw(capture) {
  const { data, client, camera, choices, told } = capture;
  if (!camera) return; // while it is made
  capture.node.classList.toggle("held", Boolean(capture.timer));
  choices.setAttribute("aria-label", t("Hold to collect"));
  const labels = JSON.stringify([data.choices.map((one) => one.label), words]);
  if (choices.dataset.labels !== labels) {
    choices.dataset.labels = labels;
    choices.replaceChildren(...data.choices.map(buttonFor));
  }
  data.choices.forEach((one, index) => drawButton(capture, one, choices.children[index]));
  const unsaved = client.waiting.length;
  const counts = { taken: capture.taken, unsaved };
  const state = unsaved ? t("{taken} taken, {unsaved} on their way", counts) : t("{taken} taken, all saved", counts);
  told.textContent = capture.taken ? state : data.hint;
}

function drawButton({ client, camera, held }, one, button) {
  const count = one.count + client.waiting.filter((frame) => frame.target === one.target).length;
  button.lastChild.textContent = count === 1 ? t("1 image") : t("{count} images", { count });
  button.disabled = !isReady(camera);
  button.classList.toggle("held", one.label === held);
  const what = { name: one.label, images: button.lastChild.textContent };
  button.setAttribute("aria-label", t("Hold to collect {name}: {images}", what));
}

function buttonFor(one) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.label = one.label;
  button.append(document.createElement("b"), document.createElement("span"));
  button.firstChild.textContent = t("Hold: {name}", { name: one.label });
  button.title = one.label;
  return button;
}
