// Back through a convolution: gradient descent on one kernel and one image, forwards and backwards with the numbers.

import { arithmetic } from "../arithmetic.js";
import { fit, Grid, said } from "./grid.js";
import { chosen } from "./kernels.js";
import { gray } from "./picture.js";
import { fitted, Plot, scientific } from "./plot.js";
import { panel } from "./stage.js";
import { decimal, numbers, whole, word } from "./state.js";
import { t } from "../words.js";

const SIZE = 3;
const SIDE = 6;
const STEPS = 40;
const MOST = 1e6; // a kernel beyond this is no longer shown: it has exploded
const GOALS = ["sobel_x", "sobel_y", "laplacian", "gaussian", "identity"];
const STARTS = ["zero", "random", "box"];

// The panels of each column: name, heading, colour, and what it is for those who do not see it.
const columns = () => [
  [
    ["input", t("Input X"), "input", t("Input; the framed part belongs to the chosen weight")],
    ["ofInput", t("Gradient of X"), "input", t("Gradient of the loss with respect to the input")],
  ],
  [
    ["kernel", t("Kernel K"), "kernel", t("Kernel; click a weight")],
    ["ofKernel", t("Gradient of K"), "kernel", t("Gradient of the kernel; click a weight")],
    ["next", t("Next kernel"), "kernel", t("Kernel after this step; click a weight")],
  ],
  [
    ["output", t("Output Y"), "output", t("Output")],
    ["wanted", t("Wanted T"), "output", t("Wanted output")],
    ["error", t("Gradient G of Y"), "output", t("Gradient of the loss with respect to the output")],
  ],
];

export default {
  state: {
    goal: word("sobel_x", GOALS),
    start: word("random", STARTS),
    seed: whole(1, 1, 9999),
    power: decimal(0, -2, 2),
    step: whole(0, 0, STEPS),
    weight: whole(2, 0, SIZE * SIZE - 1),
    cell: numbers([0, 0], 2),
  },
  controls: () => [
    {
      kind: "choice", name: "goal", label: t("Wanted output of"),
      options: [
        ["sobel_x", t("Vertical edges (Sobel)")], ["sobel_y", t("Horizontal edges (Sobel)")], ["laplacian", t("Laplacian")],
        ["gaussian", t("Blur (Gaussian)")], ["identity", t("The image itself")],
      ],
    },
    { kind: "choice", name: "start", label: t("First kernel"), options: [["zero", t("zeros")], ["random", t("random")], ["box", t("mean")]] },
    { kind: "button", name: "seed", label: t("Draw anew"), when: ({ state }) => state.start === "random", press: (stage) => stage.set({ seed: stage.state.seed + 1 }) },
    { kind: "range", name: "power", label: t("Learning rate"), least: -2, most: 2, step: 0.05, said: (value) => scientific(10 ** value) },
  ],
  player: { count: () => STEPS + 1 },

  build(stage) {
    const { parts } = stage;
    const add = (name, title, colour, label) => {
      const found = panel(stage, title, colour);
      parts[name] = { ...found, grid: new Grid(found.figure, { label }) };
      return parts[name];
    };
    for (const panels of columns()) {
      const column = Object.assign(document.createElement("div"), { className: "column" });
      for (const [name, title, colour, label] of panels) column.append(add(name, title, colour, label).figure);
      stage.body.append(column);
    }
    for (const name of ["kernel", "ofKernel", "next"])
      parts[name].grid.pick = (row, column) => stage.set({ weight: row * SIZE + column });
    parts.loss = panel(stage, t("Loss"));
    parts.loss.plot = new Plot(parts.loss.figure, { label: t("Loss before each step; drag to a step"), drags: "across" });
    parts.loss.plot.pick = (step) => stage.player.go(Math.round(step));
    parts.sums = Object.assign(document.createElement("div"), { className: "sum" });
    parts.loss.figure.append(parts.sums);
  },

  draw: (stage) => fitted(stage, (room) => show(stage, room)),

  say({ parts, state }) {
    const { now, old, slope, next, row, column, rate, exploded } = parts.now;
    const loss = scientific(now.loss, 3);
    if (exploded) return t("The kernel has exploded: the loss is {loss}. Choose a smaller learning rate.", { loss });
    return t("Step {step}: loss {loss}. Weight in row {row}, column {column}: gradient {gradient}, from {old} to {next} at rate {rate}.", {
      step: state.step, loss, row, column, gradient: scientific(slope, 3), old: scientific(old, 3), next: scientific(next, 3), rate: scientific(rate),
    });
  },
};

