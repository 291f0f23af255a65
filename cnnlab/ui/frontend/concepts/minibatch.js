// Mini-batches and shuffle: logistic regression with two weights on 64 samples; the path of an optimiser on its loss.

import { arithmetic } from "../arithmetic.js";
import { said } from "./grid.js";
import { fitted, Plot, scientific } from "./plot.js";
import { panel } from "./stage.js";
import { decimal, numbers, whole, word } from "./state.js";
import { t } from "../words.js";

const SAMPLES = 64;
const STEPS = 160;
const GRID = 128;
const OPTIMISERS = ["sgd", "momentum", "nesterov", "adam"];
const SIZES = [1, 2, 4, 8, 16, 32, 64];
const FEATURES = {
  centred: { offset: 0, w: [-2, 6], b: [-4, 4], start: [-1, 3] },
  shifted: { offset: 2, w: [-2, 6], b: [-10, 4], start: [-1, 3] },
};

export default {
  state: {
    order: word("shuffled", ["shuffled", "sorted"]),
    size: whole(8, 1, SAMPLES),
    optimiser: word("sgd", OPTIMISERS),
    power: decimal(-0.5, -2.5, 1.5),
    feature: word("centred", Object.keys(FEATURES)),
    start: numbers([], 2),
    seed: whole(1, 1, 9999),
    step: whole(0, 0, STEPS),
  },
  controls: () => [
    { kind: "segments", name: "order", label: t("Order"), options: [["shuffled", t("shuffled")], ["sorted", t("sorted by class")]] },
    { kind: "choice", name: "size", label: t("Batch size"), options: SIZES.map((n) => [n, n === SAMPLES ? t("64 (all)") : String(n)]) },
    {
      kind: "choice", name: "optimiser", label: t("Optimizer"),
      options: [["sgd", "SGD"], ["momentum", t("SGD, momentum 0.9")], ["nesterov", "SGD, Nesterov 0.9"], ["adam", "Adam"]],
    },
    { kind: "range", name: "power", label: t("Learning rate"), least: -2.5, most: 1.5, step: 0.1, said: (value) => scientific(10 ** value) },
    { kind: "choice", name: "feature", label: t("Feature"), options: [["centred", t("mean 0")], ["shifted", t("mean 2 (not centred)")]] },
    { kind: "button", name: "seed", label: t("Shuffle anew"), press: (stage) => stage.set({ seed: stage.state.seed + 1 }), when: ({ state }) => state.order === "shuffled" },
  ],
  player: { count: () => STEPS + 1, row: (stage) => Math.ceil(SAMPLES / sizeOf(stage)) },

  build(stage) {
    const { parts } = stage;
    parts.surface = panel(stage, "");
    parts.surface.plot = new Plot(parts.surface.figure, { label: t("The loss over both weights, with the path; drag the start"), drags: true });
    parts.surface.plot.pick = (w, b) => {
      const { w: [w0, w1], b: [b0, b1] } = FEATURES[stage.state.feature];
      const within = (value, least, most) => Math.round(20 * Math.min(most, Math.max(least, value))) / 20;
      stage.set({ start: [within(w, w0, w1), within(b, b0, b1)] });
    };
    parts.beside = Object.assign(document.createElement("div"), { className: "column" });
    parts.loss = panel(stage, t("Loss"));
    parts.loss.plot = new Plot(parts.loss.figure, { label: t("Loss after each step; drag to a step"), drags: "across" });
    parts.loss.plot.pick = (step) => stage.player.go(Math.round(step));
    parts.samples = panel(stage, "");
    parts.samples.plot = new Plot(parts.samples.figure, { label: t("The samples: those of the batch are large") });
    parts.sums = Object.assign(document.createElement("div"), { className: "sum" });
    parts.beside.append(parts.loss.figure, parts.samples.figure);
    stage.body.append(parts.beside, parts.sums);
  },

  draw: (stage) => fitted(stage, (room) => show(stage, room)),

  say({ parts }) {
    const { step, epoch, ones, size, loss, batchLoss } = parts.now;
    return t("Step {step}, epoch {epoch}: the batch has {zeros} of class 0 and {ones} of class 1; its loss is {batchLoss}, that of all samples {loss}.", {
      step, epoch, zeros: size - ones, ones, batchLoss: scientific(batchLoss, 3), loss: scientific(loss, 3),
    });
  },
};

