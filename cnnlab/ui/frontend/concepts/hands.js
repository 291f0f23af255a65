// Simple drawings of hands, palm to the viewer and fingers up: a right hand has its thumb on the right.

import { arithmetic } from "../arithmetic.js";

export const SIDE = 20;
const SOFT = 0.7; // pixels over which a stroke fades

/** Return a hand `[20, 20, 1]` in [0, 1]; `open` or a fist, of either side, with its own place, tilt and size. */
export function hand(random, { right, open }) {
  const vary = (middle, by) => middle + by * (2 * random.uniform() - 1);
  const [across, down, tilt, size] = [vary(0, 2), vary(0.5, 1.5), vary(0, 0.35), vary(1, 0.12)];
  const strokes = [[[0, 3.2], [0, 1.2], vary(3.6, 0.4)]];
  if (open) for (const finger of [-2.7, -0.9, 0.9, 2.7]) strokes.push([[finger, -1], [finger * 1.5, vary(-6, 0.7)], 0.8]);
  strokes.push(open ? [[3, 3], [vary(6.3, 0.5), vary(-0.5, 0.8)], 0.9] : [[3, 1.5], [vary(4.8, 0.3), vary(-0.8, 0.5)], 1]);
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  const placed = ([x, y]) => {
    const one = (right ? x : -x) * size;
    return [SIDE / 2 - 0.5 + across + cos * one - sin * y * size, SIDE / 2 - 0.5 + down + sin * one + cos * y * size];
  };
  const drawn = strokes.map(([from, to, thick]) => [placed(from), placed(to), thick * size]);
  const light = vary(0.85, 0.15);
  return arithmetic.tensor(
    [SIDE, SIDE, 1],
    Array.from({ length: SIDE * SIDE }, (_, at) => {
      const near = Math.min(...drawn.map(([from, to, thick]) => distance([at % SIDE, Math.floor(at / SIDE)], from, to) - thick));
      return light * Math.min(1, Math.max(0, 0.5 - near / SOFT));
    }),
  );
}

// The distance of a point from the stretch between two others.
function distance([x, y], [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}

const [TRAINING, TEST, PASSES, RATE] = [40, 200, 120, 0.2];
export const TASKS = ["side", "shape"]; // left or right hand; fist or open hand

/**
 * Return, for each way to flip, how many of 200 test drawings a linear classifier gets right: `{ none, kept, swapped }`.
 *
 * It is trained on 40 drawings with gradient descent; with "kept" each is there mirrored as well, with its label, with
 * "swapped" with the other label.
 */
export function flipped(task, seed) {
  const random = arithmetic.randomOf(seed);
  const drawn = (count) =>
    Array.from({ length: count }, (_, at) => {
      const [label, other] = [at % 2 === 1, (at >> 1) % 2 === 1];
      const shown = task === "side" ? { right: label, open: true } : { right: other, open: label };
      return { image: hand(random, shown), label: Number(label) };
    });
  const [training, test] = [drawn(TRAINING), drawn(TEST)];
  const mirrored = (swap) => training.map(({ image, label }) => ({ image: arithmetic.mirrored(image), label: swap ? 1 - label : label }));
  const right = (samples) => correct(learned(samples), test);
  return { none: right(training), kept: right([...training, ...mirrored(false)]), swapped: right([...training, ...mirrored(true)]), test: TEST, training: TRAINING };
}

// Logistic regression on the pixels: gradient descent on the mean cross-entropy of all samples.
function learned(samples) {
  const pixels = SIDE * SIDE;
  const batch = arithmetic.tensor([samples.length, pixels], samples.flatMap(({ image }) => [...image.data]));
  const turned = arithmetic.transposed(batch);
  let weights = arithmetic.tensor([pixels, 1]);
  let bias = 0;
  for (let pass = 0; pass < PASSES; pass += 1) {
    const scores = arithmetic.dense(batch, weights, [bias]);
    const error = arithmetic.map(scores, (z, at) => (arithmetic.activate("sigmoid", z) - samples[at].label) / samples.length);
    const gradient = arithmetic.multiply(turned, error);
    weights = arithmetic.map(weights, (value, at) => value - RATE * gradient.data[at]);
    bias -= RATE * arithmetic.sum(error.data);
  }
  return { weights, bias };
}

function correct({ weights, bias }, samples) {
  const score = ({ image }) => arithmetic.sum(image.data.map((value, at) => value * weights.data[at])) + bias;
  return samples.filter((sample) => score(sample) > 0 === (sample.label === 1)).length;
}

/** Return Wilson's 95 % interval of a share, as two shares. */
export function interval(right, n) {
  const z = 1.959964;
  const [p, by] = [right / n, 1 + z ** 2 / n];
  const half = (z / by) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  const middle = (p + z ** 2 / (2 * n)) / by;
  return [middle - half, middle + half];
}
