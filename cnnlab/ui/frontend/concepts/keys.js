// Keys that are pressed anywhere on the page, but for those that a widget needs itself.

const TAKEN =
  "input, select, textarea, [contenteditable], [role=slider], [role=combobox], [role=listbox], [role=option], [role=tab], [role=radio], [role=menu], [role=dialog], [role=tree], [role=grid]";

// Calls `pressed(key)`, which returns whether it has taken the key; returns a function that ends it.
export function listen(node, pressed) {
  const heard = (event) => {
    if (!node.isConnected) return end();
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const at = event.target;
    if (at.closest?.(TAKEN) && !at.classList.contains("at")) return;
    if ((event.key === " " || event.key === "Enter") && at.closest?.("button, a, summary")) return;
    if (pressed(event.key)) event.preventDefault();
  };
  const end = () => document.removeEventListener("keydown", heard);
  document.addEventListener("keydown", heard);
  return end;
}
