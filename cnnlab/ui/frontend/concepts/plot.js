// A chart of a scene on a canvas: curves, dots and bars over two axes, a surface in levels beneath them.
//
//   const plot = new Plot(panel.figure, { label: "Loss", drags: "across" })     or true: dragged in both directions
//   plot.pick = (x, y) => ...          a click or drag, in the numbers of the axes
//   plot.show({ width, height, x, y, lines, dots, bars, texts, surface })
//
// x, y: { least, most, log, name, ticks } an axis; ticks: [number or [number, text], ...] or absent for round numbers.
// lines: { points: [[x, y], ...], colour, thick, dashed, label } label stands at the last point.
// dots: { x, y, colour, size, hollow }. bars: { from, to, y, colour } from 0 or the least of a log axis.
// bands: { from, to, colour } stretches of the x axis, pale. texts: { x, y, text, colour, align }.
// surface: { rows, columns, values } a number for each cell of the area, top row first, drawn in levels.

import { colours } from "./colours.js";
import { said } from "./grid.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [56, 12, 10, 40];
const TYPE = 13; // pixels; larger in presentation mode
const LEVELS = 14;
const SLACK = 6; // pixels: sizes are rounded

export class Plot {
  constructor(parent, { label, drags = false }) {
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", label);
    if (drags) this.canvas.classList.add("drags");
    if (drags === "across") this.canvas.classList.add("across"); // a finger still scrolls up and down
    parent.append(this.canvas);
    this.pick = null;
    const tell = (event) => {
      const box = this.canvas.getBoundingClientRect();
      this.pick(this.axisX.back(event.clientX - box.left), this.axisY.back(event.clientY - box.top));
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      if (!this.pick || event.button || !this.axisX) return;
      if (drags) this.canvas.setPointerCapture(event.pointerId);
      event.preventDefault();
      tell(event);
    });
    this.canvas.addEventListener("pointermove", (event) => this.canvas.hasPointerCapture(event.pointerId) && tell(event));
  }

  show(what) {
    const { width, height } = what;
    const palette = colours(this.canvas);
    const type = palette.least || TYPE;
    const [left, bottom] = [LEFT, BOTTOM].map((margin) => (margin * type) / TYPE);
    const right = Math.max(RIGHT, (what.right ?? 0) * (type / TYPE));
    this.axisX = axis(what.x, left, width - right);
    this.axisY = axis(what.y, height - bottom, TOP);
    const context = sharpened(this.canvas, width, height);
    context.font = `${type}px ${getComputedStyle(this.canvas).fontFamily}`;
    const [x, y] = [this.axisX.at, this.axisY.at];
    const area = { left, top: TOP, width: width - right - left, height: height - bottom - TOP, type };
    if (what.surface) levels(context, what.surface, area, palette);
    for (const { from, to, colour } of what.bands ?? []) {
      context.globalAlpha = 0.18;
      context.fillStyle = palette[colour] ?? colour;
      context.fillRect(x(from), area.top, x(to) - x(from), area.height);
      context.globalAlpha = 1;
    }
    axes(context, this, what, area, palette);
    context.save();
    context.beginPath();
    context.rect(area.left - 1, area.top - 1, area.width + 2 + right, area.height + 2);
    context.clip();
    for (const { from, to, y: tall, colour, hollow } of what.bars ?? []) {
      const base = y(this.axisY.log ? this.axisY.least : Math.max(0, this.axisY.least));
      const box = [x(from) + 0.5, Math.min(base, y(tall)), Math.max(1, x(to) - x(from) - 1), Math.abs(base - y(tall))];
      context.fillStyle = palette[colour] ?? colour;
      context.strokeStyle = context.fillStyle;
      if (hollow) context.strokeRect(...box);
      else context.fillRect(...box);
    }
    for (const line of what.lines ?? []) curve(context, line, x, y, palette);
    for (const { x: across, y: up, colour, size = 5, hollow } of what.dots ?? []) {
      context.beginPath();
      context.arc(x(across), y(up), size, 0, 2 * Math.PI);
      context.fillStyle = hollow ? palette.back : (palette[colour] ?? colour);
      context.strokeStyle = hollow ? (palette[colour] ?? colour) : palette.back;
      context.lineWidth = hollow ? 2 : 1;
      context.fill();
      context.stroke();
    }
    context.restore();
    for (const line of what.lines ?? []) if (line.label && line.points.length) labelled(context, line, x, y, palette, area);
    for (const { x: across, y: up, text, colour = "text", align = "left" } of what.texts ?? []) {
      context.textAlign = align;
      context.textBaseline = "middle";
      context.fillStyle = palette[colour] ?? colour;
      context.fillText(text, x(across), y(up));
    }
  }
}

