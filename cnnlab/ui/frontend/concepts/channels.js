// Channels and filters: one row for each channel (its map, its kernel, its sum), one output map for each filter.

import { arithmetic } from "../arithmetic.js";
import { fit, Grid, said } from "./grid.js";
import { gray, plane } from "./picture.js";
import { panel } from "./stage.js";
import { whole, word } from "./state.js";
import { t } from "../words.js";

const MODES = ["standard", "pointwise", "depthwise", "groups"];
const NAMES = ["red", "green", "blue", "gray"];
const channelNames = () => [t("red"), t("green"), t("blue"), t("gray")];
const SIZE = 3;

export default {
  state: {
    mode: word("standard", MODES),
    inputs: whole(3, 1, 4),
    filters: whole(4, 1, 6),
    filter: whole(0, 0, 5),
    seed: whole(1, 1, 9999),
    step: whole(66, 0, 9999),
  },
  controls: () => [
    {
      kind: "segments", name: "mode", label: t("Convolution"),
      options: [["standard", t("standard")], ["pointwise", "1×1"], ["depthwise", t("depthwise")], ["groups", t("2 groups")]],
    },
    { kind: "range", name: "inputs", label: t("Channels"), least: 1, most: 4 },
    { kind: "range", name: "filters", label: t("Filters"), least: 1, most: 6, when: ({ state }) => state.mode !== "depthwise" },
    { kind: "button", name: "seed", label: t("Draw kernels anew"), press: (stage) => stage.set({ seed: stage.state.seed + 1 }) },
  ],
  player: { count: ({ picture }) => picture.height * picture.width, row: ({ picture }) => picture.width },

  // Two groups need even numbers.
  changed({ state }) {
    if (state.mode === "groups") Object.assign(state, { inputs: state.inputs < 3 ? 2 : 4, filters: 2 * Math.max(1, Math.round(state.filters / 2)) });
    state.filter = Math.min(state.filter, filtersOf(state) - 1);
  },

  build(stage) {
    const { parts } = stage;
    this.changed(stage);
    const { figure, caption } = panel(stage, "", "input");
    Object.assign(parts, { left: figure, leftCaption: caption });
    parts.rows = channelNames().map((channel) => {
      const node = Object.assign(document.createElement("div"), { className: "channel" });
      const words = Object.assign(document.createElement("span"), { className: "sum" });
      const map = new Grid(node, { label: t("Input channel {channel}; drag the window", { channel }), drags: true });
      const kernel = new Grid(node, { label: t("Kernel for {channel}", { channel }) });
      map.pick = (row, column) => {
        stage.player.pause();
        stage.set({ step: row * stage.picture.width + column });
      };
      node.append(words);
      figure.append(node);
      return { node, map, kernel, words };
    });
    parts.total = Object.assign(document.createElement("div"), { className: "sum total" });
    figure.append(parts.total);
    const right = panel(stage, t("Feature maps, one for each filter"), "output");
    parts.right = right;
    parts.maps = Object.assign(document.createElement("div"), { className: "maps" });
    right.figure.append(parts.maps);
    parts.outputs = Array.from({ length: 6 }, (_, filter) => {
      const grid = new Grid(parts.maps, { label: t("Feature map of filter {filter}", { filter: filter + 1 }), drags: true });
      grid.pick = (row, column) => {
        stage.player.pause();
        stage.set({ filter, step: row * stage.picture.width + column });
      };
      return grid;
    });
    parts.costs = Object.assign(document.createElement("table"), { className: "costs" });
    right.figure.append(parts.costs);
  },

  draw(stage) {
    const { parts, picture, state } = stage;
    const found = worked(stage);
    const { height, width } = picture;
    const room = stage.room();
    const [row, column] = [Math.floor(state.step / width), state.step % width];
    parts.costs.classList.toggle("short", room.width < 700);
    const { terms, bias, total } = arithmetic.cellTerms(found.image, found.kernel, [row, column, state.filter], { ...found.options, bias: found.biases });
    const each = (room.height - 80) / state.inputs - 8;
    const cell = real(height, width, room.narrow ? room.width * 0.4 : room.width * 0.24, Math.min(each, 230));
    const inner = Math.min(30, fit(found.size, found.size, 110, Math.max(30, each)));
    parts.leftCaption.textContent = t("Filter {filter}: input channel × kernel = sum", { filter: state.filter + 1 });
    const sums = [];
    const names = channelNames();
    parts.rows.forEach((part, channel) => {
      part.node.hidden = channel >= state.inputs;
      if (part.node.hidden) return;
      const of = terms.filter((term) => term.channel === channel);
      part.node.classList.toggle("unused", !of.length);
      const window = { row: row - (found.size >> 1), column: column - (found.size >> 1), height: found.size, width: found.size };
      part.map.show({ values: found.planes[channel], rows: height, columns: width, mode: "gray", cell, numbers: false, boxes: [{ ...window, colour: of.length ? "kernel" : "quiet", thick: 3 }] });
      part.kernel.canvas.hidden = !of.length;
      if (of.length) part.kernel.show({ values: of.map(({ weight }) => weight), rows: found.size, columns: found.size, largest: 1, digits: 1, cell: inner });
      const sum = of.reduce((before, { product }) => before + product, 0);
      if (of.length) sums.push(sum);
      part.words.textContent = `${names[channel]}\n${of.length ? said(sum) : t("not seen")}`;
    });
    parts.total.textContent = t("{sums} + bias {bias} = {total}", { sums: sums.map((sum) => said(sum)).join(" + "), bias: said(bias), total: said(total) }).replaceAll("+ −", "− ");
    const across = room.narrow || found.filters === 4 ? 2 : 3;
    const space = room.narrow ? room.width : room.width - parts.left.offsetWidth - 24;
    const lines = Math.ceil(found.filters / across);
    const out = real(height, width, space / across - 10, (room.height - 250) / lines - 10);
    parts.maps.style.gridTemplateColumns = `repeat(${Math.min(across, found.filters)}, max-content)`;
    parts.outputs.forEach((grid, filter) => {
      grid.canvas.hidden = filter >= found.filters;
      if (grid.canvas.hidden) return;
      const mine = filter === state.filter;
      const boxes = [{ row, column, height: 1, width: 1, colour: "output", thick: 3 }];
      if (mine) boxes.push({ row: 0, column: 0, height, width, colour: "output", thick: 4 });
      grid.show({ values: found.maps[filter], rows: height, columns: width, largest: found.largest, cell: out, numbers: false, boxes });
    });
    costs(parts.costs, state, picture);
    parts.now = { row, column, sums, bias, total };
  },

  say({ parts, state }) {
    const { row, column, sums, bias, total } = parts.now;
    const values = { filter: state.filter + 1, row, column, n: sums.length, sum: said(sums.reduce((a, b) => a + b, 0)), bias: said(bias), total: said(total) };
    return sums.length === 1
      ? t("Filter {filter}, row {row}, column {column}: one channel gives {sum}, with the bias {bias} it is {total}.", values)
      : t("Filter {filter}, row {row}, column {column}: {n} channels give {sum}, with the bias {bias} it is {total}.", values);
  },
};

