// A pad to draw on by mouse, finger or pen. What is drawn is sent when the pen is lifted, and while it moves
// whenever the last answer has come. Ink is white on black: preparing it is the server's work.

const SIDE = 280;
const pads = new WeakMap(); // parentElement -> pad
const GIVE_UP = 3000; // milliseconds without an answer
let words = {};

const t = (text) => words[text] || text;

export default function ({ data, parentElement, setStateValue }) {
  const pad = pads.get(parentElement) ?? mount(parentElement);
  words = data.words ?? {};
  speak(pad);
  pad.tell = (drawn) => setStateValue("drawn", drawn);
  if (pad.asked && data.number === pad.asked.number) pad.asked = null;
  send(pad);
}

function mount(parentElement) {
  const node = document.createElement("div");
  node.className = "cnnlab-draw";
  node.innerHTML = `
    <canvas width="${SIDE}" height="${SIDE}" role="img"></canvas>
    <div class="tools">
      <button type="button" class="undo"></button>
      <button type="button" class="clear"></button>
      <label><span></span> <input type="range" min="8" max="40" value="20"></label>
    </div>`;
  parentElement.append(node);
  const pad = { node, strokes: [], number: 0, asked: null, wanted: false };
  pad.canvas = node.querySelector("canvas");
  pad.width = node.querySelector("input");
  pads.set(parentElement, pad);
  listen(pad);
  draw(pad);
  return pad;
}

function speak({ node, canvas, width }) {
  canvas.setAttribute("aria-label", t("Pad: draw with the mouse or a finger"));
  node.querySelector(".undo").textContent = t("Undo");
  node.querySelector(".clear").textContent = t("Clear");
  node.querySelector("label span").textContent = t("Width");
  width.setAttribute("aria-label", t("Width of the pen in pixels"));
}

function listen(pad) {
  const { canvas, node } = pad;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    pad.strokes.push({ width: Number(pad.width.value), points: [place(event)] });
    changed(pad);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pad.strokes.at(-1).points.push(...(event.getCoalescedEvents?.() ?? [event]).map(place));
    changed(pad);
  });
  canvas.addEventListener("pointerup", () => changed(pad));
  node.querySelector(".undo").addEventListener("click", () => (pad.strokes.pop(), changed(pad)));
  node.querySelector(".clear").addEventListener("click", () => ((pad.strokes = []), changed(pad)));
}

function changed(pad) {
  draw(pad);
  pad.wanted = true;
  send(pad);
}

function draw(pad) {
  const context = pad.canvas.getContext("2d");
  Object.assign(context, { fillStyle: "#000", strokeStyle: "#fff", lineCap: "round", lineJoin: "round" });
  context.fillRect(0, 0, SIDE, SIDE);
  for (const { width, points } of pad.strokes) {
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(...points[0]);
    for (const point of points) context.lineTo(...point);
    if (points.length === 1) context.lineTo(points[0][0] + 0.01, points[0][1]);
    context.stroke();
  }
}

function send(pad) {
  const waits = pad.asked && performance.now() - pad.asked.at < GIVE_UP;
  if (!pad.wanted || waits) return;
  pad.wanted = false;
  pad.number += 1;
  pad.asked = { number: pad.number, at: performance.now() };
  const png = pad.strokes.length ? pad.canvas.toDataURL("image/png").split(",")[1] : "";
  pad.tell({ number: pad.number, png });
}
