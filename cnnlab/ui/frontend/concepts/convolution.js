// Convolution: the window on the image, patch × kernel with all numbers, the sum, the output as it grows.

import { arithmetic } from "../arithmetic.js";
import { fit, Grid, said } from "./grid.js";
import { KernelTable } from "./kernel_table.js";
import { chosen, has_sizes, SIZES, titles } from "./kernels.js";
import { gray } from "./picture.js";
import { panel } from "./stage.js";
import { decimal, flag, numbers, whole, word } from "./state.js";
import { joined, t } from "../words.js";

const ACTIVATIONS = [["relu", "ReLU"], ["leaky_relu", "LeakyReLU"], ["sigmoid", "sigmoid"], ["tanh", "tanh"]];
const MIDDLE = 132; // pixels of the column between input and output, at least

export default {
  state: {
    step: whole(0, 0, 99999),
    kernel: word("sobel_x"),
    size: whole(3, 2, 7),
    values: numbers([], 49),
    seed: whole(1, 1, 9999),
    bias: decimal(0, -4, 4),
    activation: word("linear", ["linear", ...ACTIVATIONS.map(([name]) => name)]),
    flip: flag(false),
    whole: flag(false),
  },
  controls: () => [
    {
      kind: "choice", name: "kernel", label: t("Kernel"),
      options: ({ data }) => [...titles(), ...data.kernels.map((_, at) => [`run${at + 1}`, t("Run: filter {n}", { n: at + 1 })])],
    },
    { kind: "choice", name: "size", label: t("Size"), options: SIZES.map((n) => [n, `${n}×${n}`]), when: ({ state }) => has_sizes(state.kernel) },
    { kind: "button", name: "seed", label: t("Draw anew"), when: ({ state }) => state.kernel === "random", press: (stage) => stage.set({ seed: stage.state.seed + 1 }) },
    { kind: "range", name: "bias", label: t("Bias"), least: -4, most: 4, step: 0.1, said: (value) => said(value, 1) },
    { kind: "choice", name: "activation", label: t("Activation"), options: [["linear", t("none")], ...ACTIVATIONS] },
    { kind: "toggle", name: "flip", label: t("Flip the kernel") },
    { kind: "toggle", name: "whole", label: t("Whole output") },
  ],
  player: {
    count: (stage) => worked(stage).rows * worked(stage).columns,
    row: (stage) => worked(stage).columns,
  },

  // A kernel that was typed keeps its middle when it becomes larger or smaller.
  changed({ state }, before) {
    const [old, size] = [Number(before.size), Number(state.size)];
    if (state.kernel !== "typed" || before.kernel !== "typed" || old === size || state.values !== before.values) return;
    const shift = Math.floor(size / 2) - Math.floor(old / 2);
    const inside = (row, column) => row >= 0 && row < old && column >= 0 && column < old;
    state.values = Array.from({ length: size * size }, (_, at) => {
      const [row, column] = [Math.floor(at / size) - shift, (at % size) - shift];
      return inside(row, column) ? (before.values[row * old + column] ?? 0) : 0;
    });
  },

  // The kernels are those of a run: without it the address would show others.
  address: ({ data, state }) => (data.run && state.kernel.startsWith("run") ? { run: data.run } : {}),

  build(stage) {
    const { parts } = stage;
    const input = panel(stage, t("Input"), "input");
    parts.input = { ...input, grid: new Grid(input.figure, { label: t("Input with the window on it; drag the window"), drags: true }) };
    parts.input.grid.pick = (row, column) => {
      const { size, rows, columns } = worked(stage);
      const within = (value, count) => Math.min(count - 1, Math.max(0, value - (size >> 1)));
      move(stage, within(row, rows), within(column, columns));
    };
    parts.middle = Object.assign(document.createElement("div"), { className: "middle" });
    for (const [name, title, colour] of [["patch", t("Patch"), "input"], ["kernel", t("× Kernel"), "kernel"], ["products", t("= Products"), ""]]) {
      const found = panel(stage, title, colour);
      parts[name] = found;
      parts.middle.append(found.figure);
      if (name !== "kernel") found.grid = new Grid(found.figure, { label: title });
    }
    parts.kernel.table = new KernelTable(parts.kernel.figure, (values) => {
      const { size } = worked(stage);
      stage.set({ kernel: "typed", size, values: stage.state.flip ? [...values].reverse() : values });
    });
    parts.sum = Object.assign(document.createElement("div"), { className: "sum" });
    stage.body.append(parts.middle);
    const output = panel(stage, t("Output"), "output");
    parts.output = { ...output, grid: new Grid(output.figure, { label: t("Output; click a cell to go there"), drags: true }) };
    parts.output.grid.pick = (row, column) => move(stage, row, column);
    output.figure.append(parts.sum);
  },

  draw(stage) {
    const { parts, picture, state } = stage;
    const { values, size, used, rows, columns, output, largest } = worked(stage);
    const room = stage.room();
    const [row, column] = [Math.floor(state.step / columns), state.step % columns];
    const inner = room.narrow ? fit(size, 3 * size, room.width - 40, 200, 36) : fit(size, size, 170, (room.height - 130) / 3, 36);
    const middle = Math.max(MIDDLE, size * inner);
    const both = room.narrow ? room.width : (room.width - middle - 50) / (1 + columns / picture.width);
    const cell = fit(picture.height, picture.width, both, room.narrow ? 340 : room.height - 36, 48);
    parts.middle.style.width = room.narrow ? "" : `${middle}px`;
    parts.input.caption.textContent = t("Input {rows} × {columns}", { rows: picture.height, columns: picture.width });
    parts.input.grid.show({
      values, rows: picture.height, columns: picture.width, mode: "gray", cell,
      boxes: [{ row, column, height: size, width: size, colour: "kernel", thick: 4 }],
    });
    const terms = termsAt(stage, row, column);
    parts.patch.grid.show({ values: terms.map(({ pixel }) => pixel), rows: size, columns: size, mode: "gray", cell: inner });
    parts.kernel.caption.textContent = state.flip ? t("× Kernel, turned") : t("× Kernel");
    parts.kernel.table.show(used, size, inner);
    const products = terms.map(({ product }) => product);
    parts.products.grid.show({ values: products, rows: size, columns: size, cell: inner, largest: Math.max(...products.map(Math.abs), 1e-9) });
    const { sum, total, output: last } = stage.parts.now;
    parts.sum.replaceChildren(
      ...[
        t("Sum of {n} products: {sum}", { n: size * size, sum: said(sum) }),
        t("+ bias {bias} = {total}", { bias: said(state.bias, 1), total: said(total) }),
        state.activation === "linear" ? t("no activation") : `${title(state.activation)} → ${said(last)}`,
      ].map((text) => Object.assign(document.createElement("div"), { textContent: text })),
    );
    parts.output.caption.textContent = t("Output {rows} × {columns}", { rows, columns });
    parts.output.grid.show({
      values: output, rows, columns, cell, largest,
      filled: state.whole ? Infinity : state.step + 1,
      boxes: [{ row, column, height: 1, width: 1, colour: "output", thick: 4 }],
    });
    Object.assign(parts.now, { row, column });
  },

  say({ parts, state }) {
    const { row, column, sum, total, output } = parts.now;
    return joined(
      t("Output row {row}, column {column}: the products add up to {sum}, with the bias {total}.", { row, column, sum: said(sum), total: said(total) }),
      state.activation !== "linear" && t("{activation} makes it {value}.", { activation: title(state.activation), value: said(output) }),
    );
  },
};

