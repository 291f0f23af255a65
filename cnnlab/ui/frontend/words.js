// What the scripts say, in the language of the page: `t("Step {step}", { step: 3 })`.
//
// A script awaits `spoken(language)` before it says anything; the server sends it the language with its data.

let table = {};
let asked = null;
let known = "en";

export function spoken(language = "en") {
  if (language === known && asked) return asked;
  known = language;
  table = {};
  asked = language === "en" ? Promise.resolve() : fetched(language);
  return asked;
}

async function fetched(language) {
  try {
    const answer = await fetch(new URL(`../../../cnnlab/words?lang=${language}`, import.meta.url));
    table = answer.ok ? await answer.json() : {};
  } catch {
    // the server is away: what is shown meanwhile is English
  }
}

export const t = (text, values = {}) =>
  (table[text] || text).replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
