// An image is numbers: the whole image, a part of it enlarged until the numbers are read, its channels apart.

import { fit, Grid, said } from "./grid.js";
import { gray, plane, rgb } from "./picture.js";
import { panel } from "./stage.js";
import { whole, word } from "./state.js";
import { t } from "../words.js";

const CHANNELS = [["red", 0.299], ["green", 0.587], ["blue", 0.114]];
const TINTS = { red: [1, 0, 0], green: [0, 1, 0], blue: [0, 0, 1] };

export default {
  state: {
    row: whole(-1, -1, 4096),
    column: whole(-1, -1, 4096),
    across: whole(8, 3, 256),
    numbers: word("uint8", ["uint8", "unit"]),
  },
  controls: () => [
    {
      kind: "range", name: "across", label: t("Pixels across"), least: 3,
      most: ({ picture }) => Math.max(3, Math.min(picture.width, picture.height)),
    },
    { kind: "segments", name: "numbers", label: t("Numbers"), options: [["uint8", t("0 to 255 (uint8)")], ["unit", t("0 to 1 (divided by 255)")]] },
  ],

  build(stage) {
    const { parts } = stage;
    const add = (name, title, drags, colour) => {
      const { figure, caption } = panel(stage, title, colour);
      parts[name] = { figure, caption, grid: new Grid(figure, { label: title, drags }) };
      return parts[name];
    };
    const column = Object.assign(document.createElement("div"), { className: "column" });
    add("all", t("Whole image"), true, "input").grid.pick = (row, column) => stage.set({ row, column });
    add("part", t("Enlarged"), true).grid.pick = (row, column) => stage.set({ row: row + parts.top, column: column + parts.left });
    parts.sum = Object.assign(document.createElement("div"), { className: "sum" });
    column.append(parts.all.figure, parts.part.figure, parts.sum);
    stage.body.append(column);
    parts.apart = Object.assign(document.createElement("div"), { className: "apart" });
    for (const [name, title] of [["red", t("Red")], ["green", t("Green")], ["blue", t("Blue")], ["gray", t("Gray")]]) {
      const { figure, grid } = add(name, title, true);
      grid.pick = parts.part.grid.pick;
      parts.apart.append(figure);
    }
    stage.body.append(parts.apart);
  },

  key(stage, key) {
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key] ?? [0, 0];
    if (!down && !right) return false;
    const { row, column } = place(stage);
    const { height, width } = stage.picture;
    const within = (value, size) => Math.min(size - 1, Math.max(0, value));
    stage.set({ row: within(row + down, height), column: within(column + right, width) });
    return true;
  },

  draw(stage) {
    const { parts, picture, state } = stage;
    const room = stage.room();
    const all = pixels(stage);
    const at = place(stage);
    const size = Math.min(state.across, picture.width, picture.height);
    // The part moves with the pixel that is looked at only when that would leave it.
    const shift = (first, now, count) => Math.min(count - size, Math.max(0, Math.min(now, Math.max(now - size + 1, first))));
    if (parts.size !== size || parts.id !== picture.id)
      Object.assign(parts, { size, id: picture.id, top: at.row - (size >> 1), left: at.column - (size >> 1) });
    parts.top = shift(parts.top, at.row, picture.height);
    parts.left = shift(parts.left, at.column, picture.width);
    const left = room.narrow ? room.width / 2 - 12 : Math.min(230, (room.height - 190) / 2);
    const right = room.narrow ? room.width : room.width - left - 30;
    const cell = fitReal(picture.height, picture.width, left, left);
    parts.all.caption.textContent = t("Image, {rows} × {columns} pixels", { rows: picture.height, columns: picture.width });
    parts.all.grid.show({
      values: all.rgb, rows: picture.height, columns: picture.width, mode: "rgb", cell,
      boxes: [{ row: parts.top, column: parts.left, height: size, width: size, colour: "output" }],
    });
    const large = fitReal(size, size, left, left);
    const region = { rows: size, columns: size, boxes: [{ row: at.row - parts.top, column: at.column - parts.left, height: 1, width: 1, colour: "output" }] };
    parts.part.caption.textContent = t("{size} × {size} of them", { size });
    parts.part.grid.show({ ...region, values: cut(all.rgb, picture, parts, size, 3), mode: "rgb", cell: large });
    const small = fitReal(size, size, (right - 12) / 2, room.narrow ? 400 : (room.height - 60) / 2);
    const unit = state.numbers === "unit";
    for (const [name] of [...CHANNELS, ["gray"]]) {
      const values = cut(all[name], picture, parts, size, 1);
      const tint = TINTS[name];
      const colour = tint ? values.flatMap((value) => tint.map((share) => Math.round(255 * value * share))) : null;
      parts[name].grid.show({
        ...region, cell: small, mode: tint ? "rgb" : "gray", values: tint ? colour : values,
        written: unit ? values : values.map((value) => Math.round(255 * value)), digits: 2,
      });
    }
    const now = [0, 1, 2].map((channel) => all.rgb[3 * (at.row * picture.width + at.column) + channel]);
    parts.sum.replaceChildren(...sum(now, unit));
    parts.now = { ...at, now, unit };
  },

  say({ parts }) {
    const { row, column, now, unit } = parts.now;
    const [r, g, b] = unit ? now.map((value) => said(value / 255)) : now;
    const luma = 0.299 * now[0] + 0.587 * now[1] + 0.114 * now[2];
    return t("Row {row}, column {column}: red {red}, green {green}, blue {blue}, gray {gray}.", {
      row, column, red: r, green: g, blue: b, gray: unit ? said(luma / 255) : Math.round(luma),
    });
  },
};

// The pixel that is looked at; the middle of the image until one was chosen.
function place({ state, picture }) {
  const at = (value, size) => (value < 0 ? size >> 1 : Math.min(size - 1, value));
  return { row: at(state.row, picture.height), column: at(state.column, picture.width) };
}

function pixels({ parts, picture }) {
  if (parts.of !== picture) {
    const [red, green, blue] = [0, 1, 2].map((channel) => plane(picture, channel));
    Object.assign(parts, { of: picture, found: { rgb: rgb(picture), red, green, blue, gray: gray(picture) } });
  }
  return parts.found;
}

function cut(values, { width }, { top, left }, size, channels) {
  const found = [];
  for (let row = top; row < top + size; row += 1) {
    const from = (row * width + left) * channels;
    found.push(...values.subarray(from, from + size * channels));
  }
  return found;
}

const fitReal = (rows, columns, width, height) => {
  const cell = fit(rows, columns, width, height, 64);
  return cell >= 8 ? cell : Math.max(1, Math.min(width / columns, height / rows));
};

// Gray as a weighted sum, with the numbers of one pixel, one line for each channel.
function sum(now, unit) {
  const shown = (value, digits) => (unit ? said(value / 255, 3) : said(value, digits));
  const line = (text, className = "") => Object.assign(document.createElement("div"), { textContent: text, className });
  const names = [t("red"), t("green"), t("blue")];
  const lines = CHANNELS.map(([, weight], at) =>
    line(`${at ? "+ " : ""}${said(weight, 3)} × ${shown(now[at], 0)} = ${shown(weight * now[at], 1)}  ${names[at]}`),
  );
  const total = CHANNELS.reduce((found, [, weight], at) => found + weight * now[at], 0);
  const gray = unit
    ? t("= {value} gray", { value: said(total / 255, 3) })
    : t("= {value}, rounded {whole} gray", { value: said(total, 1), whole: Math.round(total) });
  return [...lines, line(gray, "total")];
}
