// Films a square and sends its frames: one for a tap, several a second while a button or Space is held.
//
// capture.py joins this file to outbox.js, which sees to it that no frame is lost or doubled on its way.

const PIXELS = 224;
const QUALITY = 0.9;
const BURST_MILLISECONDS = 200;
const LIVE_MILLISECONDS = 1000;
const cameras = new WeakMap(); // parentElement -> camera

export default function ({ data, parentElement, setTriggerValue }) {
  const camera = cameras.get(parentElement) ?? mount(parentElement, data);
  camera.data = data;
  camera.client.post = (batch) => setTriggerValue("frames", batch);
  acknowledge(camera.client, data.received);
  draw(camera);
  // Streamlit also calls this when newer data overtake this call: then the camera is still in use.
  return () => camera.node.isConnected || unmount(camera);
}

function mount(parentElement, data) {
  const node = document.createElement("div");
  node.className = "cnnlab-capture";
  node.innerHTML = `
    <div class="view">
      <video autoplay playsinline muted></video>
      <div class="guide"></div><div class="flash"></div>
      <p class="message" role="status"></p>
      <button class="turn" type="button" title="The other camera" aria-label="The other camera" hidden>⟲</button>
    </div>
    <div class="choices" role="radiogroup" aria-label="Class"></div>
    <button class="shutter" type="button"></button>
    <p class="told" aria-live="polite"></p>`;
  parentElement.append(node);
  const camera = { node, data, client: clientOf(data.name), chosen: null, taken: 0, timer: null, facing: "user" };
  camera.parts = { video: node.querySelector("video") };
  for (const name of ["flash", "message", "turn", "choices", "shutter", "told"])
    camera.parts[name] = node.querySelector(`.${name}`);
  cameras.set(parentElement, camera);
  listen(camera);
  camera.clock = setInterval(() => tick(camera), LIVE_MILLISECONDS);
  open(camera);
  return camera;
}

function unmount(camera) {
  release(camera);
  clearInterval(camera.clock);
  document.removeEventListener("keydown", camera.keydown);
  document.removeEventListener("keyup", camera.keyup);
  window.removeEventListener("blur", camera.blur);
  close(camera);
}

async function open(camera) {
  const { video, turn } = camera.parts;
  close(camera);
  say(camera, "Opening the camera…");
  try {
    const wish = { facingMode: camera.facing, width: { ideal: 640 }, height: { ideal: 480 } };
    const stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
    if (!camera.node.isConnected) return stream.getTracks().forEach((track) => track.stop());
    video.srcObject = stream;
    await video.play();
    const devices = await navigator.mediaDevices.enumerateDevices();
    turn.hidden = devices.filter((device) => device.kind === "videoinput").length < 2;
    const facing = stream.getVideoTracks()[0]?.getSettings().facingMode;
    camera.node.classList.toggle("mirrored", facing !== "environment");
    say(camera, "");
  } catch (error) {
    say(camera, REASONS[error.name] ?? "The camera did not open; reload the page or try another browser.");
  }
  draw(camera);
}

const REASONS = {
  NotAllowedError: "The browser did not allow the camera. Allow it beside the address, then click here.",
  NotFoundError: "No camera was found. Plug one in, then click here.",
  NotReadableError: "Another program uses the camera. Close it, then click here.",
  AbortError: "The camera did not start. Click here to try again.",
};

function close(camera) {
  camera.parts.video.srcObject?.getTracks().forEach((track) => track.stop());
  camera.parts.video.srcObject = null;
}

function say(camera, text) {
  camera.parts.message.textContent = text;
  camera.parts.message.hidden = !text;
}

function isReady(camera) {
  return camera.parts.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && camera.parts.message.hidden;
}

function choice(camera) {
  return camera.data.choices.find((choice) => choice.label === camera.chosen) ?? camera.data.choices[0];
}

function shoot(camera) {
  const { video, flash } = camera.parts;
  const { client } = camera;
  if (!isReady(camera) || client.waiting.length >= MOST_WAITING || !choice(camera)) return;
  const side = Math.min(video.videoWidth, video.videoHeight);
  const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  const canvas = Object.assign(document.createElement("canvas"), { width: PIXELS, height: PIXELS });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(video, left, top, side, side, 0, 0, PIXELS, PIXELS);
  const jpeg = canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
  client.last += 1;
  client.waiting.push({ number: client.last, target: choice(camera).target, jpeg });
  camera.taken += 1;
  if (!camera.data.live) flash.animate([{ opacity: 0.6 }, { opacity: 0 }], 150);
  draw(camera);
}

