// A map of values whose cells can be chosen: by a click, or with the arrow keys.
//
// `data` has the address of the map's image, its `rows` and `columns`, the chosen cell `at`, and a `label`. A
// choice is the trigger `picked`: [row, column].

const pickers = new WeakMap(); // parentElement -> picker

export default function ({ data, parentElement, setTriggerValue }) {
  const picker = pickers.get(parentElement) ?? mount(parentElement);
  picker.data = data;
  picker.at = [...data.at];
  picker.choose = (cell) => {
    picker.at = cell;
    mark(picker);
    setTriggerValue("picked", cell);
  };
  if (picker.image.src !== data.image) picker.image.src = data.image;
  picker.node.setAttribute("aria-label", data.label);
  mark(picker);
}

function mount(parentElement) {
  const node = document.createElement("div");
  node.className = "cnnlab-cells";
  node.tabIndex = 0;
  node.setAttribute("role", "application");
  node.innerHTML = `<img alt=""><i></i>`;
  parentElement.append(node);
  const picker = { node, image: node.firstChild, frame: node.lastChild };
  pickers.set(parentElement, picker);
  node.addEventListener("click", (event) => {
    const box = picker.image.getBoundingClientRect();
    const { rows, columns } = picker.data;
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    picker.choose(within(picker, row, column));
  });
  node.addEventListener("keydown", (event) => move(picker, event));
  return picker;
}

function within({ data }, row, column) {
  return [Math.min(Math.max(row, 0), data.rows - 1), Math.min(Math.max(column, 0), data.columns - 1)];
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function move(picker, event) {
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  picker.choose(within(picker, picker.at[0] + step[0], picker.at[1] + step[1]));
}

function mark({ frame, data, at }) {
  const [row, column] = at;
  frame.style.left = `${(100 * (column + 0.5)) / data.columns}%`;
  frame.style.top = `${(100 * (row + 0.5)) / data.rows}%`;
  frame.style.width = `${100 / data.columns}%`;
  frame.style.height = `${100 / data.rows}%`;
}
