// A stack of 3×3 convolutions with one activation, run forwards and backwards: how large the gradient still is.

import { arithmetic } from "../arithmetic.js";

export const CHANNELS = 8;
export const LAYERS = 20;
const SATURATED = 0.05; // a slope below this share of the largest one
const INITS = {
  glorot: (inputs, outputs) => Math.sqrt(2 / (inputs + outputs)),
  he: (inputs) => Math.sqrt(2 / inputs),
};

/** Return the kernels of the stack on an image with so many channels, normally distributed, no bias. */
export function kernels(channels, init, seed) {
  const random = arithmetic.randomOf(seed);
  return Array.from({ length: LAYERS }, (_, layer) => {
    const inputs = layer ? CHANNELS : channels;
    const deviation = INITS[init](9 * inputs, 9 * CHANNELS);
    const values = Array.from({ length: 9 * inputs * CHANNELS }, () => deviation * random.normal());
    return arithmetic.tensor([3, 3, inputs, CHANNELS], values);
  });
}

/**
 * Return, for each layer, `{ gradient, saturated, values }` of one pass on `image` `[h, w, c]`.
 *
 * `gradient` is the norm of the loss's gradient with respect to the layer's input, divided by the norm of the one
 * with respect to the last output, which is `upstream`. `saturated` is the share of units whose slope is below 5 % of
 * the activation's largest; null for softmax, `values` the sums before the activation.
 */
export function measured(image, weights, activation, upstream) {
  const inputs = [image];
  const sums = weights.map((kernel, layer) => {
    const found = arithmetic.convolve(inputs[layer], kernel, { padding: "same" });
    inputs.push(activated(found, activation));
    return found;
  });
  const whole = arithmetic.norm(upstream.data);
  const found = [];
  let gradient = upstream;
  for (let layer = weights.length - 1; layer >= 0; layer -= 1) {
    const inner = backwards(sums[layer], inputs[layer + 1], gradient, activation);
    gradient = arithmetic.convolveGradients(inputs[layer], weights[layer], inner, { padding: "same" }).image;
    found[layer] = { gradient: arithmetic.norm(gradient.data) / whole, saturated: saturated(sums[layer], activation), values: sums[layer].data };
  }
  return found;
}

/** Return the gradient that arrives at the last output: normally distributed numbers. */
export function upstreamOf([height, width], seed) {
  const random = arithmetic.randomOf(seed + 7919);
  return arithmetic.tensor([height, width, CHANNELS], Array.from({ length: height * width * CHANNELS }, random.normal));
}

function activated(sums, activation) {
  if (activation !== "softmax") return arithmetic.map(sums, (value) => arithmetic.activate(activation, value));
  return perPosition(sums, (scores) => arithmetic.softmax(scores));
}

function backwards(sums, outputs, gradient, activation) {
  if (activation !== "softmax")
    return arithmetic.map(gradient, (value, at) => value * arithmetic.derivative(activation, sums.data[at]));
  return perPosition(gradient, (values, at) => {
    const p = outputs.data.subarray(at, at + CHANNELS);
    const along = values.reduce((total, value, c) => total + value * p[c], 0);
    return values.map((value, c) => p[c] * (value - along));
  });
}

function perPosition(tensor, change) {
  const data = new Float64Array(tensor.data.length);
  for (let at = 0; at < data.length; at += CHANNELS) data.set(change(tensor.data.subarray(at, at + CHANNELS), at), at);
  return { shape: tensor.shape, data };
}

const LARGEST = { sigmoid: 0.25, tanh: 1, relu: 1, leaky_relu: 1 };
function saturated(sums, activation) {
  if (activation === "softmax") return null;
  const flat = sums.data.filter((value) => arithmetic.derivative(activation, value) < SATURATED * LARGEST[activation]);
  return flat.length / sums.data.length;
}
