// Softmax, cross-entropy, temperature: scores are dragged; probabilities, loss and gradient follow.

import { arithmetic } from "../arithmetic.js";
import { said } from "./grid.js";
import { fitted, Plot, scientific } from "./plot.js";
import { panel } from "./stage.js";
import { decimal, numbers, whole } from "./state.js";
import { t } from "../words.js";

const classes = () => [t("cat"), t("dog"), t("horse"), t("bird")];
const MOST = 6; // scores are dragged from −6 to 6
const START = [2, 1, -1, 0];
const heads = () => [
  ["class", t("true class")], ["score", t("score z")], ["power", "exp(z/T)"], ["probability", t("probability p")],
  ["target", t("target y")], ["term", "−y · ln p"], ["gradient", t("gradient (p − y)/T")],
];

export default {
  state: {
    scores: numbers(START, START.length),
    label: whole(0, 0, START.length - 1),
    temperature: decimal(1, 0.1, 10),
    smoothing: decimal(0, 0, 0.5),
    rate: decimal(1, 0.1, 10),
  },
  controls: () => [
    { kind: "range", name: "temperature", label: t("Temperature T"), least: 0.1, most: 10, step: 0.1, said: (value) => said(value, 1) },
    { kind: "range", name: "smoothing", label: t("Label smoothing"), least: 0, most: 0.5, step: 0.05, said: (value) => said(value, 2) },
    { kind: "range", name: "rate", label: t("Learning rate"), least: 0.1, most: 10, step: 0.1, said: (value) => said(value, 1) },
    { kind: "button", name: "descend", label: t("One gradient step"), title: t("Each score minus learning rate times its gradient"), press: descend },
    { kind: "button", name: "reset", label: t("Reset"), press: (stage) => stage.set({ scores: START, label: 0, temperature: 1, smoothing: 0, rate: 1 }) },
  ],

  build(stage) {
    const { parts } = stage;
    const board = panel(stage, t("One image, four classes: drag the scores"));
    parts.table = Object.assign(document.createElement("div"), { className: "scores" });
    parts.table.setAttribute("role", "table");
    parts.table.setAttribute("aria-label", t("Scores, probabilities, targets, loss and gradient of each class"));
    parts.table.append(rowOf(heads().map(([name, text]) => cell(name, text, "columnheader"))));
    parts.rows = classes().map((name, at) => classRow(stage, name, at));
    parts.table.append(...parts.rows.map(({ node }) => node));
    parts.total = Object.assign(document.createElement("div"), { className: "sum" });
    board.figure.append(parts.table, parts.total);
    parts.curve = panel(stage, t("Loss when the score of the true class changes"));
    parts.curve.plot = new Plot(parts.curve.figure, { label: t("Loss against the score of the true class; drag the score"), drags: "across" });
    parts.curve.plot.pick = (score) => setScore(stage, stage.state.label, Math.round(score * 10) / 10);
  },

  key(stage, key) {
    const by = { ArrowUp: 0.1, ArrowRight: 0.1, ArrowDown: -0.1, ArrowLeft: -0.1 }[key];
    if (!by) return false;
    setScore(stage, stage.state.label, Math.round(10 * (scoresOf(stage)[stage.state.label] + by)) / 10);
    return true;
  },

  draw: (stage) => fitted(stage, (room) => show(stage, room)),

  say(stage) {
    const { probabilities, targets, gradient, loss } = stage.parts.now;
    const at = stage.state.label;
    return t("True class {name}: probability {probability}, target {target}, gradient {gradient}; loss {loss}.", {
      name: classes()[at], probability: said(probabilities[at], 3), target: said(targets[at], 3), gradient: said(gradient[at], 3), loss: said(loss, 3),
    });
  },
};

