// The controls of a scene: each shows and sets one value of its state. What `hide=` names is left out. Their words
// are made by `t` as they are declared.
//
// { kind: "choice", name, label, options }       options: [[value, text], ...] or a function of the stage
// { kind: "segments", name, label, options }     the same, all to be seen at once
// { kind: "range", name, label, least, most, step, said, marks }   least, most: numbers or functions of the stage
// { kind: "number", name, label, least, most, step }
// { kind: "toggle", name, label }
// { kind: "button", name, label, press(stage) }  title: what it does
// `when(stage)`: shown only then.

const make = (tag, fields = {}, ...inner) => {
  const node = Object.assign(document.createElement(tag), fields);
  node.append(...inner);
  return node;
};
const valueOf = (thing, stage) => (typeof thing === "function" ? thing(stage) : thing);

export function controls(stage, declared) {
  const row = make("div", { className: "controls" });
  const shown = declared.filter(({ name }) => !stage.hides(name)).map((one) => KINDS[one.kind](stage, one));
  row.append(...shown.map(({ node }) => node));
  row.hidden = !shown.length;
  return { node: row, update: () => shown.forEach((one) => one.update()) };
}

const visible = (stage, node, declared) => (node.hidden = Boolean(declared.when && !declared.when(stage)));

// Returns a function that draws the options of a control into a node, where they are not those drawn before.
const whereChanged = (stage, declared, node, draw) => {
  let known = "";
  return () => {
    const options = valueOf(declared.options, stage);
    const key = JSON.stringify(options);
    if (key === known) return;
    known = key;
    node.replaceChildren(...options.map(draw));
  };
};

const KINDS = {
  choice(stage, declared) {
    const { name, label } = declared;
    const select = make("select", { name });
    select.addEventListener("change", () => stage.set({ [name]: select.value }));
    const node = make("label", {}, make("span", { textContent: label }), select);
    const drawOptions = whereChanged(stage, declared, select, ([value, text]) => make("option", { value, textContent: text }));
    return {
      node,
      update() {
        visible(stage, node, declared);
        drawOptions();
        if (document.activeElement !== select || select.value !== stage.state[name]) select.value = stage.state[name];
      },
    };
  },
  segments(stage, declared) {
    const { name, label } = declared;
    const group = make("div", { className: "segments" });
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", label);
    const node = make("div", { className: "labelled" }, make("span", { textContent: label }), group);
    const drawOptions = whereChanged(stage, declared, group, ([value, text]) => {
      const button = make("button", { type: "button", textContent: text });
      button.dataset.value = value;
      button.addEventListener("click", () => stage.set({ [name]: value }));
      return button;
    });
    return {
      node,
      update() {
        visible(stage, node, declared);
        drawOptions();
        for (const button of group.children)
          button.setAttribute("aria-pressed", String(button.dataset.value === String(stage.state[name])));
      },
    };
  },
  range(stage, declared) {
    const { name, label, step = 1 } = declared;
    const slider = make("input", { type: "range", name, step });
    const output = make("output");
    slider.setAttribute("aria-label", label);
    slider.addEventListener("input", () => stage.set({ [name]: Number(slider.value) }));
    const node = make("label", { className: "ranged" }, make("span", { textContent: label }), slider, output);
    return {
      node,
      update() {
        visible(stage, node, declared);
        slider.min = valueOf(declared.least, stage);
        slider.max = valueOf(declared.most, stage);
        slider.value = stage.state[name];
        output.textContent = declared.said ? declared.said(stage.state[name], stage) : String(stage.state[name]).replace("-", "−");
      },
    };
  },
  number(stage, declared) {
    const { name, label, least, most, step = 1 } = declared;
    const field = make("input", { type: "number", name, min: least, max: most, step });
    field.addEventListener("input", () => {
      const value = Number(field.value);
      if (field.value !== "" && value >= least && value <= most) stage.set({ [name]: value });
    });
    field.addEventListener("change", () => (field.value = stage.state[name]));
    const node = make("label", {}, make("span", { textContent: label }), field);
    return {
      node,
      update() {
        visible(stage, node, declared);
        if (document.activeElement !== field || Number(field.value) !== stage.state[name]) field.value = stage.state[name];
      },
    };
  },
  toggle(stage, declared) {
    const box = make("input", { type: "checkbox", name: declared.name });
    box.addEventListener("change", () => stage.set({ [declared.name]: box.checked }));
    const node = make("label", { className: "toggle" }, box, make("span", { textContent: declared.label }));
    return { node, update: () => (visible(stage, node, declared), (box.checked = stage.state[declared.name])) };
  },
  button(stage, declared) {
    const node = make("button", { type: "button", textContent: declared.label, title: declared.title ?? "" });
    node.addEventListener("click", () => declared.press(stage));
    return { node, update: () => visible(stage, node, declared) };
  },
};
