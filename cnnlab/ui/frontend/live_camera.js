// Films, asks a run what it sees, and draws the answer beside the film: classes always in the same order.
//
// classify/live.py answers at `cnnlab/answer`. There is one question at a time: the next one is asked when the
// answer has come, and not before as much time has passed again. So a server with much to do is asked less often.
// camera.js, which is joined before this file, shows and takes the same square.

const SHORTEST_PAUSE = 120; // milliseconds between an answer and the next question
const LONGEST_PAUSE = 3000;
const PATIENCE = 15000;
const JPEG_QUALITY = 0.9;
const STEADY = 4; // answers in a row
const RATE_OF = 6; // answers over which their rate is measured
const lives = new WeakMap(); // parentElement -> live
let words = {};

const t = (text, values = {}) =>
  (words[text] || text).replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));

export default function ({ data, parentElement }) {
  words = data.words ?? {};
  const live = lives.get(parentElement) ?? begin(parentElement);
  const other = ["run", "epoch", "invert", "heat", "language"].some((name) => live.data?.[name] !== data[name]);
  if (!live.data || live.data.language !== data.language) speakAll(live);
  live.data = data;
  live.node.classList.toggle("heat", data.heat);
  if (other) forget(live);
  drawFilm(live);
  return () => live.node.isConnected || end(live);
}

function begin(parentElement) {
  const node = document.createElement("div");
  node.className = "cnnlab-live";
  node.innerHTML = `
    <div class="film"><div class="cnnlab-camera"></div><button class="shutter" type="button"></button></div>
    <div class="answer" hidden>
      <p class="error" role="alert" hidden></p>
      <div class="found">
        <div class="classes">
          <h2></h2><p class="spoken" aria-live="polite"></p>
          <ul tabindex="0"></ul>
        </div>
        <figure><img class="seen"><figcaption></figcaption><p class="told"></p></figure>
      </div>
    </div>`;
  parentElement.append(node);
  const live = { node, asking: false, times: [], number: 0 };
  for (const name of ["shutter", "answer", "error", "found", "seen", "told", "spoken"]) live[name] = node.querySelector(`.${name}`);
  for (const name of ["h2", "ul", "figure", "figcaption"]) live[name] = node.querySelector(name);
  lives.set(parentElement, live);
  live.camera = newCamera(node.querySelector(".cnnlab-camera"), "", () => drawFilm(live));
  live.shutter.addEventListener("click", () => {
    flash(live.camera);
    ask(live);
  });
  schedule(live, SHORTEST_PAUSE);
  return live;
}

function speakAll(live) {
  live.shutter.textContent = t("Take photo");
  live.ul.setAttribute("aria-label", t("Probability of each class"));
  speakCamera(live.camera, t("The camera; the whole square is what the network gets"), words);
}

function end(live) {
  clearTimeout(live.timer);
  closeCamera(live.camera);
}

function forget(live) {
  live.number += 1; // an answer that is on its way is of what was asked before
  live.times = [];
  live.answer.hidden = true;
}

function schedule(live, pause) {
  live.timer = setTimeout(async () => {
    if (!live.node.isConnected) return end(live);
    let spent = 0;
    if (live.data.live && !document.hidden) {
      const began = performance.now();
      await ask(live);
      spent = performance.now() - began;
    }
    schedule(live, Math.min(Math.max(SHORTEST_PAUSE, spent), LONGEST_PAUSE));
  }, pause);
}

