// Images side by side, each a button: a click picks one, or marks and unmarks it.
//
// `data` has the tiles (`id`, `src`, `caption`, `alt`, `crisp`), their size in pixels, the `chosen` one, and
// `marks`: whether any number can be marked; then the ids of the marked ones are the state `marked`, else each
// click is a trigger `picked`. One stop for the Tab key; arrow keys go from image to image.

const walls = new WeakMap(); // parentElement -> wall

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const wall = walls.get(parentElement) ?? mount(parentElement);
  Object.assign(wall, { data, setStateValue, setTriggerValue });
  draw(wall);
}

function mount(parentElement) {
  const node = document.createElement("div");
  node.setAttribute("role", "group");
  parentElement.append(node);
  const wall = { node, marked: new Set(), at: 0 };
  walls.set(parentElement, wall);
  node.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) press(wall, button);
  });
  node.addEventListener("keydown", (event) => move(wall, event));
  return wall;
}

function draw(wall) {
  const { node, data } = wall;
  node.className = `cnnlab-wall${data.marks ? " marks" : ""}`;
  node.style.setProperty("--tile", `${data.pixels}px`);
  node.setAttribute("aria-label", data.label);
  const shown = JSON.stringify(data.tiles.map((tile) => [tile.id, tile.src, tile.caption]));
  if (wall.shown !== shown) {
    wall.shown = shown;
    wall.at = 0;
    node.replaceChildren(...data.tiles.map(tileOf));
    const there = new Set(data.tiles.map((tile) => tile.id));
    const kept = new Set([...wall.marked].filter((id) => there.has(id)));
    if (data.marks && kept.size < wall.marked.size) wall.setStateValue("marked", [...kept]);
    wall.marked = kept;
  }
  drawStates(wall);
}

function tileOf(tile) {
  const button = document.createElement("button");
  const image = Object.assign(document.createElement("img"), { src: tile.src, alt: tile.alt, loading: "lazy" });
  image.classList.toggle("crisp", tile.crisp);
  button.type = "button";
  button.dataset.id = tile.id;
  button.title = tile.alt;
  button.append(image);
  if (tile.caption) {
    const words = document.createElement("span");
    words.textContent = tile.caption;
    words.setAttribute("aria-hidden", "true"); // the alternative text says it
    button.append(words);
  }
  return button;
}

function press(wall, button) {
  const { id } = button.dataset;
  wall.at = [...wall.node.children].indexOf(button);
  if (wall.data.marks) {
    if (!wall.marked.delete(id)) wall.marked.add(id);
    wall.setStateValue("marked", [...wall.marked]);
  } else {
    wall.setTriggerValue("picked", id);
  }
  drawStates(wall);
}

function drawStates({ node, data, marked, at }) {
  [...node.children].forEach((button, index) => {
    button.tabIndex = index === at ? 0 : -1;
    if (data.marks) button.setAttribute("aria-pressed", String(marked.has(button.dataset.id)));
    else if (data.chosen !== null) button.setAttribute("aria-pressed", String(button.dataset.id === data.chosen));
  });
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function move(wall, event) {
  const last = wall.node.children.length - 1;
  const to = { Home: 0, End: last }[event.key] ?? wall.at + (STEPS[event.key] ?? NaN);
  if (!(to >= 0 && to <= last)) return;
  event.preventDefault();
  wall.at = to;
  drawStates(wall);
  wall.node.children[to].focus();
}
