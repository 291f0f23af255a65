// The layer list: a row for each layer and group, which a click or an arrow key chooses, at once in the browser.
//
// diagram.js owns what is chosen and tells the server; `pick(name, toggle, pause)` is its way of choosing.

import { t } from "./words.js";

const KEY_PAUSE = 160; // ms without another arrow key until the server hears of it

// Puts an empty list below a parent. `show(layers, chosen)` fills it, `mark(chosen)` marks another row of it.
export function mountList(parent, pick) {
  const root = document.createElement("div");
  root.className = "cnnlab-layers";
  root.innerHTML = `<table role="treegrid"><thead><tr role="row"></tr></thead><tbody></tbody></table>`;
  parent.append(root);
  const list = { parent, root, rows: new Map(), shown: "", seen: null };
  list.body = root.querySelector("tbody");
  list.speak = () => root.querySelector("table").setAttribute("aria-label", t("Layers"));
  list.show = (layers, chosen) => show(list, layers, chosen);
  list.mark = (chosen) => mark(list, chosen);
  list.body.addEventListener("click", ({ target }) => {
    const row = target.closest("tr");
    if (row) choose(row);
  });
  list.body.addEventListener("keydown", (event) => {
    const rows = [...list.rows.values()];
    const at = rows.indexOf(event.target.closest("tr"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") choose(rows[at]);
    else if (to === undefined) return;
    else if (rows[to]) {
      pick(rows[to].dataset.name, false, KEY_PAUSE);
      rows[to].focus({ preventScroll: true });
    }
    event.preventDefault();
  });
  const choose = (row) => pick(row.dataset.name, row.hasAttribute("aria-expanded"));
  return list;
}

function show(list, { heads, lines }, chosen) {
  const shown = JSON.stringify([heads, lines]);
  if (list.shown !== shown) {
    list.shown = shown;
    const focused = list.body.contains(document.activeElement);
    list.speak();
    list.root.querySelector("thead tr").replaceChildren(...heads.map(head));
    list.rows = new Map(lines.map((line) => [line.name, rowOf(line)]));
    list.body.replaceChildren(...list.rows.values());
    list.seen = null;
    mark(list, chosen);
    if (focused) list.rows.get(chosen)?.focus({ preventScroll: true });
  } else mark(list, chosen);
}

function head({ label, help }) {
  const cell = Object.assign(document.createElement("th"), { textContent: label, scope: "col" });
  cell.setAttribute("role", "columnheader");
  if (help) cell.title = help;
  return cell;
}

function rowOf({ name, label, depth, opened, cells }) {
  const row = document.createElement("tr");
  row.setAttribute("role", "row");
  row.setAttribute("aria-level", depth + 1);
  row.dataset.name = name;
  if (opened !== null) row.setAttribute("aria-expanded", String(opened));
  const first = row.insertCell();
  first.setAttribute("role", "rowheader");
  first.style.paddingLeft = `${0.375 + 0.75 * depth}rem`;
  first.append(...label.split(/(?<=[_./-])/).flatMap((part) => [part, document.createElement("wbr")]));
  for (const text of cells) {
    const cell = row.insertCell();
    cell.setAttribute("role", "gridcell");
    cell.textContent = text;
  }
  return row;
}

function mark(list, chosen) {
  for (const [name, row] of list.rows) {
    row.setAttribute("aria-selected", String(name === chosen));
    row.tabIndex = name === chosen ? 0 : -1;
  }
  const row = list.rows.get(chosen);
  if (!row || list.seen === chosen) return;
  list.seen = chosen;
  const { root } = list; // only the list scrolls, never the page
  const top = row.offsetTop - list.body.offsetTop;
  const room = root.clientHeight - list.body.offsetTop;
  if (top < root.scrollTop || top + row.offsetHeight > root.scrollTop + room) root.scrollTop = top - room / 2;
}
