// Images as points of a plane, coloured by a kind; pointing at one shows it, a click picks it.
//
// `data` has the `points`, the `kinds` and each point's `kind`, which are `wrong`, what is `said` of each, their
// `names` and `numbers`, the `words` of the page, and the name of the `thumbnails`, which come one by one from
// `cnnlab/thumbnail`. A click is the trigger `picked`, with the point's number. Newer points move from where the same numbers were.
// One stop for the Tab key; arrow keys go to the nearest point in that direction, Enter picks it.

const SVG = "http://www.w3.org/2000/svg";
const COLOURS = ["#3f8fc9", "#e08438", "#3fa67e", "#9578cc", "#cf6678", "#9ea149", "#55b0b5", "#8a959d"];
const RADIUS = 5.5;
const EDGE = 16;
const REACH = 14; // pixels beside a point's centre that still mean it: a finger, or a point that moves
const planes = new WeakMap(); // parentElement -> plane

export default function ({ data, parentElement, setTriggerValue }) {
  const plane = planes.get(parentElement) ?? mount(parentElement);
  Object.assign(plane, { data, pick: (number) => setTriggerValue("picked", number) });
  draw(plane);
  return () => plane.node.isConnected || plane.observer.disconnect();
}

function mount(parentElement) {
  const node = document.createElement("div");
  node.className = "cnnlab-plane";
  node.innerHTML = `<ul></ul><svg role="group"></svg><div class="tip" hidden><img alt=""><span></span></div>`;
  parentElement.append(node);
  const plane = { node, only: null, at: 0, circles: new Map() };
  for (const name of ["ul", "svg", ".tip", "img", "span"]) plane[name.replace(".", "")] = node.querySelector(name === "span" ? ".tip span" : name);
  planes.set(parentElement, plane);
  plane.observer = new ResizeObserver(() => {
    node.classList.remove("placed"); // a plane of another size is drawn at once
    place(plane);
    requestAnimationFrame(() => node.classList.toggle("placed", Boolean(plane.svg.clientWidth)));
  });
  plane.observer.observe(plane.svg);
  plane.svg.addEventListener("click", (event) => {
    const circle = event.target.dataset.number ? event.target : nearest(plane, event);
    if (circle) plane.pick(Number(circle.dataset.number));
  });
  plane.svg.addEventListener("pointerover", ({ target }) => (target.dataset.number ? show(plane, target) : hide(plane)));
  plane.svg.addEventListener("pointerleave", () => hide(plane));
  plane.svg.addEventListener("focusin", ({ target }) => target.dataset.number && show(plane, target));
  plane.svg.addEventListener("focusout", () => hide(plane));
  plane.svg.addEventListener("keydown", (event) => move(plane, event));
  plane.img.addEventListener("load", () => (plane.img.hidden = false));
  plane.img.addEventListener("error", () => (plane.img.hidden = true));
  return plane;
}

function colourOf(kind, kinds) {
  if (kinds.length <= COLOURS.length) return COLOURS[kind];
  return `hsl(${Math.round((360 * kind * 0.618034) % 360)} 55% ${kind % 2 ? 62 : 48}%)`;
}

function draw(plane) {
  const { data, svg, circles } = plane;
  const there = new Set(data.numbers);
  for (const [number, circle] of circles) {
    if (there.has(number)) continue;
    circle.remove();
    circles.delete(number);
  }
  const kinds = JSON.stringify(data.kinds);
  if (plane.kinds !== kinds) plane.only = null;
  plane.kinds = kinds;
  data.numbers.forEach((number, index) => {
    let circle = circles.get(number);
    if (!circle) {
      circle = document.createElementNS(SVG, "circle");
      circle.setAttribute("r", RADIUS);
      circle.setAttribute("role", "button");
      circle.dataset.number = number;
      circles.set(number, circle);
    }
    circle.dataset.index = index;
    circle.setAttribute("fill", colourOf(data.kind[index], data.kinds));
    circle.setAttribute("aria-label", `${data.wrong[index] ? data.words.wrong : data.words.right}: ${data.said[index]}; ${data.names[index]}`);
    circle.classList.toggle("wrong", data.wrong[index]);
  });
  svg.setAttribute("aria-label", data.words.points);
  plane.ul.setAttribute("aria-label", data.words.colours);
  legend(plane);
  fade(plane);
  place(plane);
  // In the order of the data, and new ones where they belong: they do not fly in. One that stays keeps a click that has begun.
  data.numbers.forEach((number, index) => {
    const circle = circles.get(number);
    if (svg.children[index] !== circle) svg.insertBefore(circle, svg.children[index] ?? null);
  });
  tab(plane, Math.min(plane.at, data.numbers.length - 1));
}

