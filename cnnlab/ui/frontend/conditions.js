// Tells the page what this browser can do, and tries the camera when somebody asks for it.

const found = new WeakMap(); // parentElement -> { button, said, tell }

export default function ({ data, parentElement, setStateValue }) {
  const here = found.get(parentElement) ?? mount(parentElement);
  here.tell = setStateValue;
  here.labels = data;
  if (!here.button.disabled) here.button.textContent = data.try;
  if (!here.said) look(here);
}

function mount(parentElement) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "cnnlab-try" });
  const here = { button, said: null };
  button.addEventListener("click", () => tryCamera(here));
  parentElement.append(button);
  found.set(parentElement, here);
  return here;
}

async function look(here) {
  const modern = [window.DecompressionStream, window.ResizeObserver, window.WebSocket, CSS.supports("color", "color-mix(in srgb, red, blue)")];
  here.said = { modern: modern.every(Boolean), secure: window.isSecureContext, camera: "", cameras: 0 };
  here.button.hidden = !here.said.secure;
  Object.assign(here.said, { width: window.innerWidth, height: window.innerHeight });
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    here.said.cameras = devices.filter(({ kind }) => kind === "videoinput").length;
  } catch {
    // no secure context, or no devices at all
  }
  here.tell("found", here.said);
}

async function tryCamera(here) {
  const { button, labels } = here;
  Object.assign(button, { disabled: true, textContent: labels.trying });
  const more = { camera: "busy" };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true });
    const [track] = stream.getVideoTracks();
    const { width, height } = track.getSettings();
    Object.assign(more, { camera: "works", across: width ?? 0, down: height ?? 0 });
    for (const one of stream.getTracks()) one.stop();
  } catch ({ name }) {
    if (name === "NotAllowedError") more.camera = "refused";
    if (name === "NotFoundError") more.camera = "none";
  }
  here.said = { ...here.said, ...more };
  Object.assign(button, { disabled: false, textContent: labels.try });
  here.tell("found", here.said);
}