function show(stage, room) {
  const { parts, state } = stage;
  const { image, wanted, passes, limit } = trained(stage);
  const now = passes[Math.min(state.step, passes.length - 1)];
  const [h, w] = image.shape;
  const [rows, columns] = wanted.shape;
  const rate = 10 ** state.power;
  const [row, column] = [Math.floor(state.weight / SIZE), state.weight % SIZE];
  const beside = room.narrow ? room.width : Math.max(220, Math.min(340, room.width * 0.32));
  const [high, across] = [room.height - 3 * 40, room.width - beside - 64];
  const cell = room.narrow ? fit(1, w + columns, room.width - 24, 40, 40) : fit(Math.max(2 * h, 3 * rows), w + columns, across - 3 * 36, high, 46);
  const wide = room.narrow ? fit(1, 3 * SIZE, room.width - 44, 40, 40) : fit(3 * SIZE, SIZE, across - (w + columns) * cell, high, 46);
  const largest = largestOf(wanted.data, now.output.data);
  const box = (top, left, height, width, colour, thick = 3) => ({ row: top, column: left, height, width, colour, thick });
  const here = [box(row, column, 1, 1, "output")];
  const steep = largestOf(now.gradients.image.data);
  fill(parts.input, image, { cell, mode: "gray", boxes: [box(row, column, rows, columns, "output")] });
  fill(parts.kernel, now.kernel, { cell: wide, largest: largestOf(now.kernel.data), boxes: here });
  fill(parts.output, now.output, { cell, largest });
  fill(parts.wanted, wanted, { cell, largest });
  fill(parts.ofInput, now.gradients.image, { cell, largest: steep });
  fill(parts.ofKernel, now.gradients.kernel, { cell: wide, largest: largestOf(now.gradients.kernel.data), boxes: here });
  fill(parts.error, now.error, { cell, largest: largestOf(now.error.data) });
  fill(parts.next, now.next, { cell: wide, largest: largestOf(now.next.data), boxes: here });
  const losses = passes.map(({ loss }, n) => [n, Math.max(1e-12, loss)]);
  const all = losses.map(([, loss]) => loss);
  parts.loss.plot.show({
    width: beside, height: room.narrow ? 220 : Math.max(110, Math.min(300, room.height - 220)),
    x: { least: 0, most: STEPS, name: t("step") },
    y: { least: 10 ** Math.floor(Math.log10(Math.min(...all)) - 0.01), most: 10 ** Math.ceil(Math.log10(Math.max(...all)) + 0.01), log: true, name: t("loss") },
    lines: [{ points: losses, colour: "output", thick: 3 }],
    dots: [{ x: Math.min(state.step, passes.length - 1), y: Math.max(1e-12, now.loss), colour: "output", size: 6 }],
  });
  const [old, slope, next] = [now.kernel, now.gradients.kernel, now.next].map(({ data }) => data[state.weight]);
  const text = (textContent, className = "") => Object.assign(document.createElement("div"), { textContent, className });
  parts.sums.replaceChildren(
    text(t("Loss {loss}", { loss: scientific(now.loss, 3) }), "total"),
    text(t("Framed weight: gradient {gradient}, the sum of the framed part of X times G", { gradient: scientific(slope, 3) })),
    text(t("New weight: {sum}", { sum: `${scientific(old, 3)} − ${scientific(rate)} · ${slope < 0 ? `(${scientific(slope, 3)})` : scientific(slope, 3)} = ${scientific(next, 3)}` })),
    text(t("Below a rate of {limit} the loss falls, above it grows in the end", { limit: scientific(limit, 3) }), rate > limit ? "negative" : ""),
  );
  parts.now = { now, old, slope, next, row, column, rate, exploded: passes.length <= STEPS && state.step >= passes.length - 1 };
}

