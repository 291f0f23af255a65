// Augmentation: which numbers of an image change and which features do not; left and right hands and the flip.

import { arithmetic } from "../arithmetic.js";
import { fit, Grid, said } from "./grid.js";
import { flipped, hand, interval, SIDE, TASKS } from "./hands.js";
import { gray } from "./picture.js";
import { fitted, Plot } from "./plot.js";
import { panel } from "./stage.js";
import { decimal, flag, whole, word } from "./state.js";
import { t } from "../words.js";

const EDGES = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
const SHOWN = 4; // hands
const LEAST_WIDTH = 132; // pixels: the longest heading stays on one line
// How training flips: its name, how a line begins with it, how it stands within a sentence and under its bar.
const ways = () => [
  ["none", t("No flipped copies"), t("no flipped copies"), t("none")],
  ["kept", t("Flipped, label kept"), t("flipped, label kept"), t("label kept")],
  ["swapped", t("Flipped, label changed"), t("flipped, label changed"), t("changed")],
];
// What the two labels of each question are called.
const labels = () => ({ side: [t("left hand"), t("right hand")], shape: [t("fist"), t("open hand")] });
const changes = ({ state }) => state.part === "changes";
const hands = (stage) => !changes(stage);
const panels = () => [
  ["image", t("Image"), "input"], ["features", t("Feature map"), "output"],
  ["changed", t("Augmented"), "input"], ["after", t("Its feature map"), "output"],
  ["difference", t("Difference"), ""], ["moved", t("Equivariance error"), ""],
];

export default {
  state: {
    part: word("changes", ["changes", "hands"]),
    flip: flag(false),
    right: whole(2, -8, 8),
    down: whole(0, -8, 8),
    turn: decimal(0, -180, 180),
    light: decimal(0, -0.5, 0.5),
    outside: word("edge", ["edge", "zero"]),
    task: word("side", TASKS),
    seed: whole(1, 1, 9999),
  },
  controls: () => [
    { kind: "segments", name: "part", label: t("Show"), options: [["changes", t("What changes")], ["hands", t("Left and right hands")]] },
    { kind: "toggle", name: "flip", label: t("Horizontal flip"), when: changes },
    { kind: "range", name: "right", label: t("Shift right"), least: -8, most: 8, when: changes },
    { kind: "range", name: "down", label: t("Shift down"), least: -8, most: 8, when: changes },
    { kind: "range", name: "turn", label: t("Rotation"), least: -180, most: 180, step: 5, said: (value) => `${said(value)}°`, when: changes },
    { kind: "range", name: "light", label: t("Brightness"), least: -0.5, most: 0.5, step: 0.05, said: (value) => `${value > 0 ? "+" : ""}${said(value)}`, when: changes },
    { kind: "choice", name: "outside", label: t("Outside"), options: [["edge", t("edge repeated")], ["zero", t("black")]], when: changes },
    { kind: "segments", name: "task", label: t("Question"), options: [["side", t("left or right hand?")], ["shape", t("fist or open hand?")]], when: hands },
    { kind: "button", name: "seed", label: t("Other drawings"), press: (stage) => stage.set({ seed: stage.state.seed + 1 }), when: hands },
  ],

  build(stage) {
    const { parts } = stage;
    parts.changes = Object.assign(document.createElement("div"), { className: "part changes" });
    for (const [name, title, colour] of panels()) {
      const found = panel(stage, title, colour);
      parts[name] = { ...found, grid: new Grid(found.figure, { label: title }) };
      parts.changes.append(found.figure);
    }
    parts.hands = Object.assign(document.createElement("div"), { className: "part hands" });
    parts.drawings = panel(stage, "");
    parts.grids = Array.from({ length: 2 * SHOWN }, () => {
      const figure = Object.assign(document.createElement("figure"), { className: "panel" });
      const caption = document.createElement("figcaption");
      const grid = new Grid(figure, { label: t("A drawn hand") });
      figure.append(caption);
      return { figure, caption, grid };
    });
    parts.wall = Object.assign(document.createElement("div"), { className: "wall" });
    parts.wall.append(...parts.grids.map(({ figure }) => figure));
    parts.drawings.figure.append(parts.wall);
    parts.accuracy = panel(stage, "");
    parts.accuracy.plot = new Plot(parts.accuracy.figure, { label: t("Test accuracy for each way to flip") });
    parts.hands.append(parts.drawings.figure, parts.accuracy.figure);
    parts.sums = Object.assign(document.createElement("div"), { className: "sum" });
    stage.body.append(parts.changes, parts.hands, parts.sums);
  },

  key(stage, key) {
    const by = { ArrowRight: ["right", 1], ArrowLeft: ["right", -1], ArrowDown: ["down", 1], ArrowUp: ["down", -1] }[key];
    if (!by || hands(stage)) return false;
    stage.set({ [by[0]]: Math.min(8, Math.max(-8, stage.state[by[0]] + by[1])) });
    return true;
  },

  draw(stage) {
    const { parts } = stage;
    parts.changes.hidden = hands(stage);
    parts.hands.hidden = changes(stage);
    fitted(stage, (room) => {
      const { lines, sentence } = changes(stage) ? drawChanges(stage, room) : drawHands(stage, room);
      parts.said = sentence;
      parts.sums.replaceChildren(...lines.map((textContent) => Object.assign(document.createElement("div"), { textContent })));
    });
  },

  say: ({ parts }) => parts.said,
};

