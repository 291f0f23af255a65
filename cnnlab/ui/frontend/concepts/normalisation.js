// Batch norm on real batches, in training and in use; local response normalisation across channels.

import { arithmetic } from "../arithmetic.js";
import { said } from "./grid.js";
import { decoded } from "./picture.js";
import { fitted, Plot, scientific } from "./plot.js";
import { panel } from "./stage.js";
import { decimal, flag, numbers, whole, word } from "./state.js";
import { joined, t } from "../words.js";

const BATCHES = 60;
const BINS = 40;
const EPSILON = 1e-3; // Keras's
const EDGES = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
const RESPONSES = [12, 90, 30, 5, 60, 22, 8, 75, 40, 0, 18, 50];
const TOP = 100; // responses are dragged from 0 to 100
const isBatch = ({ state }) => state.part === "batch";
const isResponse = (stage) => !isBatch(stage);
const written = (digits) => (value) => said(value, digits);

export default {
  state: {
    part: word("batch", ["batch", "response"]),
    unit: word("conv", ["conv", "dense"]),
    size: whole(16, 2, 64),
    statistics: word("training", ["training", "use"]),
    momentum: word("0.9", ["0.9", "0.99"]),
    gamma: decimal(1, -3, 3),
    beta: decimal(0, -3, 3),
    step: whole(0, 0, BATCHES - 1),
    values: numbers(RESPONSES, RESPONSES.length),
    k: decimal(2, 0.1, 5),
    n: whole(5, 1, 11),
    alpha: decimal(-4, -6, 0),
    power: decimal(0.75, 0, 2),
    divided: flag(false),
  },
  controls: () => [
    { kind: "segments", name: "part", label: t("Show"), options: [["batch", t("Batch norm")], ["response", t("Local response (LRN)")]] },
    { kind: "segments", name: "unit", label: t("Layer"), options: [["conv", t("Convolution")], ["dense", t("Dense")]], when: isBatch },
    { kind: "range", name: "size", label: t("Batch size"), least: 2, most: 64, when: isBatch },
    { kind: "segments", name: "statistics", label: t("Statistics of"), options: [["training", t("this batch (training)")], ["use", t("moving average (inference)")]], when: isBatch },
    { kind: "choice", name: "momentum", label: t("Momentum"), options: [["0.9", "0.9"], ["0.99", "0.99 (Keras)"]], when: isBatch },
    { kind: "range", name: "gamma", label: "γ", least: -3, most: 3, step: 0.1, said: written(1), when: isBatch },
    { kind: "range", name: "beta", label: "β", least: -3, most: 3, step: 0.1, said: written(1), when: isBatch },
    { kind: "range", name: "n", label: "n", least: 1, most: 11, step: 2, when: isResponse },
    { kind: "range", name: "k", label: "k", least: 0.1, most: 5, step: 0.1, said: written(1), when: isResponse },
    { kind: "range", name: "alpha", label: "α", least: -6, most: 0, step: 0.5, said: (value) => scientific(10 ** value), when: isResponse },
    { kind: "range", name: "power", label: "β", least: 0, most: 2, step: 0.05, said: written(2), when: isResponse },
    { kind: "toggle", name: "divided", label: t("α is divided by n (Caffe, PyTorch)"), when: isResponse },
  ],
  player: { count: (stage) => (isBatch(stage) ? BATCHES : RESPONSES.length) },

  build(stage) {
    const { parts } = stage;
    for (const [name, label, colour] of [["before", t("Values before; drag a bar of LRN"), "input"], ["after", t("Values after"), "output"], ["course", t("One value in each batch; drag to a batch"), ""]]) {
      parts[name] = panel(stage, "", colour);
      parts[name].plot = new Plot(parts[name].figure, { label, drags: { before: true, course: "across" }[name] });
    }
    parts.before.plot.pick = (channel, value) => {
      if (isBatch(stage)) return;
      const values = responses(stage);
      const at = Math.min(RESPONSES.length - 1, Math.max(0, Math.floor(channel)));
      values[at] = Math.round(Math.min(TOP, Math.max(0, value)));
      stage.player.pause();
      stage.set({ values, step: at });
    };
    parts.course.plot.pick = (batch) => stage.player.go(Math.round(batch) - 1);
    parts.sums = Object.assign(document.createElement("div"), { className: "sum" });
    stage.body.append(parts.sums);
  },

  draw: (stage) =>
    fitted(stage, (room) => {
    const width = room.narrow ? room.width : (room.width - 24) / 2;
    stage.parts.course.figure.hidden = isResponse(stage);
    for (const name of ["before", "after"]) stage.parts[name].figure.style.width = `${width}px`;
    if (isBatch(stage)) drawBatch(stage, room, width);
    else drawResponse(stage, room, width);
    }),

  say({ parts }) {
    return parts.said;
  },
};

const line = (textContent, className = "") => Object.assign(document.createElement("div"), { textContent, className });

