// Stride, padding, dilation: the windows on the padded input, the output, and the formula with the numbers.

import { arithmetic } from "../arithmetic.js";
import { Grid } from "./grid.js";
import { panel } from "./stage.js";
import { whole, word } from "./state.js";
import { joined, t } from "../words.js";

// n, k, s, d, padding, p
const EXAMPLES = {
  alexnet_54: [224, 11, 4, 1, "valid", 0],
  alexnet_55: [227, 11, 4, 1, "valid", 0],
  alexnet_pad: [224, 11, 4, 1, "zeros", 2],
  alexnet_56: [224, 11, 4, 1, "same", 0],
  vgg: [224, 3, 1, 1, "same", 0],
  resnet: [224, 7, 2, 1, "zeros", 3],
  pool: [55, 3, 2, 1, "valid", 0],
  odd: [10, 4, 3, 1, "same", 0],
  dilated: [12, 3, 1, 2, "valid", 0],
};
// The title of each, and what is to be known of it.
const known = () => ({
  alexnet_54: [t("AlexNet 2012, 224 as printed: 54"), t("The paper of 2012 prints an input of 224 and maps of 55; without padding 224 gives 54.")],
  alexnet_55: [t("AlexNet 2012, 227: 55"), t("An input of 227 gives the paper's maps of 55: so it is built in Caffe and in most courses.")],
  alexnet_pad: [t("AlexNet of torchvision, 224 and 2 zeros: 55"), t("The variant of 2014 (“One weird trick”), as torchvision has it: 2 zeros on each side give 55 as well.")],
  alexnet_56: [t("AlexNet with “same”, 224: 56"), t("Many Keras notebooks write “same”: ⌈224/4⌉ = 56, not the 55 of the paper.")],
  vgg: [t("VGG16, 3×3 “same”: 224"), t("A 3×3 kernel at stride 1 with one zero on each side keeps the size.")],
  resnet: [t("ResNet, 7×7 and 3 zeros: 112"), t("The first layer of ResNet halves the image: ⌊(224 + 6 − 7)/2⌋ + 1 = 112.")],
  pool: [t("AlexNet's pooling, 3/2 on 55: 27"), t("Windows of 3 at a stride of 2 overlap by one pixel.")],
  odd: [t("“Same” with an odd zero"), t("3 zeros are needed: 1 at the top and left, 2 at the bottom and right.")],
  dilated: [t("Dilation 2"), t("Nine weights reach over 5 × 5 pixels.")],
});
const PADDINGS = ["valid", "same", "zeros"];

export default {
  state: {
    example: word("own", ["own", ...Object.keys(EXAMPLES)]),
    n: whole(8, 1, 512),
    k: whole(3, 1, 31),
    s: whole(2, 1, 31),
    d: whole(1, 1, 16),
    padding: word("same", PADDINGS),
    p: whole(1, 0, 31),
    step: whole(0, 0, 300000),
  },
  controls: () => [
    { kind: "choice", name: "example", label: t("Example"), options: [["own", t("your own numbers")], ...Object.entries(known()).map(([name, [title]]) => [name, title])] },
    { kind: "number", name: "n", label: t("Input n"), least: 1, most: 512 },
    { kind: "number", name: "k", label: t("Kernel k"), least: 1, most: 31 },
    { kind: "number", name: "s", label: t("Stride s"), least: 1, most: 31 },
    { kind: "number", name: "d", label: t("Dilation d"), least: 1, most: 16 },
    { kind: "segments", name: "padding", label: t("Padding"), options: [["valid", "valid"], ["same", "same"], ["zeros", t("zeros p")]] },
    { kind: "number", name: "p", label: "p", least: 0, most: 31, when: ({ state }) => state.padding === "zeros" },
  ],
  player: { count: ({ state }) => sizes(state).size ** 2, row: ({ state }) => sizes(state).size },

  changed(stage, before) {
    const { state } = stage;
    if (state.example !== before.example && EXAMPLES[state.example]) {
      const [n, k, s, d, padding, p] = EXAMPLES[state.example];
      Object.assign(state, { n, k, s, d, padding, p, step: 0 });
    } else if (["n", "k", "s", "d", "padding", "p"].some((name) => state[name] !== before[name])) state.example = "own";
  },

  build(stage) {
    const { parts } = stage;
    // The address of an example may stand alone, without its numbers.
    if (EXAMPLES[stage.state.example]) this.changed(stage, { example: "own" });
    parts.input = panel(stage, t("Input"), "input");
    parts.input.grid = new Grid(parts.input.figure, { label: t("Padded input with the window; drag it"), drags: true });
    parts.input.grid.pick = (row, column) => {
      const { size, extent } = sizes(stage.state);
      const at = (place) => Math.min(size - 1, Math.max(0, Math.round((place - (extent >> 1)) / stage.state.s)));
      go(stage, at(row), at(column));
    };
    parts.beside = Object.assign(document.createElement("div"), { className: "beside" });
    parts.output = panel(stage, t("Output"), "output");
    parts.output.grid = new Grid(parts.output.figure, { label: t("Output; click a cell to go there"), drags: true });
    parts.output.grid.pick = (row, column) => go(stage, row, column);
    parts.worked = Object.assign(document.createElement("div"), { className: "worked" });
    parts.beside.append(parts.worked, parts.output.figure);
    stage.body.append(parts.beside);
  },

  draw(stage) {
    const { parts, state } = stage;
    const { n, k, s, d, padding, p } = state;
    const found = sizes(state);
    const { size, before, after, extent, unused } = found;
    const room = stage.room();
    const padded = before + n + after;
    const limit = room.narrow ? room.width : room.width * 0.58;
    const cell = real(padded, Math.min(limit, room.height - 36), 44);
    const [row, column] = size ? [Math.floor(state.step / size), state.step % size] : [0, 0];
    const values = blank(parts, padded, before, n);
    const boxes = [{ row: before, column: before, height: n, width: n, colour: "input", thick: 3 }];
    const lost = padding === "same" ? 0 : unused;
    if (lost) {
      const rest = { colour: "quiet", thick: 1, fill: 0.5 };
      boxes.push({ ...rest, row: padded - lost, column: 0, height: lost, width: padded });
      boxes.push({ ...rest, row: 0, column: padded - lost, height: padded - lost, width: lost });
    }
    if (size) {
      const [top, left] = [row * s, column * s];
      for (let u = 0; u < k && k * cell > 12; u += 1)
        for (let v = 0; v < k; v += 1)
          boxes.push({ row: top + u * d, column: left + v * d, height: 1, width: 1, colour: "kernel", thick: 1, fill: 0.6 });
      boxes.push({ row: top, column: left, height: extent, width: extent, colour: "kernel", thick: Math.max(2, Math.min(4, cell / 4)) });
    }
    parts.input.caption.textContent = before + after
      ? t("Input {rows} × {columns}, with zeros {padded} × {padded}", { rows: n, columns: n, padded })
      : t("Input {rows} × {columns}", { rows: n, columns: n });
    parts.input.grid.show({ values, rows: padded, columns: padded, mode: "input", cell, written: parts.zeros, boxes });
    const more = room.narrow ? room.width : room.width - cell * padded - 30;
    const small = size ? Math.min(cell, real(size, Math.min(more, room.height - 250), 44)) : 0;
    parts.output.caption.textContent = size ? t("Output {rows} × {columns}", { rows: size, columns: size }) : t("No output");
    parts.output.grid.canvas.hidden = !size;
    if (size) parts.output.grid.show({ values: full(parts, size), rows: size, columns: size, mode: "output", cell: small, numbers: false, filled: state.step + 1, boxes: [{ row, column, height: 1, width: 1, colour: "output", thick: Math.max(2, Math.min(4, small / 4)) }] });
    parts.worked.replaceChildren(...lines(state, found).map(([text, className]) => Object.assign(document.createElement("div"), { textContent: text, className: className ?? "" })));
    parts.now = { row, column, ...found, lost };
  },

  say({ parts, state }) {
    const { row, column, size, before, extent, lost } = parts.now;
    if (!size) return t("The kernel reaches over {extent} pixels and the input has {n}: no window fits. Choose a smaller kernel, or padding.", { extent, n: state.n });
    const from = row * state.s - before;
    const left = column * state.s - before;
    const rest = lost > 1 ? t("The last {n} rows and columns are never reached.", { n: lost }) : t("The last row and column are never reached.");
    return joined(
      t("Output row {row}, column {column} sees rows {top} to {bottom} and columns {left} to {right}.", {
        row, column, top: minus(from), bottom: minus(from + extent - 1), left: minus(left), right: minus(left + extent - 1),
      }),
      lost && rest,
    );
  },
};

