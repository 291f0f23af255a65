// Kernels that a course begins with, row by row; and how one is made of a person's choice.

import { arithmetic } from "../arithmetic.js";
import { t } from "../words.js";

const filled = (size, value) => new Array(size * size).fill(value);

function identity(size) {
  const found = filled(size, 0);
  found[Math.floor((size * size) / 2) + (size % 2 ? 0 : size / 2)] = 1;
  return found;
}

// The binomial kernel, the usual small Gaussian: 1 2 1 over 4, 1 4 6 4 1 over 16, in both directions.
function gaussian(size) {
  let row = [1];
  while (row.length < size) row = [...row, 0].map((value, at) => (value + (row[at - 1] ?? 0)) / 2);
  return row.flatMap((one) => row.map((other) => one * other));
}

function random(size, seed) {
  const source = arithmetic.randomOf(seed);
  return filled(size, 0).map(() => Math.round(source.normal() * 100) / 100);
}

const FIXED = {
  sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
  sobel_x: [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  sobel_y: [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  laplacian: [0, 1, 0, 1, -4, 1, 0, 1, 0],
  emboss: [-2, -1, 0, -1, 1, 1, 0, 1, 2],
};
const SIZED = { identity, box: (size) => filled(size, 1 / size ** 2), gaussian, random };

export const titles = () => [
  ["identity", t("Identity")], ["box", t("Box (mean)")], ["gaussian", t("Gaussian")], ["sharpen", t("Sharpen")],
  ["sobel_x", t("Sobel, vertical edges")], ["sobel_y", t("Sobel, horizontal edges")], ["laplacian", t("Laplacian")],
  ["emboss", t("Emboss")], ["random", t("Random")], ["typed", t("Typed")],
];
export const SIZES = [2, 3, 4, 5, 7];
export const has_sizes = (name) => name in SIZED || name === "typed";

// Returns { size, values } of a choice: a kernel by name, one typed, or filter n of a run ("run3").
export function chosen({ kernel, size, values, seed }, ofRun = []) {
  if (FIXED[kernel]) return { size: 3, values: FIXED[kernel] };
  if (SIZED[kernel]) return { size, values: SIZED[kernel](size, seed) };
  const taken = ofRun[Number(/^run(\d+)$/.exec(kernel)?.[1]) - 1];
  if (taken) return { size: taken.size, values: taken.values };
  return { size, values: Array.from({ length: size * size }, (_, at) => values[at] ?? 0) };
}
