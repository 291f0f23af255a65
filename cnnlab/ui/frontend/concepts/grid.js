// A table of numbers as a canvas: each value a cell in its colour, its number within where there is room.
//
//   const grid = new Grid(panel, { label: "Input" })
//   grid.pick = (row, column, event) => ...     a click, or each cell that the pointer is dragged over
//   grid.show({ values, rows, columns, mode, largest, digits, boxes, ... })
//
// values: numbers row by row; mode "rgb" takes three for each cell, from 0 to 255.
// mode: "gray" (0 black, `largest` white), "signed" (0 the page, orange positive, blue negative), "rgb", or the
// name of a part's colour, of which a value from 0 to 1 is the share.
// cell: pixels of a cell; `fit` computes the largest that fits.
// boxes: { row, column, height, width, colour, thick, dashed, fill } frames, in cells; they may lie outside.
// written: numbers to write into the cells where those are not `values`; null leaves a cell without one.
// marks: { row, column, text, colour } texts instead of numbers.
// filled: how many cells, row by row, are known; later ones stay empty. margin: cells around the table.

import { colours, ink, shade } from "./colours.js";

const NUMBER_FROM = 22; // pixels of a cell that has room for a number
const LINES_FROM = 8; // pixels of a cell that is framed; smaller ones are drawn as an image

export class Grid {
  constructor(parent, { label, drags = false }) {
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", label);
    if (drags) this.canvas.classList.add("drags");
    parent.append(this.canvas);
    this.pick = null;
    const cellAt = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const { cell, margin = 0 } = this.shown;
      const at = (place, from, size, count) =>
        Math.min(count - 1, Math.max(0, Math.floor((place - from) / (size / (count + 2 * margin))) - margin));
      return [
        at(event.clientY, box.top, box.height, this.shown.rows),
        at(event.clientX, box.left, box.width, this.shown.columns),
        cell,
      ];
    };
    const tell = (event) => {
      if (!this.pick || !this.shown) return;
      const [row, column] = cellAt(event);
      this.pick(row, column, event);
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      if (!this.pick || event.button) return;
      if (drags) this.canvas.setPointerCapture(event.pointerId);
      event.preventDefault();
      tell(event);
    });
    this.canvas.addEventListener("pointermove", (event) => this.canvas.hasPointerCapture(event.pointerId) && tell(event));
  }

  show(what) {
    this.shown = what;
    const { values, rows, columns, mode = "signed", cell, largest = 1, filled = Infinity, margin = 0 } = what;
    const palette = colours(this.canvas);
    const sharp = window.devicePixelRatio || 1;
    const [width, height] = [(columns + 2 * margin) * cell, (rows + 2 * margin) * cell];
    const [real, tall] = [Math.round(width * sharp), Math.round(height * sharp)];
    if (this.canvas.width !== real || this.canvas.height !== tall) Object.assign(this.canvas, { width: real, height: tall });
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    const context = this.canvas.getContext("2d");
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.clearRect(0, 0, width, height);
    const written = what.written ?? (mode === "rgb" ? null : values);
    const numbers = (what.numbers ?? true) && cell >= NUMBER_FROM && written;
    const size = Math.max(9, Math.min(17, cell * (what.digits > 1 ? 0.36 : 0.4)));
    context.font = `${size}px ${getComputedStyle(this.canvas).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const colourOf = (at) =>
      mode === "rgb" ? values.slice(3 * at, 3 * at + 3) : shade(values[at], mode, largest, palette);
    if (cell < LINES_FROM) asImage(context, what, colourOf, margin);
    for (let at = 0; cell >= LINES_FROM && at < rows * columns; at += 1) {
      const [x, y] = [((at % columns) + margin) * cell, (Math.floor(at / columns) + margin) * cell];
      context.lineWidth = 1;
      if (at >= filled) {
        context.strokeStyle = palette.line;
        context.strokeRect(x + 0.5, y + 0.5, cell - 1, cell - 1);
        continue;
      }
      const rgb = colourOf(at);
      context.fillStyle = `rgb(${rgb[0]} ${rgb[1]} ${rgb[2]})`;
      context.fillRect(x, y, cell, cell);
      context.strokeStyle = "rgb(128 136 144 / 45%)";
      context.strokeRect(x + 0.5, y + 0.5, cell - 1, cell - 1);
      if (!numbers || written[at] === null) continue;
      context.fillStyle = ink(rgb);
      context.fillText(said(written[at], what.digits ?? 2), x + cell / 2, y + cell / 2 + 1, cell - 3);
    }
    for (const { row, column, text, colour } of what.marks ?? []) {
      context.fillStyle = palette[colour] ?? palette.text;
      context.fillText(text, (column + margin + 0.5) * cell, (row + margin + 0.5) * cell + 1, cell - 2);
    }
    for (const box of what.boxes ?? []) frame(context, box, cell, margin, palette);
  }
}

// Draws small cells at once: an image of one pixel for each, enlarged without smoothing.
function asImage(context, { rows, columns, cell, filled = Infinity }, colourOf, margin) {
  const small = new OffscreenCanvas(columns, rows);
  const inside = small.getContext("2d");
  const image = inside.createImageData(columns, rows);
  for (let at = 0; at < Math.min(filled, rows * columns); at += 1) image.data.set([...colourOf(at), 255], 4 * at);
  inside.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, margin * cell, margin * cell, columns * cell, rows * cell);
  context.strokeStyle = "rgb(128 136 144 / 60%)";
  context.lineWidth = 1;
  context.strokeRect(margin * cell + 0.5, margin * cell + 0.5, columns * cell - 1, rows * cell - 1);
}

function frame(context, { row, column, height, width, colour, thick = 3, dashed = false, fill = 0 }, cell, margin, palette) {
  const [x, y] = [(column + margin) * cell, (row + margin) * cell];
  const inset = thick / 2;
  if (fill) {
    context.globalAlpha = fill;
    context.fillStyle = palette[colour] ?? colour;
    context.fillRect(x, y, width * cell, height * cell);
    context.globalAlpha = 1;
  }
  if (thick > 2 && !dashed) {
    context.strokeStyle = "rgb(255 255 255 / 85%)"; // the frame is seen on its own colour too
    context.lineWidth = thick + 2;
    context.strokeRect(x + inset, y + inset, width * cell - thick, height * cell - thick);
  }
  context.strokeStyle = palette[colour] ?? colour;
  context.lineWidth = thick;
  context.setLineDash(dashed ? [5, 4] : []);
  context.strokeRect(x + inset, y + inset, width * cell - thick, height * cell - thick);
  context.setLineDash([]);
}

// The largest cell, at most `most` pixels, with which so many rows and columns fit into a room.
export function fit(rows, columns, width, height, most = 56) {
  return Math.max(2, Math.min(most, Math.floor(Math.min(width / columns, height / rows))));
}

// A number as a scene writes it: a real minus sign, no minus before a zero, no needless zeros after whole ones.
export function said(value, digits = 2) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  const text = Number.isInteger(value) ? String(Math.abs(value)) : Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}