const minus = (value) => String(value).replace("-", "−");
const real = (count, room, most) => {
  const cell = Math.min(most, room / count);
  return cell >= 8 ? Math.floor(cell) : cell;
};

function sizes({ n, k, s, d, padding, p }) {
  return arithmetic.outputSize(n, k, { stride: s, dilation: d, padding: padding === "zeros" ? p : padding });
}

function go(stage, row, column) {
  const { size } = sizes(stage.state);
  if (!size) return;
  stage.player.pause();
  stage.set({ step: row * size + column });
}

// The padded input: 0 where there are zeros, a little where there are pixels.
function blank(parts, padded, before, n) {
  const key = `${padded} ${before} ${n}`;
  if (parts.blankOf !== key) {
    const inside = (place) => place >= before && place < before + n;
    const values = Array.from({ length: padded * padded }, (_, at) => (inside(Math.floor(at / padded)) && inside(at % padded) ? 0.25 : 0));
    Object.assign(parts, { blankOf: key, blank: values, zeros: values.map((value) => (value ? null : 0)) });
  }
  return parts.blank;
}

function full(parts, size) {
  if (parts.full?.length !== size * size) parts.full = new Array(size * size).fill(0.5);
  return parts.full;
}

// The formula with the numbers, line by line.
function lines({ example, n, k, s, d, padding, p }, { size, before, after, extent }) {
  const found = [];
  if (d > 1) found.push([`k' = ${d} × (${k} − 1) + 1 = ${extent}`]);
  if (!size) found.push([t("{formula}: no window fits", { formula: `k' = ${extent} > ${n + before + after}` }), "total"]);
  else if (padding === "same") {
    found.push([`⌈n/s⌉ = ⌈${n}/${s}⌉ = ${size}`, "total"]);
    const sum = `(${size} − 1) × ${s} + ${extent} − ${n}`;
    found.push([(size - 1) * s + extent < n ? t("zeros: {sum} < 0, so none", { sum }) : t("zeros: {sum}", { sum: `${sum} = ${before + after}` })]);
    if (before + after) found.push([t("{before} at the top and left, {after} at the bottom and right", { before, after })]);
  } else {
    const zeros = padding === "zeros" ? ` + 2×${p}` : "";
    const room = n + 2 * (padding === "zeros" ? p : 0) - extent;
    found.push([`⌊(${n}${zeros} − ${extent})/${s}⌋ + 1 = ⌊${+(room / s).toFixed(2)}⌋ + 1 = ${size}`, "total"]);
  }
  if (EXAMPLES[example]) found.push([known()[example][1], "known"]);
  return found;
}
