// The diagram of a network: a click, Enter or an arrow key on a block chooses a layer, at once in the browser.
//
// Three elements of a page share this module. Two are where the diagram ({ place: "diagram" }) and the list of
// layers ({ place: "list" }) stand. The third one has the data and tells the server what was chosen, so that
// only its part of the page runs again: { drawing, layers, chosen, turn, broken, said, label }. `turn` counts
// the choices of this browser: an answer to an older one does not take a newer one back.

import { mountList } from "./layer_list.js";
import { spoken, t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const [SMALLEST, LARGEST] = [0.86, 1.3];
const KEY_PAUSE = 160; // ms without another arrow key until the server hears of it

let place = null;
let list = null;
let view = null;

export default function ({ data, parentElement, setTriggerValue }) {
  if (data.place === "list") {
    if (list?.parent !== parentElement) list = mountList(parentElement, pick);
    spoken(data.language).then(() => {
      list?.speak();
      if (view) list?.show(view.data.layers, view.chosen);
    });
    return () => {
      if (!parentElement.isConnected && list?.parent === parentElement) list = null;
    };
  }
  if (data.place) {
    if (place?.parent !== parentElement) place = mount(parentElement);
    spoken(data.language).then(() => place && view && draw());
    return () => {
      if (!parentElement.isConnected && place?.parent === parentElement) place = null;
    };
  }
  const older = isOlder(data);
  view = { ...view, data, parent: parentElement, tell: setTriggerValue };
  if (!older) Object.assign(view, { turn: data.turn, chosen: data.chosen });
  spoken(data.language).then(() => {
    if (place && view) draw();
    if (view) list?.show(view.data.layers, view.chosen);
  });
  return () => {
    if (!parentElement.isConnected && view?.parent === parentElement) view = null;
  };
}

// Whether what the server says was said before it heard of the last choice here. It was not where the server
// has heard of nothing more and yet looks at another layer: then something else chose, the Back button perhaps.
function isOlder({ turn, chosen }) {
  if (!(turn < view?.turn)) return false;
  return turn !== view.data.turn || chosen === view.data.chosen;
}

function mount(parent) {
  const root = document.createElement("div");
  root.className = "cnnlab-diagram";
  root.innerHTML = `<p class="warning" role="status" hidden></p><div class="scroller"></div><p class="legend"></p>`;
  parent.append(root);
  const made = { parent, root, drawn: "" };
  for (const name of ["warning", "scroller", "legend"]) made[name] = root.querySelector(`.${name}`);
  made.observer = new ResizeObserver(() => (root.isConnected ? scale() : made.observer.disconnect()));
  made.observer.observe(made.scroller);
  return made;
}

function draw() {
  const { data } = view;
  const drawn = JSON.stringify([data.drawing, data.label, data.language]);
  if (place.drawn !== drawn) {
    place.drawn = drawn;
    const focused = place.svg && document.activeElement === place.svg;
    const left = place.label === data.label ? place.scroller.scrollLeft : 0;
    build(data.drawing, data.label);
    place.label = data.label;
    place.scroller.scrollLeft = left;
    if (focused) place.svg.focus({ preventScroll: true });
  }
  place.root.classList.toggle("broken", Boolean(data.said));
  place.warning.hidden = !data.said;
  place.warning.textContent = data.said;
  for (const [name, item] of place.items) item.classList.toggle("wrong", name === data.broken);
  mark();
}

function build(drawing, label) {
  const { left, top, width, height } = drawing;
  const svg = element("svg", { viewBox: `${left} ${top} ${width} ${height}`, role: "tree", tabindex: 0 });
  svg.setAttribute("aria-label", label);
  svg.setAttribute("aria-orientation", "horizontal");
  place.items = new Map();
  const back = element("g", { "aria-hidden": true });
  for (const points of drawing.edges) back.append(element("path", { class: "edge", d: path(points) }));
  svg.append(back);
  const nodes = new Map(drawing.nodes.map((node) => [node.name, node]));
  const frames = new Map(drawing.frames.map((frame) => [frame.name, frame]));
  const outside = [...frames.values()].sort((a, b) => b.width * b.height - a.width * a.height);
  for (const frame of outside) svg.insertBefore(box(frame), back);
  for (const name of drawing.order) {
    const item = nodes.has(name) ? block(nodes.get(name), drawing) : heading(frames.get(name));
    item.id = `cnnlab-diagram-${place.items.size}`;
    item.addEventListener("click", () => pick(name, item.hasAttribute("aria-expanded")));
    place.items.set(name, item);
    svg.append(item);
  }
  // What is written stands beside the items, whose labels say the same in words.
  const writing = element("g", { class: "writing", "aria-hidden": true });
  for (const item of place.items.values()) writing.append(...item.writing);
  svg.append(writing);
  svg.addEventListener("keydown", (event) => key(event, nodes));
  place.nodes = nodes;
  place.seen = null;
  place.size = { width, height };
  place.svg?.remove();
  place.svg = svg;
  place.scroller.append(svg);
  place.legend.replaceChildren(
    ...drawing.legend.map(([kind, letter, said]) => named(kind, letter, said)),
    ...(drawing.nodes.some((node) => node.opens) ? [named("group", "▸3", t("3 parts, click to unfold"))] : []),
  );
  scale();
}

function named(kind, letter, said) {
  const entry = document.createElement("span");
  const sign = Object.assign(document.createElement("b"), { className: kind, textContent: letter });
  entry.append(sign, ` ${said}`);
  return entry;
}

function block(node, { sheet, line }) {
  const item = treeItem(`block ${node.kind}`, node.said);
  if (node.opens) item.setAttribute("aria-expanded", "false");
  const { x, y, width, height, sheets } = node;
  const round = node.kind === "add" || node.kind === "multiply" || node.kind === "concatenate" ? width / 2 : 4;
  for (let back = sheets - 1; back >= 0; back -= 1) {
    item.append(element("rect", { class: "sheet", x: x - back * sheet, y: y - back * sheet, width, height, rx: round }));
  }
  item.writing = [
    written("letter", node.letter, x + width / 2, y + height / 2),
    ...node.labels.map((text, number) =>
      written(number ? "shape" : "name", text, node.middle, node.below + line * (number + 0.75)),
    ),
  ];
  const half = Math.max(width / 2, 3.7 * Math.max(...node.labels.map(lettersOf)));
  const under = { y: node.below, height: line * node.labels.length };
  item.append(element("rect", { class: "hit", x: node.middle - half, width: 2 * half, ...under }));
  const ring = 4;
  const deep = sheet * (sheets - 1) + ring;
  const rim = { x: x - deep, y: y - deep, width: width + deep + ring, height: height + deep + ring, rx: 7 };
  item.append(element("rect", { class: "ring", ...rim }));
  return item;
}

// How many letters a text is wide: a Chinese character takes the room of two.
const lettersOf = (text) => [...text].reduce((count, character) => count + (character > "\u2e7f" ? 2 : 1), 0);

function heading(frame) {
  const item = treeItem("heading", frame.said);
  item.setAttribute("aria-expanded", "true");
  item.writing = [written("name start", `▾ ${frame.label}`, frame.x + 8, frame.y - 6)];
  item.append(element("rect", { class: "bar", x: frame.x, y: frame.y - 21, width: frame.width, height: 21 }));
  item.append(element("rect", { class: "ring", x: frame.x, y: frame.y - 21, width: frame.width, height: 21, rx: 5 }));
  return item;
}

const box = ({ x, y, width, height }) => element("rect", { class: "frame", x, y: y - 21, width, height: height + 21, rx: 7, "aria-hidden": true });

function treeItem(kind, said) {
  const item = element("g", { class: kind, role: "treeitem", "aria-selected": false });
  item.setAttribute("aria-label", said);
  return item;
}

function written(kind, text, x, y) {
  return Object.assign(element("text", { class: kind, x, y }), { textContent: text });
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function path(points) {
  const over = points.length === 4 && points[1][1] < points[0][1] && points[1][1] === points[2][1];
  if (!over) return `M${points.map(([x, y]) => `${x} ${y}`).join("L")}`;
  const [[x1, y1], [x2, y2], [x3, y3], [x4, y4]] = points; // over what it skips: rounded corners
  const r = Math.min(10, (x3 - x2) / 2);
  return `M${x1} ${y1}L${x2} ${y1}L${x2} ${y2 + r}Q${x2} ${y2} ${x2 + r} ${y2}L${x3 - r} ${y3}Q${x3} ${y3} ${x3} ${y3 + r}L${x3} ${y4}L${x4} ${y4}`;
}

function scale() {
  if (!place?.svg) return;
  const { width, height } = place.size;
  const factor = Math.min(LARGEST, Math.max(SMALLEST, place.scroller.clientWidth / width));
  place.svg.style.width = `${Math.floor(width * factor)}px`;
  place.svg.style.height = `${Math.floor(height * factor)}px`;
}

function mark() {
  if (!place) return;
  for (const [name, item] of place.items) {
    item.setAttribute("aria-selected", String(name === view.chosen));
    for (const text of item.writing) text.classList.toggle("chosen", name === view.chosen);
  }
  const item = place.items.get(view.chosen);
  if (!item) return place.svg.removeAttribute("aria-activedescendant");
  place.svg.setAttribute("aria-activedescendant", item.id);
  if (place.seen === view.chosen) return;
  place.seen = view.chosen;
  const [seen, room] = [item.getBoundingClientRect(), place.scroller.getBoundingClientRect()];
  const [before, after] = [seen.left - room.left - 40, seen.right - room.right + 40];
  if (before < -40) place.scroller.scrollLeft += before;
  else if (after > 40) place.scroller.scrollLeft += Math.min(before, after);
}

// Chooses a block now; the server hears of it after `pause` ms, and only of the last one.
function pick(name, toggle, pause = 0) {
  view.chosen = name;
  view.turn += 1;
  mark();
  list?.mark(name);
  clearTimeout(view.timer);
  const { turn } = view;
  view.timer = setTimeout(() => view.tell("picked", { name, toggle, turn }), pause);
}

function key(event, nodes) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const names = [...place.items.keys()];
  const at = names.indexOf(view.chosen);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  let next = null;
  if (step) next = names[at < 0 ? 0 : Math.min(names.length - 1, Math.max(0, at + step))];
  else if (event.key === "Home") next = names[0];
  else if (event.key === "End") next = names.at(-1);
  else if (event.key === "ArrowUp" || event.key === "ArrowDown") next = beside(nodes, event.key === "ArrowUp");
  else if (event.key === "Enter" || event.key === " ") {
    const item = place.items.get(view.chosen);
    if (item) pick(view.chosen, item.hasAttribute("aria-expanded"));
  } else return;
  event.preventDefault();
  if (next && next !== view.chosen) pick(next, false, KEY_PAUSE);
}

// The nearest block above or below in the same column, of another path.
function beside(nodes, up) {
  const here = nodes.get(view.chosen);
  if (!here) return null;
  const others = [...nodes.values()].filter(
    ({ middle, lane }) => Math.abs(middle - here.middle) < 1 && (up ? lane > here.lane : lane < here.lane),
  );
  return others.sort((a, b) => Math.abs(a.lane - here.lane) - Math.abs(b.lane - here.lane))[0]?.name;
}
