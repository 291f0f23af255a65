// Draws a plotly figure, and each newer one in the same node: nothing flickers and a person's zoom stays.
//
// Streamlit calls the default export for every new figure and for every change of theme, always with the
// parentElement it made when the chart came onto the page. `data` is the figure as gzipped JSON; its
// `layout.meta.language` is that of the page.

import { spoken, t } from "./words.js";

const LATE = new Error("The chart library did not arrive.");

// Our server gives the library to be kept for a year, a server without our routes as a file of the package.
const plotly = load("../../../cnnlab/plotly.js").catch(() => load("../cnnlab.plotly/plotly.min.js"));

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const failed = () => reject(LATE);
    script.src = new URL(address, import.meta.url);
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : failed());
    script.onerror = failed;
    document.head.append(script);
  });
}

const CONFIG = { displaylogo: false, modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]] };
const STILL = { ...CONFIG, displayModeBar: false };
const NARROW = 560; // pixels: below this buttons would lie on the curves, and a finger scrolls the page
const HIDDEN = "position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%)";
const MOST_ROWS = 400; // of the table behind a chart
const charts = new WeakMap(); // parentElement -> { node, observer, next, drawing }

export default function ({ data, parentElement }) {
  const chart = charts.get(parentElement) ?? mount(parentElement);
  chart.next = data;
  if (!chart.drawing) draw(chart).catch((error) => (chart.node.textContent = sentenceOf(error)));
  // Streamlit also calls this when a newer figure overtakes this one: then the chart is still in use.
  return () => chart.node.isConnected || unmount(chart);
}

function sentenceOf(error) {
  return error === LATE ? t("The chart library did not arrive; reload the page.") : error.message;
}

function mount(parentElement) {
  const node = document.createElement("div");
  node.className = "cnnlab-chart";
  node.style.height = "100%";
  const behind = document.createElement("div");
  behind.style.cssText = HIDDEN;
  parentElement.append(node, behind);
  const chart = { node, behind, next: null, drawing: false };
  chart.observer = new ResizeObserver(() => {
    if (!node.data) return;
    window.Plotly.Plots.resize(node);
    if (chart.least === leastText() || chart.drawing) return; // presentation mode began or ended
    chart.next ??= chart.shown;
    draw(chart);
  });
  chart.observer.observe(node);
  charts.set(parentElement, chart);
  return chart;
}

function unmount({ node, observer }) {
  observer.disconnect();
  window.Plotly?.purge(node);
}

// Draws until nothing newer waits: a slow browser skips figures, but always sees one through.
async function draw(chart) {
  const { node } = chart;
  chart.drawing = true;
  try {
    while (chart.next && node.isConnected) {
      const data = chart.next;
      Object.assign(chart, { next: null, shown: data, least: leastText() });
      const figure = await unzip(data);
      const language = figure.layout.meta?.language ?? "en";
      await spoken(language);
      const Plotly = await plotly;
      chart.ranges = rangesOf(figure.layout);
      const still = Boolean(figure.layout.meta?.still);
      const layout = { ...figure.layout, height: node.clientHeight, autosize: true, uirevision: "kept" };
      recolour(layout.template.layout, getComputedStyle(node));
      if (chart.least) for (const part of [layout, figure.data]) enlarge(part, chart.least);
      const narrow = node.clientWidth < NARROW;
      if (narrow && !still) layout.dragmode = false;
      if (language !== "en") Plotly.register({ moduleType: "locale", name: language, dictionary: buttons() });
      await Plotly.react(node, figure.data, layout, { ...(still || narrow ? STILL : CONFIG), locale: language });
      tell(chart, layout, still);
    }
  } finally {
    chart.drawing = false;
  }
}

// Plotly's own words, by the English ones.
function buttons() {
  return {
    Zoom: t("Zoom"),
    Pan: t("Pan"),
    "Reset axes": t("Reset axes"),
    "Download plot as a PNG": t("Download plot as a PNG"),
    "Download plot": t("Download plot as a PNG"),
    "Double-click to zoom back out": t("Double-click to zoom back out"),
  };
}

// What a chart shows, for those who do not see it: a sentence, and a table behind it.
function tell(chart, layout, still) {
  const { node, behind } = chart;
  const traces = node._fullData.filter((trace) => trace.visible === true && !trace.meta?.dense);
  const label = asWritten(layout.meta?.label ?? labelOf(node._fullLayout, traces));
  node.setAttribute("role", still ? "img" : "group");
  node.setAttribute("aria-label", still ? label : t("{label} Left and right arrow keys read the values, + and - zoom, 0 shows all.", { label }));
  if (!still) followKeys(chart);
  const size = `${label} ${traces.map((trace) => trace.x?.length ?? 0)}`;
  if (chart.told === size) return;
  chart.told = size;
  behind.replaceChildren(...traces.filter((trace) => trace.x?.length).map((trace) => tableOf(trace, node._fullLayout)));
}

