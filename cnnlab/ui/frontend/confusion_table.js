// A confusion matrix as a table: rows are true classes, columns predicted ones, each cell can be chosen.
//
// `data` has the names of the classes, the counts, recall and precision in per cent as text, the chosen cell
// the colours, and the `words`, which may have places such as `{name}`. A cell is as strong as its share of the row. One stop for the Tab key; arrow keys go from
// cell to cell, Enter or Space chooses.

const PALE = 4, FULL = 62; // per cent of the colour at none and at the whole of a row
const WRONG_AT_MOST = 0.5; // an error is as strong as it gets at half of its row
const LEAST = 0.15; // a single error is seen in both themes
const MOST_WITH_COUNTS = 24;
const MOST_WITH_DECIMALS = 12; // classes whose precision stands below its column to a tenth of a per cent
const tables = new WeakMap(); // parentElement -> state

export default function ({ data, parentElement, setTriggerValue }) {
  const state = tables.get(parentElement) ?? mount(parentElement);
  Object.assign(state, { data, choose: (cell) => setTriggerValue("picked", cell) });
  const shown = JSON.stringify([data.classes, data.counts, data.recall, data.precision, data.words]);
  if (shown !== state.shown) {
    state.shown = shown;
    draw(state);
  }
  mark(state);
}

function mount(parentElement) {
  const node = document.createElement("div");
  parentElement.append(node);
  const state = { node, at: [0, 0] };
  tables.set(parentElement, state);
  node.addEventListener("click", ({ target }) => pick(state, target.closest("td.cell")));
  node.addEventListener("keydown", (event) => move(state, event));
  return state;
}

function said(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

function element(name, className, text = "", more = {}) {
  return Object.assign(document.createElement(name), { className, textContent: text, ...more });
}

function draw(state) {
  const { node, data } = state;
  const { classes, counts, words } = data;
  const longest = Math.max(...classes.map((name) => name.length));
  node.className = `cnnlab-confusion${longest > 3 && classes.length > 4 ? " upright" : ""}`;
  node.style.setProperty("--side", `${classes.length > MOST_WITH_COUNTS ? 18 : classes.length > 12 ? 26 : 38}px`);
  node.style.setProperty("--least", classes.length > MOST_WITH_COUNTS ? "0.75rem" : classes.length > MOST_WITH_DECIMALS ? "1.75rem" : "2.5rem");
  node.style.setProperty("--names", `${Math.min(9, Math.max(5, 1 + 0.55 * longest)).toFixed(1)}rem`);
  node.style.setProperty("--classes", classes.length);
  const table = element("table", "");
  table.setAttribute("role", "grid");
  table.setAttribute("aria-label", words.matrix);
  const above = table.createTHead().insertRow();
  above.append(element("td", "row"), element("th", "axis", words.above, { scope: "colgroup", colSpan: classes.length }));
  above.append(element("td", "score"));
  const head = table.tHead.insertRow();
  head.append(element("th", "row", words.beside, { scope: "col" }));
  for (const name of classes) head.append(element("th", "column", name, { scope: "col", title: said(words.predicted, { name }) }));
  head.append(element("th", "column score", words.recall, { scope: "col", title: "TP / (TP + FN)" }));
  const body = table.createTBody();
  classes.forEach((name, row) => {
    const line = body.insertRow();
    line.append(element("th", "row", name, { scope: "row", title: name }));
    const total = counts[row].reduce((sum, count) => sum + count, 0) || 1;
    counts[row].forEach((count, column) => line.append(cellOf(data, row, column, count / total)));
    line.append(element("td", "score", data.recall[row]));
  });
  const foot = table.createTFoot().insertRow();
  foot.append(element("th", "row", words.precision, { scope: "row", title: "TP / (TP + FP)" }));
  for (const one of data.precision) foot.append(element("td", "score", short(one, classes.length), { title: `${one} %` }));
  foot.append(element("td", "score", data.accuracy, { title: words.accuracy }));
  node.replaceChildren(table);
}

function cellOf({ classes, counts, colours, words }, row, column, share) {
  const hit = row === column;
  const count = counts[row][column];
  const strength = Math.max(count ? LEAST : 0, hit ? share : Math.min(1, share / WRONG_AT_MOST));
  const cell = element("td", `cell${hit ? " hit" : ""}`, count && classes.length <= MOST_WITH_COUNTS ? count : "");
  const colour = hit ? colours.right : colours.wrong;
  cell.style.background = `color-mix(in srgb, ${colour} ${(PALE + (FULL - PALE) * strength).toFixed(1)}%, transparent)`;
  cell.dataset.row = row;
  cell.dataset.column = column;
  cell.tabIndex = -1;
  const told = { truth: classes[row], guess: classes[column], count, share: (100 * share).toFixed(1) };
  cell.setAttribute("aria-label", said(hit ? words.right : words.wrong, told));
  return cell;
}

// A percentage as far as there is room for it; the title of its cell holds all of it.
function short(figure, count) {
  if (count <= MOST_WITH_DECIMALS || Number.isNaN(Number(figure))) return figure;
  return count > MOST_WITH_COUNTS ? "" : String(Math.round(Number(figure)));
}

function cells(state) {
  return [...state.node.querySelectorAll("td.cell")];
}

function mark(state) {
  const [row, column] = state.data.chosen;
  const size = state.data.classes.length;
  state.at = state.at.map((place) => Math.min(place, size - 1));
  for (const cell of cells(state)) {
    const [r, c] = [Number(cell.dataset.row), Number(cell.dataset.column)];
    cell.setAttribute("aria-selected", String(r === row && c === column));
    cell.tabIndex = r === state.at[0] && c === state.at[1] ? 0 : -1;
  }
}

function pick(state, cell) {
  if (!cell) return;
  state.at = [Number(cell.dataset.row), Number(cell.dataset.column)];
  state.data = { ...state.data, chosen: state.at }; // marked at once, the images come from the server
  mark(state);
  state.choose(state.at);
}

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

function move(state, event) {
  const cell = event.target.closest("td.cell");
  if (!cell) return;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    return pick(state, cell);
  }
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const last = state.data.classes.length - 1;
  state.at = state.at.map((place, axis) => Math.max(0, Math.min(last, place + step[axis])));
  mark(state);
  cells(state)[state.at[0] * (last + 1) + state.at[1]].focus();
}