const title = (name) => ACTIVATIONS.find(([one]) => one === name)[1];
const move = (stage, row, column) => {
  stage.player.pause();
  stage.set({ step: row * worked(stage).columns + column });
};

// The output for what is chosen now; computed again only where that has changed.
function worked({ parts, picture, state, data }) {
  const { kernel, size, values, seed, bias, activation, flip } = state;
  const key = [kernel, size, values.join("_"), seed, bias, activation, flip].join();
  if (parts.key === key && parts.of === picture && parts.from === data) return parts.worked;
  const choice = chosen({ ...state, size: Math.min(Number(size), picture.height, picture.width) }, data.kernels);
  const used = flip ? [...choice.values].reverse() : choice.values;
  const pixels = gray(picture);
  const image = arithmetic.tensor([picture.height, picture.width, 1], pixels);
  const weights = arithmetic.tensor([choice.size, choice.size, 1, 1], used);
  const sums = arithmetic.convolve(image, weights, { bias: [bias] });
  const output = Array.from(sums.data, (value) => arithmetic.activations.includes(activation) ? arithmetic.activate(activation, value) : value);
  const largest = Math.max(...output.map(Math.abs), 1e-9);
  const [rows, columns] = sums.shape;
  parts.worked = { values: pixels, size: choice.size, used, image, weights, rows, columns, output, largest };
  Object.assign(parts, { key, of: picture, from: data });
  return parts.worked;
}

function termsAt(stage, row, column) {
  const { image, weights } = worked(stage);
  const { bias, activation } = stage.state;
  const found = arithmetic.cellTerms(image, weights, [row, column, 0], { bias: [bias], activation });
  stage.parts.now = { sum: found.sum, total: found.total, output: found.output };
  return found.terms;
}