// The places of an image moved as the state says; brightness is apart, it is none of a feature map.
function moved(image, { flip, right, down, turn, outside }) {
  const first = flip ? arithmetic.mirrored(image) : image;
  return arithmetic.shifted(turn ? arithmetic.turned(first, turn, outside) : first, down, right, outside);
}

const featuresOf = (image) => {
  const sums = arithmetic.convolve(image, arithmetic.tensor([3, 3, 1, 1], EDGES), { padding: "same" });
  return arithmetic.map(sums, (value) => Math.max(0, value));
};

function drawChanges({ parts, picture, state }, room) {
  const image = arithmetic.tensor([picture.height, picture.width, 1], gray(picture));
  const changed = arithmetic.map(moved(image, state), (value) => Math.min(1, Math.max(0, value + state.light)));
  const [features, after] = [featuresOf(image), featuresOf(changed)];
  const minus = (a, b) => arithmetic.map(a, (value, at) => value - b.data[at]);
  const [difference, apart] = [minus(changed, image), minus(after, moved(features, state))];
  const [h, w] = image.shape;
  const across = room.narrow ? 2 : 3;
  const cell = fit(h, w, room.width / across - 24, room.narrow ? 260 : (room.height - 190) / 2, 30);
  const largest = Math.max(...features.data, ...after.data, 1e-9);
  const common = { rows: h, columns: w, cell, numbers: false };
  for (const [name, { data }] of Object.entries({ image, changed })) parts[name].grid.show({ ...common, values: data, mode: "gray" });
  for (const [name, { data }] of Object.entries({ features, after })) parts[name].grid.show({ ...common, values: data, mode: "gray", largest });
  parts.difference.grid.show({ ...common, values: difference.data, largest: 1 });
  parts.moved.grid.show({ ...common, values: apart.data, largest });
  for (const [name] of panels()) parts[name].figure.style.width = `${Math.max(w * cell, room.narrow ? room.width / 2 - 14 : LEAST_WIDTH)}px`;
  const share = difference.data.filter((value) => Math.abs(value) > 0.5 / 255).length / (h * w);
  const [most, mean] = [(x) => said(Math.max(...x.data)), (x) => said(arithmetic.mean(x.data), 3)];
  const off = apart.data.filter((value) => Math.abs(value) > 0.01 * largest).length / (h * w);
  const same = off === 0
    ? t("Equivariance error 0: the map is the first one, augmented in the same way.")
    : t("Equivariance error: in {share} % of the places the map is not the first one, augmented in the same way.", { share: said(100 * off, 1) });
  const numbers = { share: said(100 * share, 1), most: most(features), newMost: most(after), mean: mean(features), newMean: mean(after) };
  return {
    lines: [
      t("Input: {share} % of the numbers have changed. The label stays.", numbers),
      t("Feature map (vertical edges): largest value (global max pooling) {most} → {newMost}, mean (global average pooling) {mean} → {newMean}.", numbers),
      same,
    ],
    sentence: t("{share} % of the input has changed; global max pooling {most} → {newMost}, global average pooling {mean} → {newMean}.", numbers),
  };
}