// Calls `drawn(room)` with the room of a scene, and once more with less height where the scene came out too tall.
export function fitted(stage, drawn) {
  const { parts, body, state } = stage;
  const room = stage.room();
  stage.node.classList.toggle("narrow", room.narrow);
  const key = [room.width, room.height, state.part].join(" ");
  if (parts.fitted !== key) Object.assign(parts, { fitted: key, less: 0 });
  drawn({ ...room, height: room.height - parts.less });
  const over = body.offsetHeight - (room.height - SLACK);
  if (room.narrow || over < 1 || parts.less > room.height / 2) return;
  parts.less += over;
  drawn({ ...room, height: room.height - parts.less });
}

// Makes a canvas so large in pixels of the page, sharp on its screen, and empties it.
export function sharpened(canvas, width, height) {
  const sharp = window.devicePixelRatio || 1;
  const [wide, tall] = [Math.round(width * sharp), Math.round(height * sharp)];
  if (canvas.width !== wide || canvas.height !== tall) Object.assign(canvas, { width: wide, height: tall });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const context = canvas.getContext("2d");
  context.setTransform(sharp, 0, 0, sharp, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

function axis({ least, most, log = false }, from, to) {
  const [turn, undo] = log ? [Math.log10, (value) => 10 ** value] : [(value) => value, (value) => value];
  const [first, last] = [turn(least), turn(most)];
  const at = (value) => {
    const place = from + ((turn(log ? Math.max(value, 1e-300) : value) - first) / (last - first)) * (to - from);
    return Math.min(1e5, Math.max(-1e5, place)); // infinity can be drawn: far outside
  };
  return { at, back: (place) => undo(first + ((place - from) / (to - from)) * (last - first)), least, most, log };
}

// Round numbers of an axis: a step of 1, 2 or 5 times a power of ten; powers of ten on a logarithmic one.
export function ticks({ least, most, log = false, ticks: given }, room) {
  if (given) return given.map((tick) => (Array.isArray(tick) ? tick : [tick, said(tick)]));
  if (log) {
    const [first, last] = [Math.ceil(Math.log10(least) - 1e-9), Math.floor(Math.log10(most) + 1e-9)];
    const step = Math.max(1, Math.ceil((last - first) / Math.max(1, room / 34)));
    return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, n) => [10 ** (first + n * step), power(first + n * step)]);
  }
  const rough = (most - least) / Math.max(2, Math.min(8, room / 45));
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * size).find((one) => one >= rough * 0.999);
  const first = Math.ceil(least / step - 1e-9);
  const found = Array.from({ length: Math.floor(most / step + 1e-9) - first + 1 }, (_, n) => (first + n) * step);
  return found.map((value) => [value, said(Number(value.toPrecision(12)), Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))]);
}

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const power = (n) => (n >= -2 && n <= 3 ? said(10 ** n, Math.max(0, -n)) : `10${String(n).replace(/./g, (letter) => RAISED[letter])}`);

// A number from very small to very large with so many significant digits: 0.012, 3.1, 1.3·10⁻⁷.
export function scientific(value, digits = 2) {
  if (!Number.isFinite(value)) return said(value);
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -3 && exponent < 5) return said(value, Math.max(0, digits - 1 - exponent));
  const [mantissa, raised] = Math.abs(value).toExponential(digits - 1).split("e");
  return `${value < 0 ? "−" : ""}${mantissa}·10${String(Number(raised)).replace(/./g, (letter) => RAISED[letter])}`;
}

