// Dropout: masks and scaling of units, whole maps instead of pixels, all subnetworks of a small network.

import { arithmetic } from "../arithmetic.js";
import { fit, Grid, said } from "./grid.js";
import { gray } from "./picture.js";
import { fitted, Plot } from "./plot.js";
import { panel } from "./stage.js";
import { decimal, whole, word } from "./state.js";
import { joined, t } from "../words.js";

const [ROWS, COLUMNS] = [4, 6];
const STEPS = 100;
const HIDDEN = 8;
const BINS = 25;
const KERNELS = [[-1, 0, 1, -2, 0, 2, -1, 0, 1], [-1, -2, -1, 0, 0, 0, 1, 2, 1], [1, 2, 1, 2, 4, 2, 1, 2, 1].map((n) => n / 16)];
const PARTS = ["units", "maps", "ensemble"];
const panels = () => ({
  units: [
    ["input", t("Units before"), "input"], ["mask", t("Mask of this step"), "kernel"], ["output", t("Units after"), "output"],
    ["mean", t("Mean of all steps so far"), ""], ["use", t("In use (inference)"), "output"],
  ],
  maps: [t("Vertical edges"), t("Horizontal edges"), t("Blur")].flatMap((name, at) => [
    [`map${at}`, name, "input"], [`drop${at}`, t("After dropout"), "output"], [`guess${at}`, t("Dropped values from neighbours"), ""],
  ]),
  ensemble: [["hidden", t("Hidden units of this subnetwork"), "output"]],
});
const isPart = (name) => ({ state }) => state.part === name;

export default {
  state: {
    part: word("units", PARTS),
    rate: decimal(0.5, 0, 0.9),
    scaling: word("training", ["training", "use"]),
    kind: word("pixels", ["pixels", "maps"]),
    seed: whole(1, 1, 9999),
    step: whole(0, 0, 2 ** HIDDEN - 1),
  },
  controls: () => [
    { kind: "segments", name: "part", label: t("Show"), options: [["units", t("Units")], ["maps", t("Feature maps")], ["ensemble", t("Subnetworks")]] },
    { kind: "range", name: "rate", label: t("Dropout rate p"), least: 0, most: 0.9, step: 0.05, said: (value) => said(value) },
    { kind: "segments", name: "scaling", label: t("Scaled"), options: [["training", t("in training (Keras)")], ["use", t("in use (2012 paper)")]], when: isPart("units") },
    { kind: "segments", name: "kind", label: t("Drops"), options: [["pixels", t("single values")], ["maps", t("whole maps (spatial)")]], when: isPart("maps") },
    { kind: "button", name: "seed", label: t("New weights"), when: isPart("ensemble"), press: (stage) => stage.set({ seed: stage.state.seed + 1 }) },
  ],
  player: { count: ({ state }) => (state.part === "ensemble" ? 2 ** HIDDEN : STEPS) },

  build(stage) {
    const { parts } = stage;
    parts.groups = Object.fromEntries(
      Object.entries(panels()).map(([part, shown]) => {
        const group = Object.assign(document.createElement("div"), { className: `part ${part}` });
        for (const [name, title, colour] of shown) {
          const found = panel(stage, title, colour);
          parts[name] = { ...found, grid: new Grid(found.figure, { label: title }) };
          group.append(found.figure);
        }
        return [part, group];
      }),
    );
    parts.predictions = panel(stage, t("Prediction for class A, of all 256 subnetworks"));
    parts.predictions.plot = new Plot(parts.predictions.figure, { label: t("How often each probability of class A is predicted") });
    parts.groups.ensemble.append(parts.predictions.figure);
    parts.sums = Object.assign(document.createElement("div"), { className: "sum" });
    stage.body.append(...Object.values(parts.groups), parts.sums);
  },

  draw(stage) {
    const { parts, state } = stage;
    for (const [name, group] of Object.entries(parts.groups)) group.hidden = name !== state.part;
    fitted(stage, (room) => {
      const { lines, sentence } = { units, maps, ensemble }[state.part](stage, room);
      parts.said = sentence;
      parts.sums.replaceChildren(...lines.map((textContent) => Object.assign(document.createElement("div"), { textContent })));
    });
  },

  say: ({ parts }) => parts.said,
};

const randomAt = (step, seed) => arithmetic.randomOf(seed * 100003 + step);