function show(stage, room) {
  const { parts, state } = stage;
  const scores = scoresOf(stage);
  const options = { smoothing: state.smoothing, temperature: state.temperature };
  const found = arithmetic.crossEntropy(scores, state.label, options);
  const steepest = Math.max(...found.gradient.map(Math.abs), 1 / Math.max(1, state.temperature));
  parts.rows.forEach((row, at) => {
    row.node.classList.toggle("true", at === state.label);
    row.choose.checked = at === state.label;
    row.slider.value = scores[at];
    row.said.score.textContent = said(scores[at], 1);
    row.said.power.textContent = magnitude(Math.exp(scores[at] / state.temperature));
    bar(row.said.probability, found.probabilities[at], 1, said(found.probabilities[at], 3), "output");
    row.said.target.textContent = said(found.targets[at], 3);
    row.said.term.textContent = said(found.terms[at], 3);
    bar(row.said.gradient, found.gradient[at], steepest, said(found.gradient[at], 3));
  });
  parts.total.replaceChildren(
    line(t("Sum of exp(z/T): {sum}; the probabilities add up to {one}", {
      sum: magnitude(arithmetic.sum(scores.map((z) => Math.exp(z / state.temperature)))), one: said(arithmetic.sum(found.probabilities), 3),
    })),
    line(t("Loss (cross-entropy) = {loss} nats", { loss: said(found.loss, 3) }), "total"),
  );
  const curve = Array.from({ length: 121 }, (_, n) => {
    const z = (MOST * (n - 60)) / 60;
    return [z, lossAt(scores, state.label, z, options)];
  });
  const z = scores[state.label];
  const slope = found.gradient[state.label];
  const wide = room.narrow ? room.width : Math.min(640, room.width);
  const most = Math.max(1, ...curve.map(([, loss]) => loss)) * 1.05;
  const used = parts.table.parentElement.offsetHeight;
  parts.curve.plot.show({
    width: wide, height: room.narrow ? 240 : Math.max(110, Math.min(320, room.height - used - 40)),
    x: { least: -MOST, most: MOST, name: t("score of {name} (true class)", { name: classes()[state.label] }) },
    y: { least: 0, most, name: t("loss") },
    lines: [
      { points: curve, colour: "output", thick: 3 },
      { points: [[z - 1.5, found.loss - 1.5 * slope], [z + 1.5, found.loss + 1.5 * slope]], colour: "text", dashed: true },
    ],
    dots: [{ x: z, y: found.loss, colour: "output", size: 6 }],
    texts: [{ x: Math.min(MOST - 1.6, z + 0.2), y: Math.min(most * 0.92, found.loss + most * 0.12), text: t("slope {slope}", { slope: said(slope, 3) }) }],
  });
  parts.now = found;
}

const scoresOf = ({ state }) => START.map((_, at) => Math.min(MOST, Math.max(-MOST, state.scores[at] ?? 0)));
const lossAt = (scores, label, z, options) => arithmetic.crossEntropy(scores.map((score, at) => (at === label ? z : score)), label, options).loss;
const magnitude = (value) => (value >= 1e5 ? scientific(value) : value < 0.001 ? "< 0.001" : said(value, value < 10 ? 3 : value < 1000 ? 1 : 0));

function setScore(stage, at, score) {
  const scores = scoresOf(stage);
  scores[at] = Math.min(MOST, Math.max(-MOST, score));
  stage.set({ scores });
}

// One step of gradient descent on the scores themselves, as if they were the weights.
function descend(stage) {
  const { label, smoothing, temperature, rate } = stage.state;
  const scores = scoresOf(stage);
  const { gradient } = arithmetic.crossEntropy(scores, label, { smoothing, temperature });
  stage.set({ scores: Array.from(arithmetic.optimiserStep("sgd", scores, gradient, {}, { rate }).position) });
}

function classRow(stage, name, at) {
  const choose = Object.assign(document.createElement("input"), { type: "radio", name: "label" });
  choose.addEventListener("change", () => stage.set({ label: at }));
  const label = document.createElement("label");
  label.append(choose, name);
  const slider = Object.assign(document.createElement("input"), { type: "range", min: -MOST, max: MOST, step: 0.1 });
  slider.setAttribute("aria-label", t("Score of {name}", { name }));
  slider.addEventListener("input", () => setScore(stage, at, Number(slider.value)));
  const output = document.createElement("output");
  const cells = Object.fromEntries(heads().map(([column, text]) => [column, cell(column, "", "cell", text)]));
  cells.class.append(label);
  cells.score.append(slider, output);
  return { node: rowOf(Object.values(cells)), choose, slider, said: { ...cells, score: output } };
}

function rowOf(cells) {
  const node = document.createElement("div");
  node.setAttribute("role", "row");
  node.append(...cells);
  return node;
}

function cell(className, textContent, role, title = "") {
  const node = Object.assign(document.createElement("div"), { className, textContent });
  node.setAttribute("role", role);
  if (title) node.dataset.title = title;
  return node;
}

// A number over a bar of its size; negative ones go to the left of the middle, in the colour of negative numbers.
function bar(node, value, largest, text, colour = "") {
  const share = Math.min(1, Math.abs(value) / largest) * (colour ? 100 : 50);
  const from = colour ? 0 : value < 0 ? 50 - share : 50;
  const paint = `var(--lab-${colour || (value < 0 ? "negative" : "positive")})`;
  node.style.setProperty("--bar", `linear-gradient(${paint}, ${paint}) ${from >= 100 || share >= 100 ? 0 : (100 * from) / (100 - share)}% 100% / ${share}% 5px no-repeat`);
  node.textContent = text;
}

const line = (textContent, className = "") => Object.assign(document.createElement("div"), { textContent, className });
