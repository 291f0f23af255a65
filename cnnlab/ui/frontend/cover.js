// An image with a square in its mean colour that a person drags over it, by pointer or arrow keys, and the answer beside it.
//
// Streamlit calls the default export for every new answer. One question is under way at most: where the
// square went meanwhile is asked when the answer has come.

const boards = new WeakMap(); // parentElement -> board
const STEP = 1 / 32; // of the side, for an arrow key
const GIVE_UP = 3000; // milliseconds without an answer
let words = {};

const t = (text, values = {}) =>
  (words[text] || text).replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));

export default function ({ data, parentElement, setStateValue }) {
  const board = boards.get(parentElement) ?? mount(parentElement);
  words = data.words ?? {};
  board.data = data;
  speak(board);
  board.tell = (place) => setStateValue("covered", place);
  if (board.asked && data.number === board.asked.number) board.asked = null;
  if (!board.place || data.image !== board.image) reset(board);
  draw(board);
  send(board);
}

function mount(parentElement) {
  const node = document.createElement("div");
  node.className = "cnnlab-cover";
  node.innerHTML = `
    <div class="stage" tabindex="0" role="application">
      <img alt=""><div class="square"></div>
    </div>
    <div class="bars" role="table"></div>`;
  parentElement.append(node);
  const board = { node, place: null, asked: null, number: 0 };
  for (const name of ["stage", "square", "bars"]) board[name] = node.querySelector(`.${name}`);
  board.picture = node.querySelector("img");
  boards.set(parentElement, board);
  listen(board);
  return board;
}

function speak({ stage, bars, picture, data }) {
  const keys = t("Image with a square over it. Arrow keys move the square, plus and minus change its size.");
  stage.setAttribute("aria-label", keys);
  bars.setAttribute("aria-label", t("Probability of each class, before and now"));
  picture.alt = data.alt;
}

function reset(board) {
  board.image = board.data.image;
  board.picture.src = `data:image/png;base64,${board.data.image}`;
  board.place = { row: 0.5, column: 0.5, size: board.data.size };
  ask(board);
}

function listen(board) {
  const { stage } = board;
  const follow = (event) => {
    const box = stage.getBoundingClientRect();
    move(board, (event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width);
  };
  stage.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    stage.focus({ preventScroll: true });
    stage.setPointerCapture(event.pointerId);
    follow(event);
  });
  stage.addEventListener("pointermove", (event) => stage.hasPointerCapture(event.pointerId) && follow(event));
  const keys = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  stage.addEventListener("keydown", (event) => {
    const { row, column, size } = board.place;
    if (keys[event.key]) {
      const [down, right] = keys[event.key];
      move(board, row + down * STEP, column + right * STEP);
    } else if ("+-".includes(event.key)) {
      board.place.size = clamp(size * (event.key === "+" ? 1.2 : 1 / 1.2), 0.05, 0.9);
      ask(board);
    } else return;
    event.preventDefault();
  });
  stage.addEventListener("wheel", (event) => {
    if (document.activeElement !== stage) return;
    event.preventDefault();
    board.place.size = clamp(board.place.size * (event.deltaY < 0 ? 1.1 : 1 / 1.1), 0.05, 0.9);
    ask(board);
  });
}

function move(board, row, column) {
  Object.assign(board.place, { row: clamp(row, 0, 1), column: clamp(column, 0, 1) });
  ask(board);
}

const clamp = (value, lowest, highest) => Math.min(highest, Math.max(lowest, value));

function ask(board) {
  board.wanted = true;
  draw(board);
  send(board);
}

function send(board) {
  const waits = board.asked && performance.now() - board.asked.at < GIVE_UP;
  if (!board.wanted || waits) return;
  board.wanted = false;
  board.number += 1;
  board.asked = { number: board.number, at: performance.now() };
  board.tell({ number: board.number, ...board.place });
}

function draw(board) {
  const { data, place } = board;
  const style = board.square.style;
  style.background = data.fill;
  style.width = style.height = `${place.size * 100}%`;
  style.left = `${(place.column - place.size / 2) * 100}%`;
  style.top = `${(place.row - place.size / 2) * 100}%`;
  board.bars.replaceChildren(...data.classes.map((name, index) => bar(name, data.before[index], data.now[index])));
}

function bar(name, before, now) {
  const row = document.createElement("div");
  row.setAttribute("role", "row");
  const label = Object.assign(document.createElement("span"), { className: "name", textContent: name, title: name });
  label.setAttribute("role", "rowheader");
  const track = Object.assign(document.createElement("span"), { className: "track" });
  const fill = Object.assign(document.createElement("span"), { className: "fill" });
  const mark = Object.assign(document.createElement("span"), { className: "mark", title: t("without the square") });
  fill.style.width = `${now * 100}%`;
  mark.style.left = `${before * 100}%`;
  track.append(fill, mark);
  const text = `${(now * 100).toFixed(1)} %`;
  const said = Object.assign(document.createElement("span"), { className: "said", textContent: text });
  for (const cell of [track, said]) cell.setAttribute("role", "cell");
  track.setAttribute("aria-label", t("without the square {share} %", { share: (before * 100).toFixed(1) }));
  row.append(label, track, said);
  return row;
}