// One layer of 24 units: each step draws a mask of its own.
function units({ parts, state }, room) {
  const source = arithmetic.randomOf(11);
  const before = arithmetic.tensor([ROWS, COLUMNS, 1], Array.from({ length: ROWS * COLUMNS }, () => Math.round(10 * Math.abs(source.normal())) / 10 + 0.1));
  const settings = { scaling: state.scaling };
  let total = arithmetic.tensor(before.shape);
  let now = null;
  for (let step = 0; step <= state.step; step += 1) {
    now = arithmetic.dropout(before, state.rate, randomAt(step, 1), settings);
    total = arithmetic.map(total, (value, at) => value + now.output.data[at]);
  }
  const mean = arithmetic.map(total, (value) => value / (state.step + 1));
  const use = arithmetic.dropout(before, state.rate, null, { ...settings, training: false }).output;
  const largest = Math.max(...before.data) * (state.scaling === "training" ? 1 / (1 - state.rate) : 1);
  const across = room.narrow ? 1 : 3;
  const cell = fit(ROWS, COLUMNS, room.width / across - 20, room.narrow ? 160 : (room.height - 150) / 2, 52);
  for (const [name, { data }] of Object.entries({ input: before, output: now.output, mean, use }))
    parts[name].grid.show({ values: data, rows: ROWS, columns: COLUMNS, cell, largest });
  parts.mask.grid.show({ values: now.mask.data, rows: ROWS, columns: COLUMNS, cell, mode: "gray" });
  const kept = arithmetic.sum(now.mask.data);
  const off = arithmetic.mean(mean.data.map((value, at) => Math.abs(value - use.data[at]) / use.data[at]));
  const [rate, step, share] = [said(state.rate), state.step + 1, said(100 * off, 0)];
  return {
    lines: [
      state.scaling === "training"
        ? t("Training: what is kept is × 1/(1 − {rate}) = {factor}. In use: all units, unchanged.", { rate, factor: said(1 / (1 - state.rate)) })
        : t("Training: what is kept is unchanged. In use: all units, × (1 − {rate}) = {factor}.", { rate, factor: said(1 - state.rate) }),
      step > 1
        ? t("Mean of {n} training steps against use: {share} % apart on average; it shrinks with more steps.", { n: step, share })
        : t("Mean of 1 training step against use: {share} % apart on average; it shrinks with more steps.", { share }),
    ],
    sentence: t("Step {step}: {kept} of {all} units are kept.", { step, kept, all: ROWS * COLUMNS }),
  };
}

// Three feature maps: a dropped pixel is guessed from the neighbours that were kept; a dropped map is not.
function maps({ parts, picture, state }, room) {
  if (parts.of !== picture) {
    const image = arithmetic.tensor([picture.height, picture.width, 1], gray(picture));
    const weights = arithmetic.tensor([3, 3, 1, 3], KERNELS[0].flatMap((_, place) => KERNELS.map((values) => values[place])));
    parts.features = arithmetic.map(arithmetic.convolve(image, weights), (value) => Math.max(0, value));
    parts.of = picture;
  }
  const features = parts.features;
  const [h, w, channels] = features.shape;
  const { output, mask } = arithmetic.dropout(features, state.rate, randomAt(state.step, 2), { spatial: state.kind === "maps" });
  const rate = 1 / (1 - state.rate);
  const cell = fit(h, w, room.width / 3 - (room.narrow ? 8 : 20), room.narrow ? 200 : (room.height - 125) / 3, 40);
  const kept = [];
  const pairs = [];
  for (let c = 0; c < channels; c += 1) {
    const [before, after, here] = [features, output, mask].map((one) => arithmetic.channel(one, c).data);
    const largest = Math.max(...before, 1e-9);
    const guessed = Array.from(before, (value, at) => (here[at] ? value : fromNeighbours(before, here, at, h, w)));
    guessed.forEach((value, at) => here[at] || Number.isNaN(value) || pairs.push([value, before[at]]));
    const common = { rows: h, columns: w, cell, mode: "gray", numbers: false };
    parts[`map${c}`].grid.show({ ...common, values: before, largest });
    parts[`drop${c}`].grid.show({ ...common, values: after, largest: largest * rate });
    parts[`guess${c}`].grid.show({ ...common, values: guessed.map((value) => (Number.isNaN(value) ? 0 : value)), largest });
    kept.push(arithmetic.sum(here));
  }
  const dropped = h * w * channels - arithmetic.sum(kept);
  const alike = correlation(pairs);
  const words = !dropped
    ? t("Nothing was dropped in this step.")
    : pairs.length
      ? t("{n} of {dropped} dropped values have a neighbour that was kept. Its mean and the dropped value correlate with r = {r}.", { n: pairs.length, dropped, r: said(alike) })
      : t("No dropped value has a neighbour that was kept: the next layer cannot undo it.");
  const step = state.step + 1;
  return {
    lines: [],
    sentence: joined(
      state.kind === "maps"
        ? t("Step {step}: {kept} of 3 maps are kept.", { step, kept: kept.filter((n) => n > 0).length })
        : t("Step {step}: {share} % of the values are dropped.", { step, share: said((100 * dropped) / (h * w * channels), 0) }),
      words,
    ),
  };
}

// The mean of the kept values among the eight around a place; NaN where there is none.
function fromNeighbours(values, kept, at, h, w) {
  const [row, column] = [Math.floor(at / w), at % w];
  let [total, count] = [0, 0];
  for (let y = Math.max(0, row - 1); y <= Math.min(h - 1, row + 1); y += 1)
    for (let x = Math.max(0, column - 1); x <= Math.min(w - 1, column + 1); x += 1)
      if (kept[y * w + x]) [total, count] = [total + values[y * w + x], count + 1];
  return count ? total / count : NaN;
}

