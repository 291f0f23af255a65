// The state of a scene: in the address of the page, so that a prepared scene can be handed out.
//
// A scene declares its values, each with a default and a reader of what people may have typed:
//   { step: whole(0, 0, 9999), kernel: word("sobel_x"), flip: flag(false), values: numbers([], 121) }
// Only what differs from the default stands in the address. The server is not asked: it hears of nothing here.

export const whole = (usual, least, most) => ({
  usual,
  read: (text) => (/^-?\d{1,7}$/.test(text) ? Math.min(most, Math.max(least, Number(text))) : usual),
});
export const decimal = (usual, least, most) => ({
  usual,
  read: (text) => (text !== "" && Number.isFinite(Number(text)) ? Math.min(most, Math.max(least, Number(text))) : usual),
});
export const flag = (usual) => ({
  usual,
  read: (text) => (text === "1" ? true : text === "0" ? false : usual),
  write: (value) => (value ? "1" : "0"),
});
export const word = (usual, allowed = null) => ({
  usual,
  read: (text) => (/^[\w .:~/-]{1,60}$/.test(text) && (!allowed || allowed.includes(text)) ? text : usual),
});
export const numbers = (usual, most) => ({
  usual,
  read: (text) => {
    const found = text.split("_").map(Number);
    return text && found.length <= most && found.every(Number.isFinite) ? found : usual;
  },
  write: (values) => values.map((value) => String(Math.round(value * 1e4) / 1e4)).join("_"),
});

const written = (kind, value) => (kind.write ?? String)(value);

export function read(kinds) {
  const address = new URLSearchParams(location.search);
  const at = (name, kind) => (address.has(name) ? kind.read(address.get(name)) : kind.usual);
  return Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, at(name, kind)]));
}

// Writes the state beside what the server keeps in the address; no new entry in the browser's history. The
// address then names the scene, and has `more`, so that it shows the same to whoever is given it.
export function write(scene, kinds, state, more = {}) {
  const address = new URLSearchParams(location.search);
  if ((address.get("concept") ?? scene) !== scene) return; // another concept is on its way
  address.set("concept", scene);
  for (const [name, text] of Object.entries(more)) address.set(name, text);
  for (const [name, kind] of Object.entries(kinds)) {
    const text = written(kind, state[name]);
    if (text === written(kind, kind.usual)) address.delete(name);
    else address.set(name, text);
  }
  const query = address.toString().replaceAll("%2C", ",");
  if (query !== location.search.slice(1)) history.replaceState(history.state, "", `${location.pathname}${query && "?"}${query}`);
}
