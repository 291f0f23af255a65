// The camera of the browser within an element: opened, closed, turned round; its middle square as a frame.
//
// The square that is shown is the square that is taken: nothing is cut off unseen. A camera that looks at its
// person is shown mirrored, as people know themselves; what is taken is not mirrored.
//
// It says what it says by a `words` of its user: each text in the language of the page, by the text in English.

const VIEW = `
  <video autoplay playsinline muted></video>
  <div class="flash"></div>
  <button class="message" type="button" aria-live="polite"></button>
  <button class="turn" type="button" hidden>⟲</button>`;

function newCamera(view, label, redraw, words = {}) {
  view.innerHTML = VIEW;
  const camera = { view, redraw, facing: "user", mirrored: true, said: "" };
  for (const name of ["video", "flash", "message", "turn"])
    camera[name] = view.querySelector(name === "video" ? name : `.${name}`);
  speakCamera(camera, label, words);
  camera.message.addEventListener("click", () => openCamera(camera));
  camera.turn.addEventListener("click", () => {
    camera.facing = camera.facing === "user" ? "environment" : "user";
    openCamera(camera);
  });
  openCamera(camera);
  return camera;
}

// Says all that the camera says in another language.
function speakCamera(camera, label, words = {}) {
  camera.t = (text) => words[text] || text;
  const { t } = camera;
  camera.video.setAttribute("aria-label", label);
  camera.turn.title = t("Other camera");
  camera.turn.setAttribute("aria-label", camera.turn.title);
  say(camera, camera.said);
}

async function openCamera(camera) {
  const { video, turn, view } = camera;
  closeCamera(camera);
  say(camera, "opening");
  try {
    const wish = { facingMode: camera.facing, width: { ideal: 640 }, height: { ideal: 480 } };
    const stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
    if (!view.isConnected) return stream.getTracks().forEach((track) => track.stop());
    video.srcObject = stream;
    await video.play();
    const devices = await navigator.mediaDevices.enumerateDevices();
    turn.hidden = devices.filter((device) => device.kind === "videoinput").length < 2;
    camera.mirrored = stream.getVideoTracks()[0]?.getSettings().facingMode !== "environment";
    view.classList.toggle("mirrored", camera.mirrored);
    say(camera, "");
  } catch (error) {
    say(camera, error.name in sentences(camera) ? error.name : "failed");
  }
  camera.redraw();
}

const sentences = ({ t }) => ({
  opening: t("Opening the camera…"),
  failed: t("The camera did not open; reload the page or try another browser."),
  NotAllowedError: t("The browser did not allow the camera. Allow it beside the address, then click here."),
  NotFoundError: t("No camera was found. Plug one in, then click here."),
  NotReadableError: t("Another program uses the camera. Close it, then click here."),
  AbortError: t("The camera did not start. Click here to try again."),
});

function closeCamera({ video }) {
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
}

// Says one of the sentences, by its name; nothing where the name is empty.
function say(camera, name) {
  const { message } = camera;
  camera.said = name;
  message.textContent = name ? sentences(camera)[name] : "";
  message.hidden = !name;
}

function isReady({ video, message }) {
  return video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && message.hidden;
}

// The middle square of the film, as wide as asked for, not mirrored.
function frameOf({ video }, pixels) {
  const side = Math.min(video.videoWidth, video.videoHeight);
  const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  const canvas = Object.assign(document.createElement("canvas"), { width: pixels, height: pixels });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(video, left, top, side, side, 0, 0, pixels, pixels);
  return canvas;
}

function flash({ flash }) {
  flash.animate([{ opacity: 0.6 }, { opacity: 0 }], 150);
}
