// Tells the page which of its three sizes the window has, whenever that is not the one it was drawn for.

const WIDE = matchMedia("(min-width: 1200px)");
const NARROW = matchMedia("(max-width: 640px)");
const listeners = new WeakMap(); // parentElement -> the function that hears of changes

export default function ({ data, parentElement, setStateValue }) {
  const tell = () => {
    const size = WIDE.matches ? "wide" : NARROW.matches ? "narrow" : "medium";
    if (size !== data) setStateValue("size", size);
  };
  forget(parentElement);
  listeners.set(parentElement, tell);
  for (const query of [WIDE, NARROW]) query.addEventListener("change", tell);
  tell();
  return () => forget(parentElement);
}

function forget(parentElement) {
  const tell = listeners.get(parentElement);
  for (const query of [WIDE, NARROW]) query.removeEventListener("change", tell);
}