async function ask(live) {
  if (live.asking || !isReady(live.camera)) return;
  live.asking = true;
  const { run, epoch, invert, heat, pixels, language } = live.data;
  const number = live.number;
  const began = performance.now();
  try {
    const canvas = frameOf(live.camera, pixels);
    const mirrored = live.camera.mirrored;
    const jpeg = await new Promise((done) => canvas.toBlob(done, "image/jpeg", JPEG_QUALITY));
    const asked = { run, epoch: epoch ?? "", invert: invert ? "1" : "0", heat: heat ? "1" : "0", lang: language };
    const query = new URLSearchParams(asked);
    const answer = await fetch(`${addressOf("cnnlab/answer")}?${query}`, {
      method: "POST",
      headers: { "Content-Type": "image/jpeg" },
      body: jpeg,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const told = await answer.json();
    if (number !== live.number) return;
    if (told.error) return refuse(live, told.error);
    drawAnswer(live, told, mirrored, performance.now() - began);
  } catch {
    if (number === live.number) refuse(live, t("The server did not answer; it is asked again."));
  } finally {
    live.asking = false;
  }
}

// Pages lie beside each other at the base of the app, wherever that is.
function addressOf(path) {
  const here = new URL(location.href);
  here.search = here.hash = "";
  here.pathname = here.pathname.replace(/\/+$/, "");
  return new URL(path, here);
}

function refuse(live, sentence) {
  live.answer.hidden = live.error.hidden = false;
  if (live.error.textContent !== sentence) live.error.textContent = sentence;
  live.found.hidden = !live.h2.textContent;
}

function drawFilm(live) {
  live.shutter.hidden = live.data?.live ?? true;
  live.shutter.disabled = !isReady(live.camera);
}

function drawAnswer(live, told, mirrored, milliseconds) {
  const { classes, input, heat } = live.data;
  const first = told.probabilities.indexOf(Math.max(...told.probabilities));
  live.answer.hidden = live.found.hidden = false;
  live.error.hidden = true;
  drawBars(live, classes, told.probabilities, first);
  const said = `${classes[first]}, ${percent(told.probabilities[first])}`;
  if (live.h2.textContent !== said) live.h2.textContent = said;
  speak(live, classes[first]);
  live.seen.src = told.input;
  live.seen.classList.toggle("mirrored", mirrored);
  live.seen.alt = heat
    ? t("Grad-CAM over the network input: the whole square of the camera, {input}", { input })
    : t("Network input: the whole square of the camera, {input}", { input });
  const what = heat ? t("Grad-CAM for {name} over the network input", { name: classes[first] }) : t("Network input");
  live.figcaption.textContent = mirrored
    ? t("{what}: {input}, shown mirrored like the preview; the network gets it unmirrored", { what, input })
    : t("{what}: {input}", { what, input });
  live.told.textContent = figures(live, told.inference_ms, milliseconds);
}

// Who listens hears a class once it has been the answer for a while, not each of five answers a second.
function speak(live, name) {
  live.same = live.last === name ? live.same + 1 : 1;
  live.last = name;
  const settled = live.same >= STEADY || !live.data.live;
  if (settled && live.spoken.textContent !== name) live.spoken.textContent = name;
}

function figures(live, inference, milliseconds) {
  const now = performance.now();
  live.times = [...live.times.filter((time) => now - time < 10000), now].slice(-RATE_OF);
  const seconds = (now - live.times[0]) / 1000;
  const each = { milliseconds: inference.toFixed(1) };
  const said = [
    live.data.heat ? t("Answer and heat map: {milliseconds} ms/image", each) : t("Inference: {milliseconds} ms/image", each),
    t("answer after {milliseconds} ms", { milliseconds: Math.round(milliseconds) }),
  ];
  const count = live.times.length - 1;
  if (live.data.live && count > 1) said.push(t("{count} answers/s", { count: (count / seconds).toFixed(1) }));
  return said.join(" · ");
}

function drawBars(live, classes, probabilities, first) {
  const names = JSON.stringify(classes);
  if (live.names !== names) {
    live.names = names;
    live.ul.replaceChildren(...classes.map(barOf));
  }
  probabilities.forEach((probability, index) => {
    const row = live.ul.children[index];
    row.classList.toggle("first", index === first);
    row.querySelector(".bar").style.width = `${100 * probability}%`;
    row.querySelector(".share").textContent = percent(probability);
  });
}

function barOf(name) {
  const row = document.createElement("li");
  row.innerHTML = `<span class="name"></span><div class="track"><div class="bar"></div></div><span class="share"></span>`;
  row.firstChild.textContent = row.firstChild.title = name;
  return row;
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
