// The receptive field of one unit, layer by layer, as boxes on the image; beside it the sums of a stack of layers.
//
// The stack stands in the address: "c5x6~p2~c5x16~p2" is a convolution 5×5 of 6 filters, max pooling 2, and so on;
// s2 a stride of 2, d2 a dilation of 2, S "same" padding.

import { arithmetic } from "../arithmetic.js";
import { Grid } from "./grid.js";
import { rgb } from "./picture.js";
import { panel } from "./stage.js";
import { decimal, whole, word } from "./state.js";
import { t } from "../words.js";

const STACKS = {
  lenet5: [32, "c5x6~p2~c5x16~p2"],
  alexnet: [227, "c11x96s4~p3s2~c5x256S~p3s2~c3x384S~c3x384S~c3x256S~p3s2"],
  vgg16: [224, "c3x64S~c3x64S~p2~c3x128S~c3x128S~p2~c3x256S~c3x256S~c3x256S~p2~c3x512S~c3x512S~c3x512S~p2~c3x512S~c3x512S~c3x512S~p2"],
  seven: [64, "c7x16S"],
  threes: [64, "c3x16S~c3x16S~c3x16S"],
  dilated: [64, "c3x16S~c3x16Sd2~c3x16Sd4"],
};
const MOST = 18;
const stackTitles = () => [
  ["own", t("your own")], ["lenet5", t("LeNet-5, 32 pixels")], ["alexnet", t("AlexNet in one tower, 227 pixels")],
  ["vgg16", t("VGG16, 224 pixels")], ["seven", t("One 7×7")], ["threes", t("Three 3×3 instead of one 7×7")],
  ["dilated", t("Dilation 1, 2, 4")],
];
const added = () => [
  [t("+ Conv 3×3"), "c3x16S"], [t("+ Conv 5×5"), "c5x16S"], [t("+ Conv 3×3, stride 2"), "c3x16Ss2"], [t("+ Pool 2/2"), "p2"],
];
const TOKEN = /^(?:c(\d{1,2})x(\d{1,4})|p(\d))(S?)(?:s(\d{1,2}))?(?:d(\d{1,2}))?$/;

export default {
  state: {
    stack: word("lenet5", ["own", ...Object.keys(STACKS)]),
    n: whole(32, 4, 512),
    layers: { usual: STACKS.lenet5[1], read: (text) => (parsed(text) ? text : STACKS.lenet5[1]) },
    x: decimal(0.5, 0, 1),
    y: decimal(0.5, 0, 1),
    step: whole(MOST, 0, MOST),
  },
  controls: () => [
    { kind: "choice", name: "stack", label: t("Layers"), options: stackTitles() },
    { kind: "number", name: "n", label: t("Image"), least: 4, most: 512 },
    ...added().map(([label, token], at) => ({ kind: "button", name: `add${at}`, label, press: (stage) => add(stage, token) })),
    { kind: "button", name: "remove", label: t("Remove last"), press: (stage) => own(stage, stage.state.layers.split("~").slice(0, -1)) },
  ],
  player: { count: ({ state }) => parsed(state.layers).length + 1 },

  changed({ state }, before) {
    if (state.stack !== before.stack && STACKS[state.stack]) {
      const [n, layers] = STACKS[state.stack];
      Object.assign(state, { n, layers, step: MOST });
    } else if (state.n !== before.n) state.stack = "own";
  },

  build(stage) {
    const { parts, state } = stage;
    if (STACKS[state.stack] && !new URLSearchParams(location.search).has("layers")) this.changed(stage, { stack: "own" });
    const image = panel(stage, t("Image"), "input");
    parts.image = { ...image, grid: new Grid(image.figure, { label: t("Image with the receptive fields of one unit; drag the unit"), drags: true }) };
    parts.image.grid.pick = (row, column) => stage.set({ y: (row + 0.5) / stage.picture.height, x: (column + 0.5) / stage.picture.width });
    const table = panel(stage, t("Layer by layer"));
    parts.table = Object.assign(document.createElement("table"), { className: "costs" });
    parts.right = table.figure;
    table.figure.append(parts.table);
    parts.totals = Object.assign(document.createElement("div"), { className: "worked" });
    table.figure.append(parts.totals);
  },

  draw(stage) {
    const { parts, picture, state } = stage;
    const rows = grown(state);
    const shown = rows.slice(0, state.step + 1);
    const room = stage.room();
    const side = Math.max(picture.height, picture.width);
    table(stage, rows, shown.length);
    const beside = room.width - parts.table.offsetWidth - 24;
    const width = room.narrow ? room.width : Math.max(room.width * 0.25, Math.min(room.width * 0.45, room.height - 40, beside));
    const cell = width / side;
    const last = shown.at(-1);
    const unit = unitAt(last, state);
    const boxes = shown.map((row, at) => field(row, unit, last, state.n, picture, at === shown.length - 1));
    parts.image.caption.textContent = t("Image {n} × {n}", { n: state.n });
    parts.image.grid.show({ values: pixels(parts, picture), rows: picture.height, columns: picture.width, mode: "rgb", cell, boxes });
    const sum = (name) => rows.reduce((before, row) => before + (row[name] ?? 0), 0);
    const lines = [
      t("Parameters with shared kernels: {n}", { n: many(sum("shared")) }),
      t("With weights of its own at each place: {n}", { n: many(sum("unshared")) }),
    ];
    parts.totals.replaceChildren(...lines.map((text) => Object.assign(document.createElement("div"), { textContent: text })));
    parts.now = { last, unit, rows };
  },

  say({ parts, state }) {
    const { last, unit } = parts.now;
    const values = { layer: last.title, row: unit.row, column: unit.column, field: last.field, n: last.jump };
    if (!last.size) return t("{layer} does not fit: its window is larger than its input. Remove it, or choose a larger image.", values);
    if (last.field > state.n)
      return last.jump > 1
        ? t("A unit of {layer} (row {row}, column {column}) sees {field} × {field} pixels, more than the image has; its neighbour sees {n} pixels further on.", values)
        : t("A unit of {layer} (row {row}, column {column}) sees {field} × {field} pixels, more than the image has; its neighbour sees 1 pixel further on.", values);
    return last.jump > 1
      ? t("A unit of {layer} (row {row}, column {column}) sees {field} × {field} pixels; its neighbour sees {n} pixels further on.", values)
      : t("A unit of {layer} (row {row}, column {column}) sees {field} × {field} pixels; its neighbour sees 1 pixel further on.", values);
  },
};