function axes(context, plot, { x, y, surface }, area, palette) {
  context.lineWidth = 1;
  context.fillStyle = palette.text;
  context.strokeStyle = palette.line;
  context.textBaseline = "middle";
  for (const [value, text] of ticks(y, area.height)) {
    const at = Math.round(plot.axisY.at(value)) + 0.5;
    context.textAlign = "right";
    context.fillText(text, area.left - 6, at);
    if (!surface) stroke(context, [area.left, at], [area.left + area.width, at]);
  }
  for (const [value, text] of ticks(x, area.width)) {
    const at = Math.round(plot.axisX.at(value)) + 0.5;
    context.textAlign = "center";
    context.fillText(text, at, area.top + area.height + area.type * 0.85);
    if (!surface) stroke(context, [at, area.top + area.height], [at, area.top + area.height + 4]);
  }
  context.strokeStyle = palette.quiet;
  for (const [along, value] of [["y", 0], ["x", 0]]) {
    const one = along === "y" ? plot.axisY : plot.axisX;
    if (surface || one.log || value < one.least || value > one.most) continue;
    const at = Math.round(one.at(value)) + 0.5;
    if (along === "y") stroke(context, [area.left, at], [area.left + area.width, at]);
    else stroke(context, [at, area.top], [at, area.top + area.height]);
  }
  context.textAlign = "center";
  if (x.name) context.fillText(x.name, area.left + area.width / 2, area.top + area.height + area.type * 2.25);
  if (!y.name) return;
  context.save();
  context.translate(area.type * 0.7, area.top + area.height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(y.name, 0, 0);
  context.restore();
}

function stroke(context, from, to) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

function curve(context, { points, colour, thick = 2, dashed = false }, x, y, palette) {
  context.strokeStyle = palette[colour] ?? colour;
  context.lineWidth = thick;
  context.lineJoin = "round";
  context.setLineDash(dashed ? [6, 5] : []);
  context.beginPath();
  points.forEach(([across, up], n) => (n ? context.lineTo(x(across), y(up)) : context.moveTo(x(across), y(up))));
  context.stroke();
  context.setLineDash([]);
}

function labelled(context, { points, label, colour, strong }, x, y, palette, area) {
  const [across, up] = points.findLast(([, value]) => y(value) >= area.top - 2 && y(value) <= area.top + area.height + 2) ?? points.at(-1);
  context.fillStyle = strong ? palette.text : (palette[colour] ?? colour);
  if (!strong) context.fillStyle = palette.text;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const base = context.font;
  if (strong) context.font = `bold ${base}`;
  context.fillText(label, x(across) + 6, Math.min(area.top + area.height - 4, Math.max(area.top + 6, y(up))));
  context.font = base;
}

// Draws a surface in levels: the lower, the darker; edges between two levels as lines.
function levels(context, surface, { left, top, width, height }, palette) {
  const known = drawnLevels.get(surface);
  const small = known?.palette === palette ? known.small : levelsOf(surface, palette);
  drawnLevels.set(surface, { palette, small });
  context.imageSmoothingEnabled = true;
  context.drawImage(small, left, top, width, height);
}

const drawnLevels = new WeakMap(); // surface -> { palette, small }: sorted and drawn once, not in each frame

function levelsOf({ rows, columns, values }, palette) {
  const small = new OffscreenCanvas(columns, rows);
  const inside = small.getContext("2d");
  const image = inside.createImageData(columns, rows);
  const sorted = Float64Array.from(values).sort();
  const bounds = Array.from({ length: LEVELS }, (_, n) => sorted[Math.floor((((n + 1) / LEVELS) ** 1.6) * (sorted.length - 1))]);
  const levelOf = (value) => bounds.findIndex((bound) => value <= bound);
  const [back, ink] = [palette.rgb.back, palette.rgb.input];
  const level = Array.from(values, levelOf);
  for (let at = 0; at < rows * columns; at += 1) {
    const edge = (at % columns && level[at] !== level[at - 1]) || (at >= columns && level[at] !== level[at - columns]);
    const share = edge ? 0.75 : 0.5 * (1 - level[at] / (LEVELS - 1));
    image.data.set([...back.map((one, n) => one + (ink[n] - one) * share), 255], 4 * at);
  }
  inside.putImageData(image, 0, 0);
  return small;
}
