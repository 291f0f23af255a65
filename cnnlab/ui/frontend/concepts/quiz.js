// The shape quiz: a table of layers with a blank in each line; Enter checks, the worked formula answers.

import { panel } from "./stage.js";

const ASKED = {
  output: ["Output", "rows × columns × channels"],
  parameters: ["Parameters", "a whole number"],
  field: ["Receptive field", "pixels, one side"],
};
const ATTEMPTS = 2;
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
    head.append(...["Layer", "Input", "Asked", "Your answer", ""].map((text) => make("th", text)));
    parts.lines = data.questions.map((question) => line(stage, question));
    parts.table.replaceChildren(head, ...parts.lines.map(({ node }) => node));
  },

  draw({ parts, data }) {
    parts.caption.textContent = data.questions.length ? `${data.network}: ${data.questions.length} blanks` : `${data.network} has nothing to ask for at this level.`;
  },

  say({ parts }) {
    const points = parts.lines.reduce((sum, { points }) => sum + (points ?? 0), 0);
    const done = parts.lines.filter(({ points }) => points !== null).length;
    return `Score ${String(points).replace(".5", "½").replace(/^0½/, "½")} of ${parts.lines.length}, ${done} answered.`;
  },
};

function line(stage, question) {
  const node = make("tr");
  const state = { node, points: null, attempts: 0 };
  const layer = make("td");
  layer.append(make("b", question.layer), document.createElement("br"), make("small", question.what));
  const [asked, unit] = ASKED[question.asks];
  const what = make("td");
  what.append(asked, document.createElement("br"), make("small", unit));
  const field = Object.assign(make("input"), { type: "text", inputMode: "text", autocomplete: "off", spellcheck: false });
  field.setAttribute("aria-label", `${asked} of ${question.layer}, ${unit}`);
  const typed = make("td", "", "typed");
  typed.append(field);
  const answer = make("td", "", "answer");
  const button = Object.assign(make("button", "Check"), { type: "button" });
  button.setAttribute("aria-label", `Check ${question.layer}`);
  answer.append(button);
  node.append(layer, make("td", question.given), what, typed, answer);

  const check = () => {
    if (state.points !== null || !field.value.trim()) return;
    const numbers = read(field.value);
    const right = numbers.join() === question.answer.join();
    state.attempts += 1;
    if (!right && state.attempts < ATTEMPTS) {
      answer.replaceChildren(make("span", `✗ ${hint(question, numbers)}`, "wrong"), " ", button);
      field.select();
    } else {
      state.points = right ? 1 / state.attempts : 0;
      field.readOnly = true;
      answer.replaceChildren(make("b", right ? "✓ " : "✗ ", right ? "right" : "wrong"), question.formula);
      const open = stage.parts.lines.find(({ points }) => points === null);
      open?.node.querySelector("input").focus();
    }
    stage.wake();
  };
  button.addEventListener("click", check);
  field.addEventListener("keydown", (event) => event.key === "Enter" && check());
  return state;
}

// The numbers of what was typed: "28x28x6", "28 × 28 × 6" or "28, 28, 6"; a comma or point between thousands is none.
function read(text) {
  return (text.replace(/(\d)[,.'](?=\d{3}(\D|$))/g, "$1").match(/\d+/g) ?? []).map(Number);
}

function hint({ asks, answer }, numbers) {
  if (numbers.length !== answer.length) return asks === "output" ? `${answer.length} ${answer.length > 1 ? "numbers are" : "number is"} asked for.` : "One number is asked for.";
  if (asks === "output" && answer.length === 3) {
    const wrong = [numbers[0] !== answer[0] && "rows", numbers[1] !== answer[1] && "columns", numbers[2] !== answer[2] && "channels"];
    return `Look at the ${wrong.filter(Boolean).join(" and ").replace("rows and columns and", "rows, columns and")} again.`;
  }
  return numbers[0] > answer[0] ? "Too many." : "Too few.";
}