function drawBatch(stage, room, width) {
  const { parts, state } = stage;
  const seen = batches(stage);
  const now = seen[state.step];
  const moving = state.statistics === "use";
  const used = moving ? now.moving : now;
  const deviation = Math.sqrt(used.variance + EPSILON);
  const apply = (x) => (state.gamma * (x - used.mean)) / deviation + state.beta;
  const height = room.narrow ? 200 : Math.max(90, (room.height - 150) / 2);
  const span = Math.max(...seen.flatMap(({ values }) => [Math.max(...values), -Math.min(...values)])) * 1.05;
  const many = { batch: state.step + 1, size: state.size };
  parts.before.caption.textContent = state.unit === "conv"
    ? t("Before: one channel of batch {batch}, {size} × 36 values", many)
    : t("Before: one channel of batch {batch}, {size} values", many);
  parts.before.plot.show({
    width, height, x: { least: -span, most: span, name: "x" }, ...histogram(now.values, -span, span, "input"),
    lines: [{ points: [[now.mean, 0], [now.mean, 1e9]], colour: "text", dashed: true }],
  });
  const after = now.values.map(apply);
  parts.after.caption.textContent = t("After: mean {mean}, deviation {deviation}", { mean: said(arithmetic.mean(after)), deviation: said(Math.sqrt(variance(after))) });
  parts.after.plot.show({
    width, height, x: { least: -6, most: 6, name: "y = γ · (x − μ)/√(σ² + ε) + β" }, ...histogram(after, -6, 6, "output"),
    lines: [{ points: [[apply(now.first), 0], [apply(now.first), 1e9]], colour: "input", thick: 3 }],
  });
  const courseOf = (statistics) => seen.map((one, n) => [n + 1, (state.gamma * (one.first - statistics(one).mean)) / Math.sqrt(statistics(one).variance + EPSILON) + state.beta]);
  const [trained, used_] = [courseOf((one) => one), courseOf((one) => one.moving)];
  const all = [...trained, ...used_].map(([, y]) => y);
  const [least, most] = [Math.min(...all, -1) - 0.3, Math.max(...all, 1) + 0.3];
  parts.course.caption.textContent = t("One and the same value in batch after batch: of the first image, beside others");
  parts.course.plot.show({
    width: room.width, height: room.narrow ? 200 : height, right: room.narrow ? 12 : 150,
    x: { least: 0, most: BATCHES, name: t("batch") }, y: { least, most, name: "y" },
    lines: [
      { points: trained, colour: "quiet", thick: 1 },
      { points: used_, colour: "output", thick: 2.5, label: room.narrow ? "" : t("inference") },
      { points: [[state.step + 1, least], [state.step + 1, most]], colour: "input", thick: 1 },
    ],
    dots: trained.map(([x, y], n) => ({ x, y, colour: "input", size: n === state.step ? 7 : 3.5 })),
    texts: room.narrow ? [] : [{ x: BATCHES, y: most - (most - least) * 0.06, text: ` ${t("dots: training")}` }],
  });
  const value = apply(now.first);
  const shown = { mean: said(used.mean, 3), deviation: said(Math.sqrt(used.variance), 3), n: state.step + 1 };
  const statistics = !moving
    ? t("Mean μ = {mean}, deviation σ = {deviation} (of this batch), ε = 0.001", shown)
    : state.step
      ? t("Mean μ = {mean}, deviation σ = {deviation} (of moving average after {n} batches), ε = 0.001", shown)
      : t("Mean μ = {mean}, deviation σ = {deviation} (of moving average after 1 batch), ε = 0.001", shown);
  const spread = Math.sqrt(variance(trained.map(([, y]) => y)));
  parts.sums.replaceChildren(
    line(statistics),
    line(`x = ${said(now.first, 3)}: ${said(state.gamma, 1)} · (${said(now.first, 3)} − ${bracket(used.mean)}) / ${said(deviation, 3)} + ${bracket(state.beta, 1)} = ${said(value, 3)}`, "total"),
  );
  const moves = { others: state.size - 1, spread: said(spread), batches: BATCHES };
  parts.said = joined(
    t("Batch {batch}: x = {x} becomes {value}.", { batch: state.step + 1, x: said(now.first, 3), value: said(value, 3) }),
    state.size > 2
      ? t("In training, the other {others} images move it by ± {spread} (standard deviation over {batches} batches).", moves)
      : t("In training, the other image moves it by ± {spread} (standard deviation over {batches} batches).", moves),
    state.size === 2 && state.unit === "dense" && !moving && t("Of two different values, (x − μ)/σ is always +1 for one and −1 for the other."),
  );
}

const bracket = (value, digits = 3) => (value < 0 ? `(${said(value, digits)})` : said(value, digits));
const variance = (values) => arithmetic.channelStatistics({ shape: [values.length, 1], data: Float64Array.from(values) }).variance[0];

function histogram(values, least, most, colour) {
  const counts = new Array(BINS).fill(0);
  const width = (most - least) / BINS;
  for (const value of values) if (value >= least && value <= most) counts[Math.min(BINS - 1, Math.floor((value - least) / width))] += 1;
  const bars = counts.map((count, n) => ({ from: least + n * width, to: least + (n + 1) * width, y: count, colour }));
  return { bars, y: { least: 0, most: Math.max(...counts) * 1.1, name: t("count") } };
}