const real = (rows, columns, width, height) => {
  const cell = Math.min(width / columns, height / rows, 40);
  return cell >= 8 ? Math.floor(cell) : Math.max(1, cell);
};
const filtersOf = ({ mode, inputs, filters }) => (mode === "depthwise" ? inputs : filters);

function worked({ parts, picture, state }) {
  const key = [state.mode, state.inputs, state.filters, state.seed].join();
  if (parts.key === key && parts.of === picture) return parts.found;
  const { height, width } = picture;
  const { mode, inputs } = state;
  const planes = NAMES.slice(0, inputs).map((name, channel) => (name === "gray" ? gray(picture) : plane(picture, channel)));
  const image = arithmetic.tensor([height, width, inputs], Float64Array.from({ length: height * width * inputs }, (_, at) => planes[at % inputs][Math.floor(at / inputs)]));
  const size = mode === "pointwise" ? 1 : SIZE;
  const groups = mode === "depthwise" ? inputs : mode === "groups" ? 2 : 1;
  const filters = filtersOf(state);
  const source = arithmetic.randomOf(state.seed);
  const rounded = () => Math.round(10 * Math.min(1, Math.max(-1, source.normal() * 0.5))) / 10;
  const shape = [size, size, inputs / groups, filters];
  const kernel = arithmetic.tensor(shape, Float64Array.from({ length: shape.reduce((a, b) => a * b) }, rounded));
  const biases = Array.from({ length: filters }, rounded);
  const options = { padding: "same", groups };
  const output = arithmetic.convolve(image, kernel, { ...options, bias: biases });
  const maps = Array.from({ length: filters }, (_, f) => output.data.filter((_, at) => at % filters === f));
  const largest = output.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  parts.found = { planes, image, kernel, biases, size, options, filters, maps, largest };
  Object.assign(parts, { key, of: picture });
  return parts.found;
}

// What each kind of convolution would cost at these sizes; with "same" padding the output is as large as the input.
function costs(table, { mode, inputs, filters }, { height, width }) {
  const many = (n) => Math.round(n).toLocaleString("en-GB");
  const of = (k, count, groups) => arithmetic.convolutionCost([height, width, inputs], [k, k], count, { padding: "same", groups });
  const rows = [
    ["standard", t("standard 3×3"), of(SIZE, filters, 1), `${filters}×3×3×${inputs} + ${filters}`],
    ["pointwise", "1×1", of(1, filters, 1), `${filters}×${inputs} + ${filters}`],
    ["depthwise", t("depthwise 3×3"), of(SIZE, inputs, inputs), `3×3×${inputs} + ${inputs}`],
  ];
  if (inputs % 2 === 0 && filters % 2 === 0) rows.push(["groups", t("2 groups 3×3"), of(SIZE, filters, 2), `${filters}×3×3×${inputs / 2} + ${filters}`]);
  const key = JSON.stringify([rows, mode]);
  if (table.dataset.of === key) return;
  table.dataset.of = key;
  const cell = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const head = document.createElement("tr");
  head.append(...[t("Convolution"), "", t("Parameters"), t("Multiplications")].map((text) => cell("th", text)));
  table.replaceChildren(
    head,
    ...rows.map(([name, title, cost, formula]) => {
      const line = document.createElement("tr");
      line.classList.toggle("now", name === mode);
      line.append(cell("th", title), cell("td", formula), cell("td", `= ${many(cost.parameters)}`), cell("td", many(cost.multiplications)));
      return line;
    }),
  );
}