function drawHands(stage, room) {
  const { parts, state } = stage;
  const random = arithmetic.randomOf(state.seed + 50000);
  const names = labels()[state.task];
  const each = ways();
  const side = room.narrow ? room.width : room.width * 0.55;
  const cell = Math.max(2, Math.floor((side - 10 * SHOWN) / SHOWN / SIDE));
  parts.drawings.caption.textContent = t("Drawings, palm to the viewer; below: flipped");
  parts.wall.style.gridTemplateColumns = `repeat(${SHOWN}, auto)`;
  for (let at = 0; at < SHOWN; at += 1) {
    const label = at % 2;
    const image = hand(random, state.task === "side" ? { right: Boolean(label), open: true } : { right: at % 4 > 1, open: Boolean(label) });
    const below = state.task === "side" ? 1 - label : label;
    [[image, label, parts.grids[at]], [arithmetic.mirrored(image), below, parts.grids[at + SHOWN]]].forEach(([shown, named, { grid, caption }]) => {
      grid.show({ values: shown.data, rows: SIDE, columns: SIDE, mode: "gray", cell, numbers: false });
      grid.canvas.setAttribute("aria-label", t("A drawn hand: {label}", { label: names[named] }));
      caption.textContent = names[named];
    });
  }
  const found = measured(parts, state);
  const wide = room.narrow ? room.width : room.width - side - 30;
  const per = (way) => found[way] / found.test;
  const colours = { none: "quiet", kept: "output", swapped: "kernel" };
  parts.accuracy.caption.textContent = t("Test accuracy on {n} other drawings", { n: found.test });
  parts.accuracy.plot.show({
    width: wide, height: room.narrow ? 230 : Math.max(120, room.height - 150),
    x: { least: 0, most: 3, ticks: each.map(([, , , tick], at) => [at + 0.5, tick]), name: t("flipped copies in training") },
    y: { least: 0, most: 1, ticks: [[0, "0 %"], [0.25, "25 %"], [0.5, "50 %"], [0.75, "75 %"], [1, "100 %"]] },
    bars: each.map(([way], at) => ({ from: at + 0.2, to: at + 0.8, y: per(way), colour: colours[way] })),
    lines: [
      { points: [[0, 0.5], [3, 0.5]], colour: "text", dashed: true, thick: 1 },
      ...each.map(([way], at) => ({ points: interval(found[way], found.test).map((y) => [at + 0.5, y]), colour: "text", thick: 2 })),
    ],
  });
  const tell = (way) => {
    const [low, high] = interval(found[way], found.test);
    return t("{share} % (95 % CI {low}–{high}, n = {n})", { share: percent(per(way)), low: percent(low), high: percent(high), n: found.test });
  };
  const trained = { n: found.training };
  const best = state.task === "side"
    ? t("A linear classifier on the pixels, trained here on {n} drawings. A flipped right hand is a left hand: with its old label, both classes look alike and chance is left.", trained)
    : t("A linear classifier on the pixels, trained here on {n} drawings. A flipped fist is still a fist: the label stays true.", trained);
  const all = each.map(([way, , within]) => t("{way} {share} %", { way: within, share: percent(per(way)) })).join(t("; "));
  return {
    lines: [
      ...each.map(([way, title]) => t("{way}: {accuracy}", { way: title, accuracy: tell(way) })),
      best,
    ],
    sentence: state.task === "side" ? t("Left or right hand: {all}.", { all }) : t("Fist or open hand: {all}.", { all }),
  };
}

const percent = (share) => (100 * share).toFixed(1);

function measured(parts, { task, seed }) {
  const key = `${task} ${seed}`;
  if (parts.key !== key) Object.assign(parts, { key, found: flipped(task, seed) });
  return parts.found;
}