// All batches for what is chosen now: their values, mean and variance, and the moving averages after each.
function batches({ parts, data, state }) {
  const key = [state.unit, state.size, state.momentum].join(" ");
  if (parts.key === key && parts.of === data.batch.pixels) return parts.batches;
  const perImage = channelOf(data.batch, state.unit);
  const random = arithmetic.randomOf(state.size);
  let moving = { mean: [0], variance: [1] }; // as Keras begins
  parts.batches = Array.from({ length: BATCHES }, () => {
    const others = random.order(perImage.length - 1).slice(0, state.size - 1);
    const values = [0, ...others.map((at) => at + 1)].flatMap((at) => perImage[at]);
    const own = arithmetic.channelStatistics(arithmetic.tensor([values.length, 1], values));
    moving = arithmetic.movingStatistics(moving, own, Number(state.momentum));
    const first = perImage[0][perImage[0].length >> 1];
    return { values, first, mean: own.mean[0], variance: own.variance[0], moving: { mean: moving.mean[0], variance: moving.variance[0] } };
  });
  Object.assign(parts, { key, of: data.batch.pixels });
  return parts.batches;
}

// What one channel computes for each image: a convolution with a kernel for vertical edges, or one weighted sum.
function channelOf({ count, height, width, pixels }, unit) {
  const { bytes } = decoded({ pixels, height, width, channels: 1 });
  const random = arithmetic.randomOf(5);
  const weights = Array.from({ length: height * width }, () => random.normal() / 4);
  const kernel = arithmetic.tensor([3, 3, 1, 1], EDGES);
  return Array.from({ length: count }, (_, at) => {
    const values = Float64Array.from(bytes.subarray(at * height * width, (at + 1) * height * width), (value) => value / 255);
    if (unit === "dense") return [arithmetic.sum(values.map((value, n) => value * weights[n]))];
    return [...arithmetic.convolve(arithmetic.tensor([height, width, 1], values), kernel).data];
  });
}

const responses = ({ state }) => RESPONSES.map((usual, at) => Math.min(TOP, Math.max(0, state.values[at] ?? usual)));

function drawResponse(stage, room, width) {
  const { parts, state } = stage;
  const at = Math.min(state.step, RESPONSES.length - 1);
  const values = responses(stage);
  const n = state.n - ((state.n + 1) % 2);
  const alpha = 10 ** state.alpha;
  const settings = { k: state.k, n, alpha, beta: state.power, perChannel: state.divided };
  const found = arithmetic.localResponse(arithmetic.tensor([values.length], values), settings);
  const [first, last] = [Math.max(0, at - (n >> 1)), Math.min(values.length - 1, at + (n >> 1))];
  const height = room.narrow ? 220 : Math.max(110, room.height - 150);
  const x = { least: 0, most: values.length, name: t("channel"), ticks: values.map((_, c) => [c + 0.5, String(c)]) };
  const bars = (tall, colour) => Array.from(tall, (y, c) => ({ from: c + 0.12, to: c + 0.88, y, colour: c === at ? colour : "quiet" }));
  parts.before.caption.textContent = t("Before: one position of 12 feature maps; drag the bars");
  parts.before.plot.show({ width, height, x, y: { least: 0, most: TOP, name: t("activation a") }, bars: bars(values, "input"), bands: [{ from: first, to: last + 1, colour: "kernel" }] });
  const output = found.output.data;
  parts.after.caption.textContent = t("After");
  parts.after.plot.show({ width, height, x, y: { least: 0, most: Math.max(1e-9, ...output) * 1.1, name: t("output b") }, bars: bars(output, "output") });
  const inner = state.k + (alpha * found.sums.data[at]) / (state.divided ? n : 1);
  const same = state.divided
    ? t("For the same output, the paper's and TensorFlow's α would be {alpha}.", { alpha: scientific(alpha / n) })
    : t("For the same output, Caffe's and PyTorch's α would be {alpha}.", { alpha: scientific(alpha * n) });
  const total = said(found.sums.data[at], 0);
  const squares = values.slice(first, last + 1).map((value) => `${said(value, 0)}²`).join(" + ");
  parts.sums.replaceChildren(
    line(t("Channels {first} to {last}: sum of squares {squares} = {total}", { first, last, squares, total })),
    line(t("{sum}; to the power of {power}: {divisor}", {
      sum: `${said(state.k, 1)} + ${scientific(alpha)}${state.divided ? ` / ${n}` : ""} · ${total} = ${scientific(inner, 4)}`,
      power: said(state.power), divisor: scientific(found.divisors.data[at], 4),
    })),
    line(`${said(values[at], 0)} / ${scientific(found.divisors.data[at], 4)} = ${scientific(output[at], 4)}`, "total"),
    line(same),
  );
  parts.said = t("Channel {channel}: {value} is divided by {divisor}, because of channels {first} to {last}; the output is {output}.", {
    channel: at, value: said(values[at], 0), divisor: scientific(found.divisors.data[at], 3), first, last, output: scientific(output[at], 3),
  });
}