const many = (value) => Math.round(value).toLocaleString("en-GB");

function parsed(text) {
  const tokens = text ? text.split("~") : [];
  if (tokens.length > MOST) return null;
  const found = tokens.map((token) => {
    const match = TOKEN.exec(token);
    if (!match) return null;
    const [, kernel, filters, pool, same, stride, dilation] = match;
    const k = Number(kernel ?? pool);
    const s = Number(stride ?? (pool ? pool : 1));
    const d = Number(dilation ?? 1);
    return k && s && d && (pool || Number(filters)) ? { pool: Boolean(pool), k, filters: Number(filters), s, d, same: Boolean(same) } : null;
  });
  return found.every(Boolean) ? found : null;
}

function titled({ pool, k, s, d, filters }, n) {
  if (pool) return t("{n} pool {size}", { n, size: `${k}/${s}` });
  return t("{n} conv {size}", { n, size: `${k}×${k}${s > 1 ? `/${s}` : ""}, ${filters}${d > 1 ? `, d ${d}` : ""}` });
}

function own(stage, tokens) {
  stage.set({ layers: tokens.join("~"), stack: "own", step: MOST });
}

function add(stage, token) {
  const tokens = stage.state.layers ? stage.state.layers.split("~") : [];
  if (tokens.length < MOST) own(stage, [...tokens, token]);
}

// A row for the image and for each layer: size, field, jump, the pixels outside the image at the first unit, parameters.
function grown({ n, layers }) {
  const rows = [{ title: t("the image"), size: n, field: 1, jump: 1, outside: 0, channels: 3 }];
  for (const layer of parsed(layers)) {
    const before = rows.at(-1);
    const { size, before: zeros, extent } = arithmetic.outputSize(before.size, layer.k, { stride: layer.s, dilation: layer.d, padding: layer.same ? "same" : "valid" });
    const channels = layer.pool ? before.channels : layer.filters;
    const shared = layer.pool ? 0 : layer.filters * (layer.k ** 2 * before.channels + 1);
    rows.push({
      layer, title: titled(layer, rows.length), size, channels, shared, unshared: shared * size ** 2,
      jump: before.jump * layer.s,
      field: before.field + (extent - 1) * before.jump,
      added: [layer.d * (layer.k - 1), before.jump],
      outside: before.outside + zeros * before.jump,
    });
    if (!size) break;
  }
  return rows;
}

// The unit whose field has its middle closest to the point that was chosen.
function unitAt({ size, field, jump, outside }, { n, x, y }) {
  const at = (place) => Math.max(0, Math.min(size - 1, Math.round((place * n - 0.5 + outside - (field - 1) / 2) / jump)));
  return { row: at(y), column: at(x) };
}

// The box of a row: around the middle of what the unit of the last one sees. In pixels of the shown image.
function field({ field: size, jump, outside }, unit, last, n, picture, final) {
  const middle = (place) => place * last.jump - last.outside + (last.field - 1) / 2;
  const first = (place) => Math.round((middle(place) - (size - 1) / 2 + outside) / jump) * jump - outside;
  const [row, column] = final ? [unit.row * jump - outside, unit.column * jump - outside] : [first(unit.row), first(unit.column)];
  const [down, right] = [picture.height / n, picture.width / n];
  return { row: row * down, column: column * right, height: size * down, width: size * right, colour: final ? "output" : "kernel", thick: final ? 4 : 2 };
}

function pixels(parts, picture) {
  if (parts.of !== picture) Object.assign(parts, { of: picture, rgb: rgb(picture) });
  return parts.rgb;
}

function table({ parts }, rows, known) {
  const cell = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const key = JSON.stringify([rows, known]);
  if (parts.tableOf === key) return;
  parts.tableOf = key;
  const head = document.createElement("tr");
  head.append(...[t("Layer"), t("Output"), "r", "j", t("Parameters")].map((text) => cell("th", text)));
  const lines = rows.map((row, at) => {
    const line = document.createElement("tr");
    const seen = at < known && row.size;
    line.classList.toggle("now", at === known - 1);
    line.append(
      cell("td", row.title),
      cell("td", row.size ? `${row.size}×${row.size}×${row.channels}` : t("does not fit")),
      cell("td", !seen ? "" : at ? `${rows[at - 1].field} + ${row.added[0]}×${row.added[1]} = ${row.field}` : "1"),
      cell("td", seen ? String(row.jump) : ""),
      cell("td", at && row.shared ? many(row.shared) : ""),
    );
    return line;
  });
  parts.table.classList.toggle("dense", lines.length > 12);
  parts.table.replaceChildren(head, ...lines);
}
