// Activations: the function and its derivative at one input; the gradient on its way back through twenty layers.

import { arithmetic } from "../arithmetic.js";
import { kernels, LAYERS, measured, upstreamOf } from "./deep_stack.js";
import { said } from "./grid.js";
import { gray } from "./picture.js";
import { fitted, Plot, scientific } from "./plot.js";
import { panel } from "./stage.js";
import { decimal, whole, word } from "./state.js";
import { joined, t } from "../words.js";

const KINDS = [["sigmoid", "Sigmoid"], ["tanh", "tanh"], ["relu", "ReLU"], ["leaky_relu", "LeakyReLU"], ["softmax", "Softmax"]];
// What each computes, and its slope.
const formulas = () => ({
  sigmoid: ["σ(x) = 1 / (1 + e⁻ˣ)", "σ′(x) = σ(x) · (1 − σ(x))"],
  tanh: ["tanh(x)", "tanh′(x) = 1 − tanh²(x)"],
  relu: ["max(0, x)", t("slope 1 above 0, else 0")],
  leaky_relu: [t("x above 0, else 0.3 · x"), t("slope 1 above 0, else 0.3")],
  softmax: [t("eˣ / (eˣ + e⁰ + e⁰): share of x beside two scores of 0"), t("slope p · (1 − p)")],
});
const SPAN = 6;

export default {
  state: {
    activation: word("sigmoid", KINDS.map(([name]) => name)),
    x: decimal(1, -SPAN, SPAN),
    init: word("glorot", ["glorot", "he"]),
    seed: whole(1, 1, 9999),
    step: whole(0, 0, LAYERS - 1),
  },
  controls: () => [
    { kind: "segments", name: "activation", label: t("Activation"), options: KINDS },
    { kind: "range", name: "x", label: t("Input x"), least: -SPAN, most: SPAN, step: 0.1, said: (value) => said(value, 1) },
    { kind: "choice", name: "init", label: t("Weights"), options: [["glorot", "Glorot (Xavier)"], ["he", "He"]] },
    { kind: "button", name: "seed", label: t("New weights"), press: (stage) => stage.set({ seed: stage.state.seed + 1 }) },
  ],
  player: { count: () => LAYERS },

  build(stage) {
    const { parts } = stage;
    parts.function = panel(stage, "");
    parts.function.plot = new Plot(parts.function.figure, { label: t("The activation and its derivative; drag the input"), drags: "across" });
    parts.function.plot.pick = (x) => stage.set({ x: Math.round(10 * Math.min(SPAN, Math.max(-SPAN, x))) / 10 });
    parts.numbers = Object.assign(document.createElement("div"), { className: "sum" });
    parts.function.figure.append(parts.numbers);
    parts.stack = panel(stage, "");
    parts.stack.plot = new Plot(parts.stack.figure, { label: t("Size of the gradient after one to twenty layers; drag along the layers"), drags: "across" });
    parts.stack.plot.pick = (layer) => {
      stage.player.pause();
      stage.set({ step: Math.min(LAYERS - 1, Math.max(0, Math.round(layer) - 1)) });
    };
    parts.after = Object.assign(document.createElement("div"), { className: "sum" });
    parts.stack.figure.append(parts.after);
  },

  draw: (stage) => fitted(stage, (room) => show(stage, room)),

  say({ parts, state }) {
    const { value, slope, after, layers } = parts.now;
    const size = scientific(after.gradient);
    return joined(
      t("{activation} of {x} is {value}, its slope {slope}.", { activation: title(state.activation), x: said(state.x, 1), value: said(value, 3), slope: said(slope, 3) }),
      layers > 1 ? t("After {n} layers the gradient has {size} times its size.", { n: layers, size }) : t("After 1 layer the gradient has {size} times its size.", { size }),
      after.saturated !== null && t("There, {share} % of the units have a slope near 0.", { share: said(100 * after.saturated, 0) }),
    );
  },
};

