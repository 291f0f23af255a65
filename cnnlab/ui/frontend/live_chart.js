// Draws a plotly figure, and each newer one in the same node: nothing flickers and a person's zoom stays.
//
// Streamlit calls the default export for every new figure and for every change of theme, always with the
// parentElement it made when the chart came onto the page. `data` is the figure as gzipped JSON.

// Our server gives the library to be kept for a year, a server without our routes as a file of the package.
const plotly = load("../../../cnnlab/plotly.js").catch(() => load("../cnnlab.plotly/plotly.min.js"));

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const failed = () => reject(new Error("The chart library did not arrive; reload the page."));
    script.src = new URL(address, import.meta.url);
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : failed());
    script.onerror = failed;
    document.head.append(script);
  });
}

const CONFIG = { displaylogo: false, modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]] };
const STILL = { ...CONFIG, displayModeBar: false };
const charts = new WeakMap(); // parentElement -> { node, observer, next, drawing }

export default function ({ data, parentElement, setTriggerValue }) {
  const chart = charts.get(parentElement) ?? mount(parentElement);
  chart.next = data;
  chart.tell = setTriggerValue;
  if (!chart.drawing) draw(chart).catch((error) => (chart.node.textContent = error.message));
  // Streamlit also calls this when a newer figure overtakes this one: then the chart is still in use.
  return () => chart.node.isConnected || unmount(chart);
}

function mount(parentElement) {
  const node = document.createElement("div");
  node.className = "cnnlab-chart";
  node.style.height = "100%";
  parentElement.append(node);
  const observer = new ResizeObserver(() => node.data && window.Plotly.Plots.resize(node));
  observer.observe(node);
  const chart = { node, observer, next: null, drawing: false };
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
    const Plotly = await plotly;
    while (chart.next && node.isConnected) {
      const data = chart.next;
      chart.next = null;
      const figure = await unzip(data);
      const layout = { ...figure.layout, height: node.clientHeight, autosize: true, uirevision: "kept" };
      recolour(layout.template.layout, getComputedStyle(node));
      await Plotly.react(node, figure.data, layout, layout.meta?.still ? STILL : CONFIG);
      if (layout.meta?.pick) listen(chart);
    }
  } finally {
    chart.drawing = false;
  }
}

// A figure whose layout.meta.pick is set tells the page which of its points was clicked.
function listen(chart) {
  if (chart.listening) return;
  chart.listening = true;
  chart.node.on("plotly_click", ({ points: [{ x, y }] }) => chart.tell("picked", { x, y }));
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
