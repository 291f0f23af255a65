// Pooling: the window, its winner, the output; and what stays the same when the image moves by a pixel.

import { arithmetic } from "../arithmetic.js";
import { fit, Grid, said } from "./grid.js";
import { gray } from "./picture.js";
import { panel } from "./stage.js";
import { whole, word } from "./state.js";
import { t } from "../words.js";

const WINDOWS = ["2/2", "3/2", "3/1", "4/4", "global"];

export default {
  state: {
    kind: word("max", ["max", "average"]),
    window: word("2/2", WINDOWS),
    padding: word("valid", ["valid", "same"]),
    shift: whole(0, -3, 3),
    step: whole(0, 0, 99999),
  },
  controls: () => [
    { kind: "segments", name: "kind", label: t("Keep"), options: [["max", t("maximum")], ["average", t("average")]] },
    { kind: "segments", name: "window", label: t("Window/stride"), options: WINDOWS.map((name) => [name, name === "global" ? t("global") : name]) },
    { kind: "segments", name: "padding", label: t("Padding"), options: [["valid", "valid"], ["same", "same"]], when: ({ state }) => state.window !== "global" },
    { kind: "range", name: "shift", label: t("Shift to the right"), least: -3, most: 3, said: (value) => `${said(value)} px` },
  ],
  player: { count: (stage) => worked(stage).rows * worked(stage).columns, row: (stage) => worked(stage).columns },

  build(stage) {
    const { parts } = stage;
    const add = (name, title, colour, label) => {
      parts[name] = panel(stage, title, colour);
      parts[name].grid = new Grid(parts[name].figure, { label, drags: true });
      return parts[name].grid;
    };
    add("input", t("Input"), "input", t("Input with the window; drag it")).pick = (row, column) => {
      const { size, stride, rows, columns, before } = worked(stage);
      const at = (place, pad, count, extent) => Math.min(count - 1, Math.max(0, Math.round((place + pad - (extent - 1) / 2) / stride)));
      go(stage, at(row, before[0], rows, size[0]), at(column, before[1], columns, size[1]));
    };
    parts.beside = Object.assign(document.createElement("div"), { className: "beside" });
    const pick = (row, column) => go(stage, row, column);
    add("output", t("Output"), "output", t("Output; click a cell to go there")).pick = pick;
    add("moved", t("Output of the shifted image"), "output", t("Output of the shifted image")).pick = pick;
    parts.worked = Object.assign(document.createElement("div"), { className: "worked" });
    parts.beside.append(parts.worked, parts.output.figure, parts.moved.figure);
    stage.body.append(parts.beside);
  },

  draw(stage) {
    const { parts, picture, state } = stage;
    const found = worked(stage);
    const { size, stride, rows, columns, before, image, output, winners, moved, same } = found;
    const room = stage.room();
    const shown = state.shift ? moved.image : image;
    const cell = fit(picture.height, picture.width, room.narrow ? room.width : room.width * 0.52, room.height - 36, 56);
    const [row, column] = [Math.floor(state.step / columns), state.step % columns];
    const at = row * columns + column;
    const frames = [];
    const winnersNow = state.shift ? moved.winners : winners;
    if (state.kind === "max" && cell >= 10)
      winnersNow.forEach((winner) => frames.push({ row: Math.floor(winner / picture.width), column: winner % picture.width, height: 1, width: 1, colour: "output", thick: 2 }));
    const top = { row: row * stride - before[0], column: column * stride - before[1] };
    frames.push({ ...top, height: size[0], width: size[1], colour: "kernel", thick: 4 });
    const winner = winnersNow[at];
    if (winner >= 0) frames.push({ row: Math.floor(winner / picture.width), column: winner % picture.width, height: 1, width: 1, colour: "output", thick: 4, fill: 0.3 });
    parts.input.caption.textContent = state.shift
      ? t("Input {rows} × {columns}, shifted", { rows: picture.height, columns: picture.width })
      : t("Input {rows} × {columns}", { rows: picture.height, columns: picture.width });
    parts.input.grid.show({ values: shown.data, rows: picture.height, columns: picture.width, mode: "gray", cell, boxes: frames });
    const left = room.narrow ? room.width : room.width - cell * picture.width - 30;
    const count = state.shift ? 2 : 1;
    const small = fit(rows, columns, left, (room.height - 120) / count - 34, Math.max(cell, 30));
    const box = { row, column, height: 1, width: 1, colour: "output", thick: 4 };
    const filled = state.shift ? Infinity : state.step + 1;
    parts.output.caption.textContent = t("Output {rows} × {columns}", { rows, columns });
    parts.output.grid.show({ values: output.data, rows, columns, mode: "gray", cell: small, filled, boxes: [box] });
    parts.moved.figure.hidden = !state.shift;
    if (state.shift) {
      const kept = same.flatMap((equal, place) => (equal ? [{ row: Math.floor(place / columns), column: place % columns, height: 1, width: 1, colour: "kernel", thick: 2, dashed: true }] : []));
      parts.moved.caption.textContent = t("Shifted: {n} of {all} outputs stay the same (dashed)", { n: kept.length, all: rows * columns });
      parts.moved.grid.show({ values: moved.output.data, rows, columns, mode: "gray", cell: small, boxes: [...kept, box] });
    }
    const inside = valuesIn(shown, top, size, picture);
    const value = (state.shift ? moved.output : output).data[at];
    parts.worked.replaceChildren(...lines(state, inside, value, found).map((text) => Object.assign(document.createElement("div"), { textContent: text })));
    parts.now = { row, column, value, inside };
  },

  say({ parts, state }) {
    const { row, column, value, inside } = parts.now;
    const values = { row, column, n: inside.length, value: said(value) };
    return state.kind === "max"
      ? t("Output row {row}, column {column}: the largest of {n} values is {value}.", values)
      : t("Output row {row}, column {column}: the mean of {n} values is {value}.", values);
  },
};

