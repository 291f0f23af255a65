// Draws a plotly figure, and each newer one in the same node: nothing flickers and a person's zoom stays.
//
// Streamlit calls the default export for every new figure and for every change of theme, always with the
// parentElement it made when the chart came onto the page. `data` is the figure as gzipped JSON.

const plotly = new Promise((resolve, reject) => {
  const script = document.createElement("script");
  script.src = new URL("../cnnlab.plotly/plotly.min.js", import.meta.url);
  script.onload = () => resolve(window.Plotly);
  script.onerror = () => reject(new Error("The chart library did not arrive; reload the page."));
  document.head.append(script);
});

const CONFIG = { displaylogo: false, modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]] };
const charts = new WeakMap(); // parentElement -> { node, turn }

export default function ({ data, parentElement }) {
  const chart = charts.get(parentElement) ?? mount(parentElement);
  draw(chart, data).catch((error) => (chart.node.textContent = error.message));
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
  const chart = { node, observer, turn: 0 };
  charts.set(parentElement, chart);
  return chart;
}

function unmount({ node, observer }) {
  observer.disconnect();
  window.Plotly?.purge(node);
}

async function draw(chart, data) {
  const turn = ++chart.turn;
  const [Plotly, figure] = await Promise.all([plotly, unzip(data)]);
  if (turn !== chart.turn || !chart.node.isConnected) return;
  const layout = { ...figure.layout, height: chart.node.clientHeight, autosize: true, uirevision: "kept" };
  recolour(layout.template.layout, getComputedStyle(chart.node));
  await Plotly.react(chart.node, figure.data, layout, CONFIG);
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
