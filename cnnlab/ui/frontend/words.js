// What the scripts say, in the language of the page: `t("Step {step}", { step: 3 })`.
//
// A script awaits `spoken(language)` before it says anything; the server sends it the language with its data.
// So `t` is called where something is shown, never while a script is read. A number is written as it comes.

const PATIENCE = 20_000; // ms; then the scripts speak English, until the next one asks again
const tables = new Map([["en", Promise.resolve({})]]); // language -> a promise of its texts
let asked = "en";
let table = {};

/** Fetch the words of a language, once, and speak it from then on. */
export async function spoken(language = "en") {
  asked = language;
  if (!tables.has(language)) tables.set(language, fetched(language));
  const found = await tables.get(language);
  if (asked === language) table = found; // else the page has turned to another one meanwhile
}

async function fetched(language) {
  try {
    const address = new URL(`../../../cnnlab/words?lang=${language}`, import.meta.url);
    const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return await answer.json();
  } catch {
    tables.delete(language); // the server is away: English now, and asked again next time
    return {};
  }
}

/** Return a text in the language of the page, with values at the places that have their names. */
export const t = (text, values = {}) =>
  (table[text] || text).replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));

/** Join what is said one after the other; what is empty is left out. */
export const joined = (...sentences) =>
  sentences.filter(Boolean).reduce((said, next) => t("{said} {next}", { said, next }));