function show(stage, room) {
  const { parts, state } = stage;
  const [narrow, wide] = room.narrow ? [room.width, room.width] : [room.width * 0.42, room.width * 0.58 - 30];
  const height = room.narrow ? 250 : Math.max(140, room.height - 110);
  parts.function.figure.style.width = `${narrow}px`;
  parts.stack.figure.style.width = `${wide}px`;
  const [value, slope] = at(state.activation, state.x);
  const steps = Array.from({ length: 241 }, (_, n) => (SPAN * (n - 120)) / 120);
  const curves = steps.map((x) => [x, ...at(state.activation, x)]);
  const most = Math.max(...curves.map(([, y]) => y));
  parts.function.caption.textContent = title(state.activation);
  parts.function.plot.show({
    width: narrow, height,
    x: { least: -SPAN, most: SPAN, name: t("input x") },
    y: { least: Math.min(-0.1, 1.1 * curves[0][1]), most: Math.max(1.1, most * 1.05) },
    bands: flat(state.activation).map(([from, to]) => ({ from, to, colour: "quiet" })),
    lines: [
      { points: curves.map(([x, y]) => [x, y]), colour: "output", thick: 3 },
      { points: curves.map(([x, , y]) => [x, y]), colour: "text", dashed: true },
      { points: [[state.x, -9], [state.x, 9]], colour: "input", thick: 1 },
    ],
    dots: [{ x: state.x, y: value, colour: "output", size: 6 }, { x: state.x, y: slope, colour: "text", size: 6, hollow: true }],
  });
  const [rule, derived] = formulas()[state.activation];
  write(parts.numbers, [
    [rule, `= ${said(value, 4)}`, "output"],
    [derived, `= ${said(slope, 4)}`, "dashed"],
  ]);
  const runs = stack(stage);
  const now = runs[state.activation];
  const gradients = Object.values(runs).flatMap((run) => run.map(({ gradient }) => gradient)).filter((one) => one > 0);
  const least = 10 ** Math.max(-20, Math.floor(Math.log10(Math.min(...gradients, 0.1))));
  const largest = 10 ** Math.ceil(Math.log10(Math.max(...gradients, 1)));
  const points = (run) => [[0, 1], ...run.map(({ gradient }, n) => [n + 1, gradient])];
  const after = now[state.step];
  parts.stack.caption.textContent = t("Gradient on its way back through the layers");
  parts.stack.plot.show({
    width: wide, height, right: 84,
    x: { least: 0, most: LAYERS, name: t("layers back from the output"), ticks: [0, 1, 5, 10, 15, 20] },
    y: { least, most: largest, log: true, name: t("gradient (output: 1)") },
    lines: [
      ...KINDS.filter(([name]) => name !== state.activation).map(([name]) => ({ points: points(runs[name]), colour: "quiet", thick: 1.5 })),
      { points: points(now), colour: "output", thick: 3.5 },
      { points: [[state.step + 1, least / 10], [state.step + 1, largest * 10]], colour: "input", thick: 1 },
      ...apart(runs, state.activation, least, largest),
    ],
    dots: [{ x: state.step + 1, y: after.gradient, colour: "output", size: 6 }],
  });
  write(parts.after, [1, 5, 10, 20].map((n) => [n > 1 ? t("after {n} layers", { n }) : t("after 1 layer"), scientific(now[n - 1].gradient), n === state.step + 1 ? "total" : ""]));
  parts.now = { value, slope, after, layers: state.step + 1 };
}

const title = (name) => KINDS.find(([one]) => one === name)[1];

// Value and slope at x; softmax is that of x beside two scores of 0.
function at(name, x) {
  if (name !== "softmax") return [arithmetic.activate(name, x), arithmetic.derivative(name, x)];
  return [arithmetic.softmax([x, 0, 0])[0], arithmetic.softmaxJacobian([x, 0, 0]).data[0]];
}

// Where the slope is below 5 % of its largest.
function flat(name) {
  if (name === "relu") return [[-SPAN, 0]];
  const edges = { sigmoid: 4.357, tanh: 2.178 }[name];
  if (name === "softmax") return [[-SPAN, Math.LN2 - 4.357], [Math.LN2 + 4.357, SPAN]]; // a sigmoid of x − ln 2
  return edges ? [[-SPAN, -edges], [edges, SPAN]] : [];
}

// Names at the end of each curve, moved apart where they would lie on each other.
function apart(runs, chosen, least, most) {
  const gap = (Math.log10(most) - Math.log10(least)) / 16;
  const ends = KINDS.map(([name, text]) => ({ name, text, at: Math.log10(Math.max(least, runs[name].at(-1).gradient)) }));
  ends.sort((one, other) => other.at - one.at);
  ends.forEach((end, n) => n && (end.at = Math.min(end.at, ends[n - 1].at - gap)));
  for (let n = ends.length - 1, floor = Math.log10(least); n >= 0; n -= 1, floor += gap) ends[n].at = Math.max(ends[n].at, floor);
  return ends.map(({ name, text, at: place }) => ({ points: [[LAYERS, 10 ** place]], label: text, strong: name === chosen, colour: "text" }));
}

// The stack with each activation: the same image, weights from the same random numbers, the same last gradient.
function stack({ parts, picture, state }) {
  const key = `${state.init} ${state.seed}`;
  if (parts.key !== key || parts.of !== picture) {
    const image = arithmetic.tensor([picture.height, picture.width, 1], gray(picture));
    const weights = kernels(1, state.init, state.seed);
    const upstream = upstreamOf(image.shape, state.seed);
    parts.runs = Object.fromEntries(KINDS.map(([name]) => [name, measured(image, weights, name, upstream).reverse()]));
    Object.assign(parts, { key, of: picture });
  }
  return parts.runs;
}

function write(node, lines) {
  node.replaceChildren(
    ...lines.map(([name, value, className]) => {
      const line = Object.assign(document.createElement("div"), { className: `row ${className}` });
      for (const text of [name, value]) line.append(Object.assign(document.createElement("span"), { textContent: text }));
      return line;
    }),
  );
}