const MOST_WRITTEN = 9;

function lines({ kind, shift }, inside, value, { pixels }) {
  const listed = inside.slice(0, MOST_WRITTEN).map((one) => said(one)).join(kind === "max" ? ", " : " + ") + (inside.length > MOST_WRITTEN ? " …" : "");
  const first = kind === "max" ? `max(${listed}) = ${said(value)}` : `(${listed}) / ${inside.length} = ${said(value)}`;
  return shift ? [first, t("Of the pixels themselves {n} of {all} stay the same.", { n: pixels.same, all: pixels.all })] : [first];
}

function go(stage, row, column) {
  stage.player.pause();
  stage.set({ step: row * worked(stage).columns + column });
}

function valuesIn({ data }, { row, column }, [height, width], picture) {
  const found = [];
  for (let y = Math.max(0, row); y < Math.min(picture.height, row + height); y += 1)
    for (let x = Math.max(0, column); x < Math.min(picture.width, column + width); x += 1) found.push(data[y * picture.width + x]);
  return found;
}

// Both outputs, of the image and of the shifted one, whose free columns are 0; computed where something changed.
function worked({ parts, picture, state }) {
  const key = [state.kind, state.window, state.padding, state.shift].join();
  if (parts.key === key && parts.of === picture) return parts.found;
  const { height, width } = picture;
  const image = arithmetic.tensor([height, width, 1], gray(picture));
  const global = state.window === "global";
  const [k, s] = global ? [0, 1] : state.window.split("/").map(Number);
  const size = global ? [height, width] : [Math.min(k, height), Math.min(k, width)];
  const options = { kind: state.kind, size, stride: global ? 1 : s, padding: global ? "valid" : state.padding };
  const axes = arithmetic.windowOf(image.shape, size, { stride: options.stride, padding: options.padding });
  const plain = arithmetic.pool(image, options);
  const shifted = { shape: image.shape, data: moved(image.data, width, state.shift) };
  const other = arithmetic.pool(shifted, options);
  const close = (one, two) => Math.abs(one - two) < 1e-6;
  parts.found = {
    ...plain, image, size, stride: options.stride,
    before: [axes.rows.before, axes.columns.before], rows: axes.rows.size, columns: axes.columns.size,
    moved: { ...other, image: shifted },
    same: Array.from(other.output.data, (value, at) => close(value, plain.output.data[at])),
    pixels: { all: height * width, same: shifted.data.filter((value, at) => close(value, image.data[at])).length },
  };
  Object.assign(parts, { key, of: picture });
  return parts.found;
}

function moved(data, width, right) {
  return data.map((_, at) => {
    const column = (at % width) - right;
    return column >= 0 && column < width ? data[at - right] : 0;
  });
}