function correlation(pairs) {
  if (pairs.length < 2) return NaN;
  const [a, b] = [0, 1].map((which) => pairs.map((pair) => pair[which]));
  const [ma, mb] = [arithmetic.mean(a), arithmetic.mean(b)];
  const cross = arithmetic.sum(pairs.map(([x, y]) => (x - ma) * (y - mb)));
  return cross / Math.sqrt(arithmetic.sum(a.map((x) => (x - ma) ** 2)) * arithmetic.sum(b.map((y) => (y - mb) ** 2)));
}

// Eight hidden units and three classes: 2⁸ = 256 subnetworks, each with its probability of being drawn.
function ensemble(stage, room) {
  const { parts, state } = stage;
  const { hidden, all, mean, geometric, whole: scaled } = subnetworks(stage);
  const now = all[Math.min(state.step, all.length - 1)];
  const cell = fit(1, HIDDEN, room.narrow ? room.width : room.width * 0.6, 60, 52);
  parts.hidden.grid.show({
    values: hidden.map((value, at) => (now.kept[at] ? value : 0)), rows: 1, columns: HIDDEN, cell, largest: Math.max(...hidden),
    boxes: hidden.flatMap((_, at) => (now.kept[at] ? [] : [{ row: 0, column: at, height: 1, width: 1, colour: "quiet", dashed: true }])),
  });
  const counts = new Array(BINS).fill(0);
  for (const { share, p } of all) counts[Math.min(BINS - 1, Math.floor(p[0] * BINS))] += share;
  const most = Math.max(...counts) * 1.1;
  parts.predictions.plot.show({
    width: room.narrow ? room.width : Math.min(760, room.width), height: room.narrow ? 220 : Math.max(110, room.height - 230),
    x: { least: 0, most: 1, name: t("probability of class A") }, y: { least: 0, most, name: t("share of the draws") },
    bars: counts.map((y, n) => ({ from: n / BINS, to: (n + 1) / BINS, y, colour: "quiet" })),
    lines: [
      { points: [[mean[0], 0], [mean[0], most]], colour: "text", dashed: true, thick: 3 },
      { points: [[scaled[0], 0], [scaled[0], most]], colour: "output", thick: 3 },
    ],
    dots: [{ x: now.p[0], y: most * 0.04, colour: "input", size: 7 }],
  });
  const three = (p) => ["A", "B", "C"].map((name, at) => `${name} ${said(p[at], 3)}`).join(", ");
  return {
    lines: [
      t("This subnetwork: {p}", { p: three(now.p) }),
      t("Mean of all 256, weighted by how often each is drawn (dashed line): {p}", { p: three(mean) }),
      t("The whole network in use, hidden units times {factor} (solid line): {p}", { factor: said(1 - state.rate), p: three(scaled) }),
      t("Normalised geometric mean of all 256: {p}, the same as the whole network", { p: three(geometric) }),
    ],
    sentence: t("Subnetwork {n} of 256 keeps {kept} of 8 hidden units and predicts class A with {p}.", {
      n: Math.min(state.step, all.length - 1) + 1, kept: now.kept.filter(Boolean).length, p: said(now.p[0], 3),
    }),
  };
}

function subnetworks({ parts, state }) {
  const key = `${state.rate} ${state.seed}`;
  if (parts.ensembleKey === key) return parts.ensemble;
  const random = arithmetic.randomOf(state.seed);
  const hidden = Array.from({ length: HIDDEN }, () => Math.round(10 * (0.3 + Math.abs(random.normal()))) / 10);
  const weights = arithmetic.tensor([HIDDEN, 3], Array.from({ length: 3 * HIDDEN }, () => random.normal()));
  const scores = (values) => arithmetic.dense(arithmetic.tensor([1, HIDDEN], values), weights).data;
  const all = Array.from({ length: 2 ** HIDDEN }, (_, number) => {
    const kept = hidden.map((_, at) => 1 - ((number >> at) & 1)); // the first one keeps all
    const share = kept.reduce((product, one) => product * (one ? 1 - state.rate : state.rate), 1);
    const z = scores(hidden.map((value, at) => value * kept[at]));
    return { kept, share, p: arithmetic.softmax(z), logs: arithmetic.logSoftmax(z) };
  });
  const average = (name) => [0, 1, 2].map((at) => arithmetic.sum(all.map((one) => one.share * one[name][at])));
  const whole = arithmetic.softmax(scores(hidden.map((value) => value * (1 - state.rate))));
  parts.ensemble = { hidden, all, mean: average("p"), geometric: arithmetic.softmax(average("logs")), whole };
  parts.ensembleKey = key;
  return parts.ensemble;
}