function legend(plane) {
  const { ul, data } = plane;
  const counts = data.kinds.map((_, kind) => data.kind.filter((one) => one === kind).length);
  ul.replaceChildren(
    ...data.kinds.map((name, kind) => {
      const item = document.createElement("li");
      item.innerHTML = `<button type="button"><i></i><span></span></button>`;
      const button = item.firstChild;
      button.querySelector("i").style.background = colourOf(kind, data.kinds);
      button.querySelector("span").textContent = `${name} (${counts[kind]})`;
      button.setAttribute("aria-pressed", String(plane.only === kind));
      button.addEventListener("click", () => {
        plane.only = plane.only === kind ? null : kind;
        [...ul.querySelectorAll("button")].forEach((one, index) => one.setAttribute("aria-pressed", String(plane.only === index)));
        fade(plane);
      });
      return item;
    }),
  );
}

function fade(plane) {
  const { circles, only, data } = plane;
  for (const circle of circles.values()) circle.classList.toggle("faded", only !== null && data.kind[circle.dataset.index] !== only);
}

// One scale for both axes: distances are to be compared.
function place(plane) {
  const { svg, data, circles } = plane;
  const { clientWidth: width, clientHeight: height } = svg;
  if (!width || !data?.points.length) return;
  const ends = [0, 1].map((axis) => {
    const values = data.points.map((point) => point[axis]);
    return [Math.min(...values), Math.max(...values)];
  });
  const scale = Math.min(...[width, height].map((size, axis) => (size - 2 * EDGE) / (ends[axis][1] - ends[axis][0] || 1)));
  const middle = ends.map(([low, high]) => (low + high) / 2);
  data.numbers.forEach((number, index) => {
    const [x, y] = data.points[index];
    const circle = circles.get(number);
    // style, not attributes: only so Firefox, too, moves them
    circle.style.cx = `${width / 2 + (x - middle[0]) * scale}px`;
    circle.style.cy = `${height / 2 - (y - middle[1]) * scale}px`;
  });
}

function nearest(plane, { clientX, clientY }) {
  let [best, least] = [null, REACH];
  for (const circle of plane.circles.values()) {
    if (circle.classList.contains("faded")) continue;
    const box = circle.getBoundingClientRect();
    const distance = Math.hypot(box.x + box.width / 2 - clientX, box.y + box.height / 2 - clientY);
    if (distance <= least) [best, least] = [circle, distance];
  }
  return best;
}

function show(plane, circle) {
  const { data, tip, img, span, node } = plane;
  const index = Number(circle.dataset.index);
  const query = new URLSearchParams({ of: data.thumbnails, number: data.numbers[index] });
  const address = `${addressOf("cnnlab/thumbnail")}?${query}`;
  if (img.getAttribute("src") !== address) {
    img.hidden = true;
    img.src = address;
  } else img.hidden = !img.naturalWidth;
  span.textContent = `${data.wrong[index] ? "✗" : "✓"} ${data.said[index]}`;
  tip.hidden = false;
  const box = circle.getBoundingClientRect();
  const around = node.getBoundingClientRect();
  const right = box.right - around.left + 200 < around.width;
  tip.style.left = right ? `${box.right - around.left + 8}px` : "";
  tip.style.right = right ? "" : `${around.right - box.left + 8}px`;
  tip.style.top = `${Math.max(0, Math.min(box.top - around.top - 20, around.height - 170))}px`;
}

function hide(plane) {
  plane.tip.hidden = true;
}

function tab(plane, at) {
  plane.at = at;
  plane.data.numbers.forEach((number, index) => plane.circles.get(number).setAttribute("tabindex", index === at ? 0 : -1));
}

const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function move(plane, event) {
  const { data } = plane;
  if ((event.key === "Enter" || event.key === " ") && event.target.dataset.number) {
    event.preventDefault();
    return plane.pick(Number(event.target.dataset.number));
  }
  const way = WAYS[event.key];
  if (!way) return;
  event.preventDefault();
  const here = data.points[plane.at];
  let best = -1;
  let least = Infinity;
  data.points.forEach((point, index) => {
    const step = [point[0] - here[0], point[1] - here[1]];
    const along = step[0] * way[0] + step[1] * way[1];
    const aside = Math.abs(step[0] * way[1]) + Math.abs(step[1] * way[0]);
    if (along > 0 && along + 2 * aside < least) [least, best] = [along + 2 * aside, index];
  });
  if (best < 0) return;
  tab(plane, best);
  plane.circles.get(data.numbers[best]).focus();
}

// Pages lie beside each other at the base of the app, wherever that is.
function addressOf(path) {
  const here = new URL(location.href);
  here.search = here.hash = "";
  here.pathname = here.pathname.replace(/\/+$/, "");
  return new URL(path, here);
}
