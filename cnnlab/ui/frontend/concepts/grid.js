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
const NUMBER_LARGE_FROM = 28; // the same in presentation mode: the number is made narrower
const LINES_FROM = 8; // pixels of a cell that has lines around it

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
    const numbers = (what.numbers ?? true) && cell >= (palette.least ? NUMBER_LARGE_FROM : NUMBER_FROM) && written;
    const size = Math.max(palette.least || 9, Math.min(17, cell * (what.digits > 1 ? 0.36 : 0.4)), palette.least && cell * 0.4);
    context.font = `${size}px ${getComputedStyle(this.canvas).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    this.fill(context, palette);
    if (cell >= LINES_FROM) lines(context, rows, columns, cell, margin);
    for (let at = 0; numbers && at < Math.min(filled, rows * columns); at += 1) {
      if (written[at] === null) continue;
      const [x, y] = [((at % columns) + margin + 0.5) * cell, (Math.floor(at / columns) + margin + 0.5) * cell];
      context.fillStyle = ink(mode === "rgb" ? values.slice(3 * at, 3 * at + 3) : shade(values[at], mode, largest, palette));
      context.fillText(said(written[at], what.digits ?? 2), x, y + 1, cell - 3);
    }
    for (const { row, column, text, colour } of what.marks ?? []) {
      context.fillStyle = palette[colour] ?? palette.text;
      context.fillText(text, (column + margin + 0.5) * cell, (row + margin + 0.5) * cell + 1, cell - 2);
    }
    for (const box of what.boxes ?? []) frame(context, box, cell, margin, palette);
  }

  // Draws the colours of the known cells: an image of one pixel for each cell, kept while the values stay.
  fill(context, palette) {
    const { values, rows, columns, mode = "signed", cell, largest = 1, filled = Infinity, margin = 0 } = this.shown;
    const key = [rows, columns, mode, largest].join();
    if (this.values !== values || this.key !== key || this.palette !== palette) {
      Object.assign(this, { values, key, palette });
      this.small ??= document.createElement("canvas");
      Object.assign(this.small, { width: columns, height: rows });
      const image = new ImageData(columns, rows);
      for (let at = 0; at < rows * columns; at += 1) {
        const rgb = mode === "rgb" ? values.slice(3 * at, 3 * at + 3) : shade(values[at], mode, largest, palette);
        image.data.set(rgb, 4 * at);
        image.data[4 * at + 3] = 255;
      }
      this.small.getContext("2d").putImageData(image, 0, 0);
    }
    context.imageSmoothingEnabled = false;
    const [left, top] = [margin * cell, margin * cell];
    const known = Math.min(filled, rows * columns);
    const whole = Math.floor(known / columns);
    const rest = known % columns;
    if (whole) context.drawImage(this.small, 0, 0, columns, whole, left, top, columns * cell, whole * cell);
    if (rest) context.drawImage(this.small, 0, whole, rest, 1, left, top + whole * cell, rest * cell, cell);
    if (cell >= LINES_FROM) return;
    context.strokeStyle = "rgb(128 136 144 / 60%)";
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, top + 0.5, columns * cell - 1, rows * cell - 1);
  }
}

// The lines between cells, as one path.
function lines(context, rows, columns, cell, margin) {
  const [left, top] = [margin * cell, margin * cell];
  context.beginPath();
  for (let row = 0; row <= rows; row += 1) {
    const y = Math.min(top + rows * cell - 0.5, top + row * cell + 0.5);
    context.moveTo(left, y);
    context.lineTo(left + columns * cell, y);
  }
  for (let column = 0; column <= columns; column += 1) {
    const x = Math.min(left + columns * cell - 0.5, left + column * cell + 0.5);
    context.moveTo(x, top);
    context.lineTo(x, top + rows * cell);
  }
  context.strokeStyle = "rgb(128 136 144 / 50%)";
  context.lineWidth = 1;
  context.stroke();
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
