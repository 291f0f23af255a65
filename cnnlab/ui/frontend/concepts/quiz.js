// The shape quiz: a table of layers with a blank in each line; Enter checks, the worked formula answers.

import { panel } from "./stage.js";
import { t } from "../words.js";

const asked = () => ({
  output: [t("Output"), t("rows × columns × channels")],
  parameters: [t("Parameters"), t("a whole number")],
  field: [t("Receptive field"), t("pixels, one side")],
});
const ATTEMPTS = 2;
let last = {}; // { quiz, language, lines } that were shown last: another language keeps the answers
const make = (tag, text = "", className = "") => Object.assign(document.createElement(tag), { textContent: text, className });

export default {
  state: {},

  build(stage) {
    const { parts } = stage;
    const { figure, caption } = panel(stage, "");
    parts.table = make("table", "", "quiz costs");
    parts.caption = caption;
    figure.append(parts.table);
    this.fill(stage);
  },

  // Another quiz begins anew; the same one, sent again, keeps what was typed.
  received(stage) {
    this.fill(stage);
  },

  fill(stage) {
    const { parts, data } = stage;
    if (parts.quiz === data.quiz) return;
    parts.quiz = data.quiz;
    const head = make("tr");
    head.append(...[t("Layer"), t("Input"), t("Asked"), t("Your answer"), ""].map((text) => make("th", text)));
    const before = last.quiz === data.quiz && last.language !== data.language ? last.lines : [];
    parts.lines = data.questions.map((question, at) => line(stage, question, before[at]));
    last = { quiz: data.quiz, language: data.language, lines: parts.lines };
    parts.table.replaceChildren(head, ...parts.lines.map(({ node }) => node));
  },

  draw({ parts, data }) {
    parts.caption.textContent = data.questions.length
      ? t("{network}: {n} blanks", { network: data.network, n: data.questions.length })
      : t("{network} has nothing to ask for at this level.", { network: data.network });
  },

  say({ parts }) {
    const points = parts.lines.reduce((sum, { points }) => sum + (points ?? 0), 0);
    const done = parts.lines.filter(({ points }) => points !== null).length;
    return t("Score {points} of {all}, {done} answered.", { points: String(points).replace(".5", "½").replace(/^0½/, "½"), all: parts.lines.length, done });
  },
};

// One question; `before` is the same one as it was answered in another language.
function line(stage, question, before) {
  const node = make("tr");
  const layer = make("td");
  layer.append(make("b", question.layer), document.createElement("br"), make("small", question.what));
  const [name, unit] = asked()[question.asks];
  const what = make("td");
  what.append(name, document.createElement("br"), make("small", unit));
  const field = Object.assign(make("input"), { type: "text", inputMode: "text", autocomplete: "off", spellcheck: false });
  field.setAttribute("aria-label", t("{asked} of {layer}, {unit}", { asked: name, layer: question.layer, unit }));
  const state = { node, field, points: before?.points ?? null, attempts: before?.attempts ?? 0, numbers: before?.numbers };
  const typed = make("td", "", "typed");
  typed.append(field);
  const answer = make("td", "", "answer");
  const button = Object.assign(make("button", t("Check")), { type: "button" });
  button.setAttribute("aria-label", t("Check {layer}", { layer: question.layer }));
  answer.append(button);
  node.append(layer, make("td", question.given), what, typed, answer);

  const answered = () => {
    const right = state.points > 0;
    field.readOnly = true;
    answer.replaceChildren(make("b", right ? "✓ " : "✗ ", right ? "right" : "wrong"), question.formula);
  };
  const wrong = () => answer.replaceChildren(make("span", `✗ ${hint(question, state.numbers)}`, "wrong"), " ", button);
  const check = () => {
    if (state.points !== null || !field.value.trim()) return;
    state.numbers = read(field.value);
    const right = state.numbers.join() === question.answer.join();
    state.attempts += 1;
    if (!right && state.attempts < ATTEMPTS) {
      wrong();
      field.select();
    } else {
      state.points = right ? 1 / state.attempts : 0;
      answered();
      const open = stage.parts.lines.find(({ points }) => points === null);
      open?.node.querySelector("input").focus();
    }
    stage.wake();
  };
  button.addEventListener("click", check);
  field.addEventListener("keydown", (event) => event.key === "Enter" && check());
  if (before) field.value = before.field.value;
  if (state.points !== null) answered();
  else if (state.attempts) wrong();
  return state;
}

// The numbers of what was typed: "28x28x6", "28 × 28 × 6" or "28, 28, 6"; a comma or point between thousands is none.
function read(text) {
  return (text.replace(/(\d)[,.'](?=\d{3}(\D|$))/g, "$1").match(/\d+/g) ?? []).map(Number);
}

function hint({ asks, answer }, numbers) {
  if (numbers.length !== answer.length) return answer.length > 1 ? t("{n} numbers are asked for.", { n: answer.length }) : t("One number is asked for.");
  if (asks === "output" && answer.length === 3) {
    const [one, two, three] = [t("rows"), t("columns"), t("channels")].filter((_, at) => numbers[at] !== answer[at]);
    if (three) return t("Look at the {one}, {two} and {three} again.", { one, two, three });
    return two ? t("Look at the {one} and {two} again.", { one, two }) : t("Look at the {one} again.", { one });
  }
  return numbers[0] > answer[0] ? t("Too many.") : t("Too few.");
}