function show(stage, room) {
  const { parts, state } = stage;
  const ranges = FEATURES[state.feature];
  const { samples, surface, path, start } = trained(stage);
  const now = path[Math.min(state.step, path.length - 1)];
  const size = sizeOf(stage);
  const steps = Math.ceil(SAMPLES / size);
  const epoch = Math.floor(now.step / steps) + 1;
  const side = room.narrow ? room.width : Math.min(room.width * 0.5, 620);
  const beside = room.narrow ? room.width : room.width - side - 30;
  parts.surface.figure.style.width = `${side}px`;
  parts.beside.style.width = `${beside}px`;
  parts.surface.caption.textContent = t("Loss of all 64 samples; drag the start");
  const walked = path.slice(0, now.step + 1).map(({ position }) => Array.from(position));
  parts.surface.plot.show({
    width: side, height: room.narrow ? 300 : Math.max(150, room.height - 90),
    x: { least: ranges.w[0], most: ranges.w[1], name: t("weight w") },
    y: { least: ranges.b[0], most: ranges.b[1], name: t("bias b") },
    surface,
    lines: [{ points: walked, colour: "output", thick: 2.5 }],
    dots: [
      ...walked.slice(0, -1).map(([x, y]) => ({ x, y, colour: "output", size: 2.5 })),
      { x: start[0], y: start[1], colour: "text", size: 6, hollow: true },
      { x: now.position[0], y: now.position[1], colour: "output", size: 8 },
    ],
  });
  const losses = path.map(({ loss }, n) => [n, loss]);
  const batches = path.map(({ batchLoss }, n) => [n, batchLoss]);
  const high = Math.min(4, Math.max(1, ...losses.map(([, loss]) => loss), ...batches.map(([, loss]) => loss)));
  const tall = room.narrow ? 190 : Math.max(90, (room.height - 125) / 2);
  parts.loss.caption.textContent = t("Loss of all samples (line), of each batch (dots)");
  parts.loss.plot.show({
    width: beside, height: tall, x: { least: 0, most: STEPS, name: t("step ({n} in an epoch)", { n: steps }) }, y: { least: 0, most: high },
    lines: [
      { points: losses, colour: "output", thick: 2.5 },
      { points: [[now.step, 0], [now.step, high]], colour: "text", thick: 1 },
    ],
    dots: batches.map(([x, y]) => ({ x, y: Math.min(y, high), colour: "input", size: x === now.step ? 6 : 2 })),
  });
  const inBatch = new Set(now.batch);
  const [w, b] = now.position;
  const from = ranges.offset - 4;
  const curve = Array.from({ length: 81 }, (_, n) => from + n / 10).map((x) => [x, arithmetic.activate("sigmoid", w * x + b)]);
  const ones = now.batch.filter((at) => samples[at].label).length;
  parts.samples.caption.textContent = t("This batch: {zeros} of class 0, {ones} of class 1", { zeros: size - ones, ones });
  parts.samples.plot.show({
    width: beside, height: tall, x: { least: from, most: from + 8, name: t("feature x") }, y: { least: -0.12, most: 1.12, name: t("probability p"), ticks: [0, 0.5, 1] },
    lines: [{ points: curve, colour: "output", thick: 2 }],
    dots: samples.map(({ x, label }, at) => ({ x, y: label, colour: inBatch.has(at) ? (label ? "positive" : "negative") : "quiet", size: inBatch.has(at) ? 6 : 2.5 })),
  });
  const vector = (g) => `(${[...g].map((one) => scientific(one, 2)).join(", ")})`;
  const line = (textContent, className = "") => Object.assign(document.createElement("div"), { textContent, className });
  parts.sums.replaceChildren(
    line(t("w = {w}, b = {b}; gradient of the batch {batch}, of all samples {all}", { w: scientific(w, 3), b: scientific(b, 3), batch: vector(now.gradient), all: vector(now.all) })),
    line(t("Noise: the batches of an epoch differ from all samples by ± {noise}", { noise: scientific(now.noise) })),
  );
  parts.now = { ...now, epoch, ones, size };
}