function hold(camera) {
  if (camera.timer || camera.data.live || !isReady(camera)) return;
  camera.taken = 0;
  shoot(camera);
  send(camera.client);
  camera.timer = camera.data.burst ? setInterval(() => burst(camera), BURST_MILLISECONDS) : -1;
  draw(camera);
}

function burst(camera) {
  if (!camera.node.isConnected) return unmount(camera);
  shoot(camera);
  if (camera.client.waiting.length >= BATCH / 2) send(camera.client);
}

function release(camera) {
  if (!camera.timer) return;
  clearInterval(camera.timer);
  camera.timer = null;
  send(camera.client);
  draw(camera);
}

function tick(camera) {
  if (!camera.node.isConnected) return unmount(camera);
  if (camera.data.live && !camera.client.waiting.length) shoot(camera);
  send(camera.client);
}

const TYPING = "input, textarea, select, [contenteditable=true], [role=dialog] *";

function listen(camera) {
  const { shutter, message, turn, choices } = camera.parts;
  shutter.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    shutter.focus({ preventScroll: true });
    shutter.setPointerCapture(event.pointerId);
    hold(camera);
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"])
    shutter.addEventListener(name, () => release(camera));
  shutter.addEventListener("contextmenu", (event) => event.preventDefault());
  shutter.addEventListener("click", (event) => {
    if (event.detail === 0) hold(camera), release(camera); // Enter, or a screen reader
  });
  choices.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) choose(camera, button.dataset.label);
  });
  message.addEventListener("click", () => open(camera));
  turn.addEventListener("click", () => {
    camera.facing = camera.facing === "user" ? "environment" : "user";
    open(camera);
  });
  camera.keydown = (event) => {
    const elsewhere = event.target !== shutter && event.target.closest?.(`${TYPING}, button, a, [role=radio]`);
    if (event.code !== "Space" || elsewhere || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!event.repeat) hold(camera);
  };
  camera.keyup = (event) => {
    if (event.code !== "Space") return;
    if (event.target === shutter) event.preventDefault(); // Firefox would click
    release(camera);
  };
  camera.blur = () => release(camera);
  document.addEventListener("keydown", camera.keydown);
  document.addEventListener("keyup", camera.keyup);
  window.addEventListener("blur", camera.blur);
}

function choose(camera, label) {
  camera.chosen = label;
  camera.taken = 0;
  draw(camera);
  camera.parts.shutter.focus({ preventScroll: true });
}

function draw(camera) {
  const { data, parts, client } = camera;
  const chosen = choice(camera);
  camera.node.classList.toggle("held", Boolean(camera.timer));
  parts.shutter.hidden = data.live || !chosen;
  parts.shutter.disabled = !isReady(camera);
  parts.shutter.textContent = data.burst ? `Hold to collect ${chosen?.label ?? ""}` : (chosen?.label ?? "");
  parts.told.hidden = !data.burst;
  const unsaved = client.waiting.length;
  const state = unsaved ? `${unsaved} on their way` : "all saved";
  parts.told.textContent = camera.taken ? `${camera.taken} taken, ${state}` : data.hint;
  drawChoices(camera, chosen);
}

function drawChoices({ data, parts, client }, chosen) {
  const options = data.burst ? data.choices : [];
  const labels = JSON.stringify(options.map((option) => option.label));
  if (parts.choices.dataset.labels !== labels) {
    parts.choices.dataset.labels = labels;
    parts.choices.replaceChildren(...options.map(chip));
  }
  options.forEach((option, index) => {
    const button = parts.choices.children[index];
    const waiting = client.waiting.filter((frame) => frame.target === option.target).length;
    button.lastChild.textContent = option.count + waiting;
    button.setAttribute("aria-checked", String(option === chosen));
  });
}

function chip(option) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.label = option.label;
  button.setAttribute("role", "radio");
  button.append(document.createElement("span"), document.createElement("b"));
  button.firstChild.textContent = option.label;
  return button;
}