const largestOf = (...lists) => Math.max(1e-12, ...lists.map((list) => Math.max(...list.map(Math.abs))));

function fill({ grid }, { shape, data }, more) {
  const digits = largestOf(data) < 0.1 ? 3 : 2;
  grid.show({ values: data, rows: shape[0], columns: shape[1], mode: "signed", digits, numbers: largestOf(data) < 1000, ...more });
}

// All steps for what is chosen now: forwards, backwards, the next kernel; ends where the kernel explodes.
function trained({ parts, picture, state }) {
  const key = [state.goal, state.start, state.seed, state.power].join(" ");
  if (parts.key === key && parts.of === picture) return parts.trained;
  const image = imageOf(picture);
  const kernelOf = (name) => arithmetic.tensor([SIZE, SIZE, 1, 1], name === "zero" ? null : chosen({ kernel: name, size: SIZE, values: [], seed: state.seed }).values);
  const wanted = arithmetic.convolve(image, kernelOf(state.goal));
  const passes = [];
  for (let kernel = kernelOf(state.start); passes.length <= STEPS && kernel.data.every((value) => Math.abs(value) < MOST); ) {
    const output = arithmetic.convolve(image, kernel);
    const { loss, gradient: error } = arithmetic.squaredError(output, wanted);
    const gradients = arithmetic.convolveGradients(image, kernel, error);
    const { position } = arithmetic.optimiserStep("sgd", kernel.data, gradients.kernel.data, {}, { rate: 10 ** state.power });
    const next = arithmetic.tensor(kernel.shape, position);
    passes.push({ kernel, output, loss, error, gradients, next });
    kernel = next;
  }
  parts.trained = { image, wanted, passes, limit: largestRate(image, wanted.shape) };
  Object.assign(parts, { key, of: picture });
  return parts.trained;
}

// The image in gray with at most 6 rows and columns: each pixel is the mean of those that lie under it.
function imageOf(picture) {
  const [h, w] = [picture.height, picture.width].map((size) => Math.min(SIDE, size));
  const pixels = gray(picture);
  const under = (from, to, count) => Array.from({ length: count }, (_, n) => Math.max(0, Math.min(n + 1, to) - Math.max(n, from)));
  const image = arithmetic.tensor([h, w, 1]);
  for (let at = 0; at < h * w; at += 1) {
    const [row, column] = [Math.floor(at / w), at % w];
    const rows = under((row * picture.height) / h, ((row + 1) * picture.height) / h, picture.height);
    const columns = under((column * picture.width) / w, ((column + 1) * picture.width) / w, picture.width);
    pixels.forEach((value, n) => (image.data[at] += value * rows[Math.floor(n / picture.width)] * columns[n % picture.width]));
    image.data[at] /= arithmetic.sum(rows) * arithmetic.sum(columns);
  }
  return image;
}

// Above 2/λ gradient descent diverges; λ is the largest curvature of this squared error, found by iteration.
export function largestRate(image, shape) {
  let direction = arithmetic.tensor([SIZE, SIZE, 1, 1], Array.from({ length: SIZE * SIZE }, (_, n) => 1 + n / 10));
  let curvature = 0;
  for (let n = 0; n < 200; n += 1) {
    const output = arithmetic.convolve(image, direction);
    const { gradient } = arithmetic.squaredError(output, arithmetic.tensor(shape));
    const turned = arithmetic.convolveGradients(image, direction, gradient).kernel;
    curvature = arithmetic.norm(turned.data) / arithmetic.norm(direction.data);
    if (!curvature) return Infinity;
    direction = arithmetic.map(turned, (value) => value / arithmetic.norm(turned.data));
  }
  return 2 / curvature;
}