const sizeOf = ({ state }) => SIZES.findLast((n) => n <= state.size);

// The samples, sorted by class; the loss over both weights; all steps for what is chosen now.
function trained({ parts, state }) {
  if (parts.feature !== state.feature) {
    const { offset, w, b } = FEATURES[state.feature];
    const random = arithmetic.randomOf(3);
    parts.data = Array.from({ length: SAMPLES }, (_, at) => {
      const label = Number(at >= SAMPLES / 2);
      return { x: offset + 2 * label - 1 + random.normal(), label };
    });
    const everything = parts.data.map((_, at) => at);
    const values = Array.from({ length: GRID * GRID }, (_, at) => {
      const [row, column] = [Math.floor(at / GRID), at % GRID];
      const position = [w[0] + ((column + 0.5) / GRID) * (w[1] - w[0]), b[1] - ((row + 0.5) / GRID) * (b[1] - b[0])];
      return lossOf(parts.data, everything, position).loss;
    });
    parts.surface_ = { rows: GRID, columns: GRID, values };
    parts.feature = state.feature;
    parts.key = null;
  }
  const size = sizeOf({ state });
  const start = state.start.length === 2 ? state.start : FEATURES[state.feature].start;
  const key = JSON.stringify([state.order, size, state.optimiser, state.power, start, state.seed]);
  if (parts.key !== key) {
    parts.path = walk(parts.data, { ...state, size, start });
    parts.key = key;
  }
  return { samples: parts.data, surface: parts.surface_, path: parts.path, start };
}

// Each step: the position, the batch that it has before it, the losses and gradients there.
export function walk(samples, { order, size, optimiser, power, start, seed }) {
  const random = arithmetic.randomOf(seed);
  const everything = samples.map((_, at) => at);
  const inEpoch = Math.ceil(SAMPLES / size);
  const path = [];
  let [position, memory, sequence] = [Float64Array.from(start), {}, everything];
  for (let step = 0; step <= STEPS; step += 1) {
    if (step % inEpoch === 0 && order === "shuffled") sequence = random.order(SAMPLES);
    const batches = Array.from({ length: inEpoch }, (_, n) => sequence.slice(n * size, (n + 1) * size));
    const batch = batches[step % inEpoch];
    const { loss, gradient: all } = lossOf(samples, everything, position);
    const { loss: batchLoss, gradient } = lossOf(samples, batch, position);
    const apart = batches.map((one) => lossOf(samples, one, position).gradient.map((value, at) => value - all[at]));
    const noise = Math.sqrt(arithmetic.mean(apart.map((one) => arithmetic.norm(one) ** 2)));
    path.push({ step, position, batch, loss, batchLoss, gradient, all, noise });
    ({ position, state: memory } = arithmetic.optimiserStep(optimiser, position, gradient, memory, { rate: 10 ** power }));
  }
  return path;
}

// Mean cross-entropy of some samples and its gradient for p = sigmoid(w·x + b): (p − y)·x and p − y.
export function lossOf(samples, which, [w, b]) {
  let loss = 0;
  const gradient = new Float64Array(2);
  for (const at of which) {
    const { x, label } = samples[at];
    const z = (label ? 1 : -1) * (w * x + b);
    loss += (Math.max(0, -z) + Math.log1p(Math.exp(-Math.abs(z)))) / which.length; // −ln sigmoid(z)
    const error = (arithmetic.activate("sigmoid", w * x + b) - label) / which.length;
    gradient[0] += error * x;
    gradient[1] += error;
  }
  return { loss, gradient };
}
