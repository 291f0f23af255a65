// The arithmetic of the concepts: what a layer computes, as pure functions on typed arrays, without the page.
//
// A tensor is `{ shape, data }`: images `[height, width, channels]`, kernels `[height, width, channels per group,
// filters]`, as Keras orders them, rows first. Everything here is compared with NumPy, SciPy, Keras and TensorFlow by
// tests/browser/test_arithmetic.py; one file, so that what is proven there is what all concepts use.

export const arithmetic = (() => {
  // ---- tensors -----------------------------------------------------------------------------------------------

  const count = (shape) => shape.reduce((product, size) => product * size, 1);

  /** Return a tensor of this shape, of zeros or of `values` (flat, any array). */
  function tensor(shape, values = null) {
    const data = values === null ? new Float64Array(count(shape)) : Float64Array.from(values);
    if (data.length !== count(shape)) throw new RangeError(`${data.length} values for shape ${shape.join("×")}`);
    return { shape: [...shape], data };
  }

  /** Return a tensor of nested arrays, `[[1, 2], [3, 4]]`. */
  function fromRows(nested) {
    const shape = [];
    for (let level = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
    return tensor(shape, nested.flat(Infinity));
  }

  /** Return the place of an index in the tensor's data. */
  function place({ shape }, index) {
    return index.reduce((sum, i, axis) => sum * shape[axis] + i, 0);
  }

  /** Return one value: `at(image, row, column, channel)`. */
  const at = (x, ...index) => x.data[place(x, index)];

  /** Return a tensor of the same shape with `change(value, place)` in each place. */
  function map(x, change) {
    const data = new Float64Array(x.data.length);
    for (let i = 0; i < data.length; i++) data[i] = change(x.data[i], i);
    return { shape: [...x.shape], data };
  }

  /** Return one channel of `[h, w, c]` as `[h, w]`. */
  function channel({ shape: [h, w, c], data }, which) {
    return tensor([h, w], Float64Array.from({ length: h * w }, (_, i) => data[i * c + which]));
  }

  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const mean = (values) => sum(values) / values.length;
  /** Euclidean norm: the root of the sum of squares. */
  const norm = (values) => Math.sqrt(values.reduce((total, value) => total + value * value, 0));

  // ---- sizes -------------------------------------------------------------------------------------------------

  const pair = (value) => (Array.isArray(value) ? value : [value, value]);

  /**
   * Return the output size along one axis and where its zeros go.
   *
   * `padding` is "valid", "same" (Keras and TensorFlow: ⌈n/s⌉, an odd zero after), a number for both sides or
   * `[before, after]`. `extent` is the length of the dilated kernel, `unused` the pixels (zeros included) at the
   * end that no window reaches; `size` is 0 where the kernel does not fit.
   */
  function outputSize(n, kernel, { stride = 1, padding = "valid", dilation = 1 } = {}) {
    const extent = (kernel - 1) * dilation + 1;
    let [before, after] = padding === "valid" || padding === "same" ? [0, 0] : pair(padding);
    if (padding === "same") {
      const total = Math.max((Math.ceil(n / stride) - 1) * stride + extent - n, 0);
      before = Math.floor(total / 2);
      after = total - before;
    }
    const room = n + before + after - extent;
    const size = room < 0 ? 0 : Math.floor(room / stride) + 1;
    return { size, before, after, extent, unused: size ? room - (size - 1) * stride : n + before + after };
  }

  /** Return the geometry of a window on `[h, w, …]`: both axes of `outputSize`, strides and dilations as pairs. */
  function windowOf([h, w], [kh, kw], { stride = 1, padding = "valid", dilation = 1 } = {}) {
    const [strides, dilations] = [pair(stride), pair(dilation)];
    const padded = typeof padding === "string" ? [padding, padding] : pair(padding);
    const [rows, columns] = [[h, kh], [w, kw]].map(([n, k], axis) =>
      outputSize(n, k, { stride: strides[axis], padding: padded[axis], dilation: dilations[axis] }),
    );
    return { rows, columns, strides, dilations };
  }

  // ---- convolution -------------------------------------------------------------------------------------------

  /** Call `visit(output place, image place, kernel place)` for each pair of a window inside the image. */
  function eachPair(image, kernel, options, visit) {
    const [h, w, channels] = image.shape;
    const [kh, kw] = kernel.shape;
    const { rows, columns, strides, dilations } = windowOf(image.shape, kernel.shape, options);
    for (let y = 0; y < rows.size; y++) {
      for (let x = 0; x < columns.size; x++) {
        for (let i = 0; i < kh; i++) {
          const row = y * strides[0] - rows.before + i * dilations[0];
          if (row < 0 || row >= h) continue;
          for (let j = 0; j < kw; j++) {
            const column = x * strides[1] - columns.before + j * dilations[1];
            if (column < 0 || column >= w) continue;
            visit(y * columns.size + x, (row * w + column) * channels, i * kw + j);
          }
        }
      }
    }
    return [rows.size, columns.size];
  }

  function groupsOf(image, kernel, groups) {
    const [channels, inGroup, filters] = [image.shape[2], kernel.shape[2], kernel.shape[3]];
    if (channels !== inGroup * groups || filters % groups) {
      throw new RangeError(`${channels} channels, ${groups} groups, kernel ${kernel.shape.join("×")}`);
    }
    return { inGroup, filters, perGroup: filters / groups };
  }

  /**
   * Return the output `[h', w', filters]` of a convolution as Keras computes it: a cross-correlation.
   *
   * `options`: `bias` (one number per filter), `stride`, `padding`, `dilation` (a number or `[rows, columns]`; padding
   * also `[[top, bottom], [left, right]]`) and `groups`.
   */
  function convolve(image, kernel, options = {}) {
    const { inGroup, filters, perGroup } = groupsOf(image, kernel, options.groups ?? 1);
    const { rows, columns } = windowOf(image.shape, kernel.shape, options);
    const output = tensor([rows.size, columns.size, filters]);
    const bias = options.bias;
    if (bias) for (let i = 0; i < output.data.length; i++) output.data[i] = bias[i % filters];
    eachPair(image, kernel, options, (cell, pixel, weight) => {
      for (let f = 0; f < filters; f++) {
        const first = pixel + Math.floor(f / perGroup) * inGroup;
        let total = 0;
        for (let c = 0; c < inGroup; c++) {
          total += image.data[first + c] * kernel.data[(weight * inGroup + c) * filters + f];
        }
        output.data[cell * filters + f] += total;
      }
    });
    return output;
  }

  /** Return the gradients `{ image, kernel, bias }` of a loss, given the one with respect to the output. */
  function convolveGradients(image, kernel, gradient, options = {}) {
    const { inGroup, filters, perGroup } = groupsOf(image, kernel, options.groups ?? 1);
    const [ofImage, ofKernel, ofBias] = [tensor(image.shape), tensor(kernel.shape), new Float64Array(filters)];
    gradient.data.forEach((value, i) => (ofBias[i % filters] += value));
    eachPair(image, kernel, options, (cell, pixel, weight) => {
      for (let f = 0; f < filters; f++) {
        const error = gradient.data[cell * filters + f];
        const first = pixel + Math.floor(f / perGroup) * inGroup;
        for (let c = 0; c < inGroup; c++) {
          const k = (weight * inGroup + c) * filters + f;
          ofKernel.data[k] += image.data[first + c] * error;
          ofImage.data[first + c] += kernel.data[k] * error;
        }
      }
    });
    return { image: ofImage, kernel: ofKernel, bias: ofBias };
  }

  /** Return the grouped kernel `[h, w, 1, c·m]` of a depthwise one `[h, w, c, m]`: one group per channel. */
  const depthwiseKernel = ({ shape: [h, w, c, m], data }) => ({ shape: [h, w, 1, c * m], data });

  /** Return a depthwise convolution `[h', w', c·m]` with a kernel `[h, w, c, m]`. */
  function depthwise(image, kernel, options = {}) {
    return convolve(image, depthwiseKernel(kernel), { ...options, groups: image.shape[2] });
  }

  /** Return the kernel turned by 180°: with it `convolve` is the convolution of mathematics. */
  function flipped(kernel) {
    const [h, w, ...rest] = kernel.shape;
    const depth = count(rest);
    const turned = tensor(kernel.shape);
    for (let p = 0; p < h * w; p++) {
      for (let d = 0; d < depth; d++) turned.data[(h * w - 1 - p) * depth + d] = kernel.data[p * depth + d];
    }
    return turned;
  }

  /**
   * Return how one cell of an output comes about.
   *
   * `terms` has, in the order of the kernel, `row`, `column`, `channel` (in the image; outside of it `inside` is false
   * and the pixel 0), `weightRow`, `weightColumn`, `pixel`, `weight` and `product`. `sum` is theirs, `total` adds
   * the filter's bias, `output` applies `options.activation`. `box` is `[top, left, bottom, right]`, half-open.
   */
  function cellTerms(image, kernel, [y, x, filter = 0], options = {}) {
    const [h, w] = image.shape;
    const [kh, kw, , filters] = kernel.shape;
    const { inGroup, perGroup } = groupsOf(image, kernel, options.groups ?? 1);
    const { rows, columns, strides, dilations } = windowOf(image.shape, kernel.shape, options);
    const [top, left] = [y * strides[0] - rows.before, x * strides[1] - columns.before];
    const first = Math.floor(filter / perGroup) * inGroup;
    const terms = [];
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const [row, column] = [top + i * dilations[0], left + j * dilations[1]];
        const inside = row >= 0 && row < h && column >= 0 && column < w;
        for (let c = 0; c < inGroup; c++) {
          const pixel = inside ? at(image, row, column, first + c) : 0;
          const weight = kernel.data[((i * kw + j) * inGroup + c) * filters + filter];
          const [weightRow, weightColumn, product] = [i, j, pixel * weight];
          terms.push({ row, column, channel: first + c, inside, weightRow, weightColumn, pixel, weight, product });
        }
      }
    }
    const total = sum(terms.map((term) => term.product));
    const bias = options.bias?.[filter] ?? 0;
    const output = activate(options.activation ?? "linear", total + bias, options);
    return { terms, box: [top, left, top + rows.extent, left + columns.extent], sum: total, bias, total: total + bias, output };
  }

  /** Return parameters and multiplications of a convolution on `[h, w, c]`: `{ weights, biases, parameters, multiplications }`. */
  function convolutionCost(shape, [kh, kw], filters, options = {}) {
    const { rows, columns } = windowOf(shape, [kh, kw], options);
    const weights = kh * kw * (shape[2] / (options.groups ?? 1)) * filters;
    const biases = options.useBias === false ? 0 : filters;
    return { weights, biases, parameters: weights + biases, multiplications: weights * rows.size * columns.size };
  }

  // ---- pooling -----------------------------------------------------------------------------------------------

  /**
   * Return `{ output, winners }` of pooling with a window of `size` (default stride: its size).
   *
   * `winners` has for each value of the output the place in `image.data` of the first largest pixel, −1 for
   * "average". Zeros of the padding never win and never count, as in Keras.
   */
  function pool(image, { kind = "max", size = 2, stride = size, padding = "valid" } = {}) {
    const [, , channels] = image.shape;
    const window = { shape: pair(size) };
    const { rows, columns } = windowOf(image.shape, window.shape, { stride, padding });
    const output = tensor([rows.size, columns.size, channels]);
    const winners = new Int32Array(output.data.length).fill(-1);
    const counts = new Int32Array(rows.size * columns.size);
    eachPair(image, window, { stride, padding }, (cell, pixel) => {
      counts[cell] += 1;
      for (let c = 0; c < channels; c++) {
        const o = cell * channels + c;
        if (kind === "average") output.data[o] += image.data[pixel + c];
        else if (winners[o] < 0 || image.data[pixel + c] > image.data[winners[o]]) winners[o] = pixel + c;
      }
    });
    for (let o = 0; o < winners.length; o++) {
      if (kind === "average") output.data[o] /= counts[Math.floor(o / channels)];
      else output.data[o] = image.data[winners[o]];
    }
    return { output, winners };
  }

  /** Return `{ output, winners }` of global pooling, one value per channel. */
  function globalPool(image, kind = "max") {
    const { output, winners } = pool(image, { kind, size: image.shape.slice(0, 2) });
    return { output: tensor([image.shape[2]], output.data), winners };
  }

  /** Return the gradient with respect to the image, given the one with respect to the pooled output. */
  function poolGradient(image, gradient, options = {}) {
    const { kind = "max", size = 2, stride = size, padding = "valid" } = options;
    const [result, channels] = [tensor(image.shape), image.shape[2]];
    if (kind === "max") {
      pool(image, options).winners.forEach((winner, o) => (result.data[winner] += gradient.data[o]));
      return result;
    }
    const counts = new Int32Array(gradient.data.length / channels);
    const visit = (each) => eachPair(image, { shape: pair(size) }, { stride, padding }, each);
    visit((cell) => (counts[cell] += 1));
    visit((cell, pixel) => {
      for (let c = 0; c < channels; c++) result.data[pixel + c] += gradient.data[cell * channels + c] / counts[cell];
    });
    return result;
  }

  // ---- activations -------------------------------------------------------------------------------------------

  const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
  const LEAK = 0.3; // the negative slope of keras.layers.LeakyReLU
  const ACTIVATIONS = {
    linear: [(x) => x, () => 1],
    sigmoid: [sigmoid, (x) => sigmoid(x) * sigmoid(-x)],
    tanh: [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
    relu: [(x) => Math.max(0, x), (x) => (x > 0 ? 1 : 0)],
    leaky_relu: [(x, leak) => (x > 0 ? x : leak * x), (x, leak) => (x > 0 ? 1 : leak)],
  };

  /** Return the activation of this name ("linear", "sigmoid", "tanh", "relu", "leaky_relu") at `x`. */
  const activate = (name, x, { leak = LEAK } = {}) => ACTIVATIONS[name][0](x, leak);
  /** Return its derivative at `x`; at 0 the one from the left for ReLU and LeakyReLU, as in TensorFlow. */
  const derivative = (name, x, { leak = LEAK } = {}) => ACTIVATIONS[name][1](x, leak);

  /** Return log softmax(scores / temperature). */
  function logSoftmax(scores, temperature = 1) {
    const scaled = Float64Array.from(scores, (score) => score / temperature);
    const most = Math.max(...scaled);
    const rest = Math.log(sum(scaled.map((score) => Math.exp(score - most))));
    return scaled.map((score) => score - most - rest);
  }

  /** Return softmax(scores / temperature): probabilities that sum to 1. */
  const softmax = (scores, temperature = 1) => logSoftmax(scores, temperature).map(Math.exp);

  /** Return ∂pᵢ/∂zⱼ = (pᵢ[i=j] − pᵢpⱼ)/T of a softmax as `[K, K]`. */
  function softmaxJacobian(scores, temperature = 1) {
    const p = softmax(scores, temperature);
    const entry = (i, j) => (p[i] * (i === j) - p[i] * p[j]) / temperature;
    return tensor([p.length, p.length], Array.from(p, (_, i) => Array.from(p, (_, j) => entry(i, j))).flat());
  }

  // ---- loss --------------------------------------------------------------------------------------------------

  /** Return the target of class `label` of K: one-hot, with `smoothing` spread evenly over all classes. */
  function target(label, classes, smoothing = 0) {
    return Float64Array.from({ length: classes }, (_, i) => (1 - smoothing) * (i === label) + smoothing / classes);
  }

  /**
   * Return `{ probabilities, targets, terms, loss, gradient }` of softmax and cross-entropy in nats.
   *
   * `terms` are −yᵢ·ln pᵢ, `gradient` is (p − y)/T, with respect to the scores.
   */
  function crossEntropy(scores, label, { smoothing = 0, temperature = 1 } = {}) {
    const logs = logSoftmax(scores, temperature);
    const [probabilities, targets] = [logs.map(Math.exp), target(label, scores.length, smoothing)];
    const terms = targets.map((y, i) => (y === 0 ? 0 : -y * logs[i]));
    const gradient = probabilities.map((p, i) => (p - targets[i]) / temperature);
    return { probabilities, targets, terms, loss: sum(terms), gradient };
  }

  /** Return half the mean squared error's `{ loss, gradient }`: mean (a − b)²/2 over all values. */
  function squaredError(output, wanted) {
    const error = map(output, (value, i) => value - wanted.data[i]);
    const n = error.data.length;
    return { loss: sum(error.data.map((e) => (e * e) / 2)) / n, gradient: map(error, (e) => e / n) };
  }

  // ---- dense layers ------------------------------------------------------------------------------------------

  /** Return the matrix product `[n, k]` of `[n, m]` and `[m, k]`. */
  function multiply(a, b) {
    const [n, m, k] = [a.shape[0], a.shape[1], b.shape[1]];
    const product = tensor([n, k]);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        const factor = a.data[i * m + j];
        for (let l = 0; l < k; l++) product.data[i * k + l] += factor * b.data[j * k + l];
      }
    }
    return product;
  }

  function transposed({ shape: [n, m], data }) {
    const turned = tensor([m, n]);
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) turned.data[j * n + i] = data[i * m + j];
    return turned;
  }

  /** Return a dense layer `[n, k]` of a batch `[n, m]`, weights `[m, k]` and k biases. */
  function dense(batch, weights, bias = null) {
    const product = multiply(batch, weights);
    return bias ? map(product, (value, i) => value + bias[i % weights.shape[1]]) : product;
  }

  /** Return the gradients `{ batch, weights, bias }` of a dense layer, given the one of its output. */
  function denseGradients(batch, weights, gradient) {
    const bias = new Float64Array(weights.shape[1]);
    gradient.data.forEach((value, i) => (bias[i % bias.length] += value));
    return { batch: multiply(gradient, transposed(weights)), weights: multiply(transposed(batch), gradient), bias };
  }

  // ---- normalisation -----------------------------------------------------------------------------------------

  /** Return `{ mean, variance }` of each channel (the last axis) over all others; the variance divides by n. */
  function channelStatistics({ shape, data }) {
    const channels = shape.at(-1);
    const n = data.length / channels;
    const [means, variance] = [new Float64Array(channels), new Float64Array(channels)];
    data.forEach((value, i) => (means[i % channels] += value / n));
    data.forEach((value, i) => (variance[i % channels] += (value - means[i % channels]) ** 2 / n));
    return { mean: means, variance };
  }

  /**
   * Return `{ output, normalised, mean, variance }` of batch normalisation over the last axis.
   *
   * With `statistics` (`{ mean, variance }`) those are used, as in inference; else the batch's own, as in training.
   */
  function batchNorm(x, { gamma = null, beta = null, epsilon = 1e-3, statistics = null } = {}) {
    const used = statistics ?? channelStatistics(x);
    const channels = x.shape.at(-1);
    const normalised = map(x, (value, i) => {
      const c = i % channels;
      return (value - used.mean[c]) / Math.sqrt(used.variance[c] + epsilon);
    });
    const output = map(normalised, (value, i) => (gamma?.[i % channels] ?? 1) * value + (beta?.[i % channels] ?? 0));
    return { output, normalised, mean: used.mean, variance: used.variance };
  }

  /** Return the gradients `{ x, gamma, beta }` of batch normalisation in training. */
  function batchNormGradients(x, gradient, { gamma = null, epsilon = 1e-3 } = {}) {
    const channels = x.shape.at(-1);
    const n = x.data.length / channels;
    const { normalised, variance } = batchNorm(x, { epsilon });
    const [ofGamma, ofBeta] = [new Float64Array(channels), new Float64Array(channels)];
    gradient.data.forEach((value, i) => {
      ofGamma[i % channels] += value * normalised.data[i];
      ofBeta[i % channels] += value;
    });
    const ofX = map(gradient, (value, i) => {
      const c = i % channels;
      const slope = (gamma?.[c] ?? 1) / Math.sqrt(variance[c] + epsilon);
      return slope * (value - ofBeta[c] / n - (normalised.data[i] * ofGamma[c]) / n);
    });
    return { x: ofX, gamma: ofGamma, beta: ofBeta };
  }

  /** Return the moving statistics after one batch: momentum · old + (1 − momentum) · batch's. */
  function movingStatistics(old, batch, momentum = 0.99) {
    const moved = (name) => old[name].map((value, c) => momentum * value + (1 - momentum) * batch[name][c]);
    return { mean: moved("mean"), variance: moved("variance") };
  }

  /**
   * Return `{ output, sums, divisors }` of local response normalisation across channels (the last axis).
   *
   * `sums` are Σa² over the n channels around each (fewer at the ends), divisors (k + α·Σa²)^β. With `perChannel`
   * the sum is divided by n, as Caffe and PyTorch do; the paper and TensorFlow do not (its `depth_radius` is
   * ⌊n/2⌋): α of the one is n·α of the other.
   */
  function localResponse(x, { k = 2, n = 5, alpha = 1e-4, beta = 0.75, perChannel = false } = {}) {
    const [channels, radius] = [x.shape.at(-1), Math.floor(n / 2)];
    const sums = map(x, (_, i) => {
      const c = i % channels;
      let total = 0;
      for (let o = Math.max(0, c - radius); o <= Math.min(channels - 1, c + radius); o++) total += x.data[i - c + o] ** 2;
      return total;
    });
    const divisors = map(sums, (total) => (k + (alpha * total) / (perChannel ? n : 1)) ** beta);
    return { output: map(x, (value, i) => value / divisors.data[i]), sums, divisors };
  }

  // ---- dropout -----------------------------------------------------------------------------------------------

  /**
   * Return `{ output, mask }` of dropout with this rate; `mask` is 1 where a value is kept.
   *
   * `spatial` drops whole channels (the last axis of `[h, w, c]`). `scaling` "training" divides what is kept by 1 − rate
   * (Keras: nothing happens in use), "use" leaves it (the paper: in use all is multiplied by 1 − rate), where
   * `training` is false.
   */
  function dropout(x, rate, random, { spatial = false, scaling = "training", training = true } = {}) {
    if (!training) {
      const factor = scaling === "use" ? 1 - rate : 1;
      return { output: map(x, (value) => value * factor), mask: map(x, () => 1) };
    }
    const channels = x.shape.at(-1);
    const kept = Uint8Array.from({ length: spatial ? channels : x.data.length }, () => random.uniform() >= rate);
    const mask = map(x, (_, i) => kept[spatial ? i % channels : i]);
    const factor = scaling === "training" ? 1 / (1 - rate) : 1;
    return { output: map(x, (value, i) => (mask.data[i] ? value * factor : 0)), mask };
  }

  // ---- pixels ------------------------------------------------------------------------------------------------

  const REC_601 = [0.299, 0.587, 0.114];

  /** Return the gray image `[h, w, 1]` of `[h, w, 3]`: 0.299 R + 0.587 G + 0.114 B. */
  function gray({ shape: [h, w], data }) {
    const level = (_, i) => REC_601[0] * data[3 * i] + REC_601[1] * data[3 * i + 1] + REC_601[2] * data[3 * i + 2];
    return tensor([h, w, 1], Float64Array.from({ length: h * w }, level));
  }

  /** Return (x − subtract)/divide, each a number or one per channel: `rescaled(x, 0, 255)` is in [0, 1]. */
  function rescaled(x, subtract = 0, divide = 255) {
    const channels = x.shape.at(-1);
    const of = (value, i) => (typeof value === "number" ? value : value[i % channels]);
    return map(x, (value, i) => (value - of(subtract, i)) / of(divide, i));
  }

  /** Return the image mirrored left to right. */
  function mirrored({ shape: [h, w, c], data }) {
    const source = (i) => (i - (i % (w * c))) + (w - 1 - Math.floor((i % (w * c)) / c)) * c + (i % c);
    return tensor([h, w, c], Float64Array.from({ length: h * w * c }, (_, i) => data[source(i)]));
  }

  /** Return a reader of pixels `(row, column, channel)`; outside it gives 0, or with "edge" the nearest pixel. */
  function reader(image, outside) {
    const [h, w] = image.shape;
    const within = (value, size) => Math.min(size - 1, Math.max(0, value));
    if (outside === "edge") return (y, x, c) => at(image, within(y, h), within(x, w), c);
    return (y, x, c) => (y < 0 || y >= h || x < 0 || x >= w ? 0 : at(image, y, x, c));
  }

  /** Return the image moved down and to the right by whole pixels; `outside`: "zero" or "edge" (repeated). */
  function shifted(image, down, right, outside = "zero") {
    const [, w, channels] = image.shape;
    const pixel = reader(image, outside);
    const source = (i) => [Math.floor(i / channels / w) - down, (Math.floor(i / channels) % w) - right, i % channels];
    return map(image, (_, i) => pixel(...source(i)));
  }

  /** Return the image turned counter-clockwise about its centre, bilinear between pixels; `outside` as in `shifted`. */
  function turned(image, degrees, outside = "zero") {
    const [h, w, channels] = image.shape;
    const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const [middle, centre] = [(h - 1) / 2, (w - 1) / 2];
    const result = tensor(image.shape);
    const pixel = reader(image, outside);
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const row = middle + cos * (y - middle) + sin * (x - centre);
        const column = centre - sin * (y - middle) + cos * (x - centre);
        const [top, left] = [Math.floor(row), Math.floor(column)];
        const [down, right] = [row - top, column - left];
        for (let c = 0; c < channels; c++) {
          const above = (1 - right) * pixel(top, left, c) + right * pixel(top, left + 1, c);
          const below = (1 - right) * pixel(top + 1, left, c) + right * pixel(top + 1, left + 1, c);
          result.data[(y * w + x) * channels + c] = (1 - down) * above + down * below;
        }
      }
    }
    return result;
  }

  // ---- optimisers --------------------------------------------------------------------------------------------

  /**
   * Return `{ position, state }` after one step of "sgd", "momentum", "nesterov" or "adam", as Keras computes it.
   *
   * `state` is what the step before returned, `{}` at first. Settings: `rate`, `momentum` (0.9), `beta1` (0.9), `beta2`
   * (0.999), `epsilon` (1e-7).
   */
  function optimiserStep(name, position, gradient, state, settings) {
    const { rate, momentum = 0.9, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = settings;
    const zeros = () => new Float64Array(position.length);
    if (name === "adam") {
      const step = (state.step ?? 0) + 1;
      const first = (state.first ?? zeros()).map((m, i) => beta1 * m + (1 - beta1) * gradient[i]);
      const second = (state.second ?? zeros()).map((v, i) => beta2 * v + (1 - beta2) * gradient[i] ** 2);
      const scale = (rate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
      const move = (w, i) => w - (scale * first[i]) / (Math.sqrt(second[i]) + epsilon);
      return { position: Float64Array.from(position, move), state: { step, first, second } };
    }
    if (name === "sgd") return { position: Float64Array.from(position, (w, i) => w - rate * gradient[i]), state: {} };
    const velocity = (state.velocity ?? zeros()).map((v, i) => momentum * v - rate * gradient[i]);
    const ahead = (i) => (name === "nesterov" ? momentum * velocity[i] - rate * gradient[i] : velocity[i]);
    return { position: Float64Array.from(position, (w, i) => w + ahead(i)), state: { velocity } };
  }

  // ---- chance ------------------------------------------------------------------------------------------------

  /** Return a generator that gives the same numbers for the same seed: `uniform()`, `normal()`, `integer(n)`, `order(n)`. */
  function randomOf(seed) {
    let state = seed >>> 0;
    const uniform = () => { // mulberry32
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const integer = (n) => Math.floor(uniform() * n);
    const order = (n) => {
      const places = Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = integer(i + 1);
        [places[i], places[j]] = [places[j], places[i]];
      }
      return places;
    };
    return { uniform, normal, integer, order };
  }

  return Object.freeze({
    tensor, fromRows, place, at, map, channel, sum, mean, norm,
    outputSize, windowOf, convolve, convolveGradients, depthwise, depthwiseKernel, flipped, cellTerms, convolutionCost,
    pool, globalPool, poolGradient,
    activate, derivative, logSoftmax, softmax, softmaxJacobian,
    target, crossEntropy, squaredError,
    multiply, transposed, dense, denseGradients,
    channelStatistics, batchNorm, batchNormGradients, movingStatistics, localResponse, dropout,
    gray, rescaled, mirrored, shifted, turned, optimiserStep, randomOf,
    activations: Object.freeze(Object.keys(ACTIVATIONS)), rec601: Object.freeze(REC_601),
  });
})();