// Names of people are escaped for Plotly, which reads some of HTML; here they are text.
function asWritten(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function labelOf({ xaxis, yaxis, yaxis2 }, traces) {
  const axes = [xaxis, yaxis, yaxis2].map((axis) => axis?.title?.text).filter(Boolean);
  const names = traces.map((trace) => trace.name).filter((name) => name && !name.startsWith("trace "));
  const said = { axes: axes.join(t(", ")), names: names.join(t(", ")) };
  if (axes.length && names.length) return t("Chart of {axes}: {names}.", said);
  if (axes.length) return t("Chart of {axes}.", said);
  return names.length ? t("Chart: {names}.", said) : t("Chart.");
}

function tableOf(trace, layout) {
  const table = document.createElement("table");
  const measure = layout[trace.yaxis?.replace("y", "yaxis")]?.title?.text ?? "";
  table.createCaption().textContent = asWritten(`${measure} ${trace.name ?? ""}`.trim());
  const { x, y, text, customdata } = trace;
  for (let row = 0; row < Math.min(x.length, MOST_ROWS); row++) {
    const cells = table.insertRow();
    const said = [customdata, text, x, y].map((column) => (typeof column === "string" ? null : column?.[row]));
    for (const one of said.filter((one) => ["string", "number"].includes(typeof one)))
      cells.insertCell().textContent = typeof one === "number" ? Number(one.toPrecision(4)) : asWritten(one);
  }
  return table;
}

// Arrow keys go from point to point of the curves that have points, and the values are said.
function followKeys(chart) {
  const { node } = chart;
  if (chart.keys) return;
  chart.keys = true;
  node.tabIndex = 0;
  const said = document.createElement("div");
  said.setAttribute("role", "status");
  said.style.cssText = HIDDEN;
  node.after(said);
  node.addEventListener("keydown", (event) => {
    if (event.target !== node) return;
    const { key } = event;
    if (key === "ArrowLeft" || key === "ArrowRight") step(chart, said, key === "ArrowRight" ? 1 : -1);
    else if (key === "+" || key === "=") zoom(chart, 0.5);
    else if (key === "-") zoom(chart, 2);
    else if (key === "0" || key === "Escape") showAll(chart);
    else return;
    event.preventDefault();
  });
  node.addEventListener("blur", () => window.Plotly.Fx.unhover(node));
}

function step(chart, said, by) {
  const { node } = chart;
  const curves = node._fullData.filter((trace) => trace.mode?.includes("markers") && trace.x?.length);
  if (!curves.length) return;
  const last = Math.max(...curves.map((curve) => curve.x.length)) - 1;
  chart.at = Math.max(0, Math.min(last, (chart.at ?? (by > 0 ? -1 : last + 1)) + by));
  const here = curves.filter((curve) => chart.at < curve.x.length);
  chart.x = here[0].x[chart.at];
  const points = here.map((curve) => ({ curveNumber: curve.index, pointNumber: chart.at }));
  const subplots = [...new Set(here.map((curve) => curve.xaxis + curve.yaxis))];
  window.Plotly.Fx.hover(node, points, subplots);
  const values = here.map((curve) => `${curve.name}: ${Number(curve.y[chart.at].toPrecision(3))}`);
  said.textContent = `${node._fullLayout.xaxis.title.text ?? ""} ${Number(chart.x.toPrecision(4))}: ${values.join(", ")}`;
}

function zoom({ node, x }, factor) {
  const axis = node._fullLayout.xaxis;
  if (axis.type !== "linear") return;
  const [low, high] = axis.range;
  const middle = Math.min(high, Math.max(low, x ?? (low + high) / 2));
  const range = [middle - (middle - low) * factor, middle + (high - middle) * factor];
  window.Plotly.relayout(node, { "xaxis.range": range });
}

function axesOf(layout) {
  return Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
}

// Copies: Plotly writes a person's zoom into the layout that it was given.
function rangesOf(layout) {
  return Object.fromEntries(axesOf(layout).map((name) => [name, layout[name].range && [...layout[name].range]]));
}

function showAll({ node, ranges }) {
  const whole = axesOf(node._fullLayout).map((name) =>
    ranges[name] ? [`${name}.range`, [...ranges[name]]] : [`${name}.autorange`, true],
  );
  window.Plotly.relayout(node, Object.fromEntries(whole));
}

// Presentation mode says in pixels how small text may be; 0 outside of it.
function leastText() {
  return Number(getComputedStyle(document.documentElement).getPropertyValue("--lab-least-text"));
}

// Type, lines and marks as they are read from the last row.
function enlarge(part, least) {
  if (!part || typeof part !== "object" || ArrayBuffer.isView(part)) return;
  for (const [name, value] of Object.entries(part)) {
    if (/font$/i.test(name) && typeof value?.size === "number") value.size = Math.max(least, value.size * 1.4);
    else if (name === "line" && typeof value?.width === "number") value.width *= 1.5;
    else if (name === "marker" && typeof value?.size === "number") value.size *= 1.4;
    if (name !== "x" && name !== "y" && name !== "z") enlarge(value, least);
  }
}

function unzip(data) {
  return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

function recolour(look, page) {
  const [text, line, panel] = ["text-color", "border-color", "secondary-background-color"].map((name) =>
    page.getPropertyValue(`--st-${name}`),
  );
  look.font.color = text;
  for (const axis of [look.xaxis, look.yaxis]) axis.gridcolor = axis.linecolor = line;
  look.modebar = { bgcolor: "transparent", color: line, activecolor: text };
  Object.assign(look.hoverlabel, { bgcolor: panel, bordercolor: line, font: { ...look.font, color: text } });
}
