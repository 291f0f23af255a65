// A kernel as a table of fields to type into; each field has the colour of its number.

import { colours, ink, shade } from "./colours.js";
import { said } from "./grid.js";
import { t } from "../words.js";

export class KernelTable {
  constructor(parent, changed) {
    this.node = Object.assign(document.createElement("div"), { className: "kernel-table" });
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", t("Kernel: type the weights"));
    parent.append(this.node);
    this.fields = [];
    this.node.addEventListener("input", () => {
      const typed = this.fields.map((field) => Number(field.value.replace("−", "-").replace(",", ".")));
      if (typed.every(Number.isFinite)) changed(typed.map((value) => Math.min(99, Math.max(-99, value))));
    });
    this.node.addEventListener("focusin", (event) => event.target.select?.());
  }

  show(values, size, cell) {
    if (this.fields.length !== values.length) {
      this.fields = values.map((_, at) => {
        const field = Object.assign(document.createElement("input"), { type: "text", inputMode: "decimal", autocomplete: "off" });
        field.setAttribute("aria-label", t("Weight, row {row}, column {column}", { row: Math.floor(at / size), column: at % size }));
        return field;
      });
      this.node.replaceChildren(...this.fields);
    }
    this.node.style.gridTemplateColumns = `repeat(${size}, ${cell}px)`;
    const palette = colours(this.node);
    const largest = Math.max(...values.map(Math.abs), 1e-9);
    this.fields.forEach((field, at) => {
      const rgb = shade(values[at], "signed", largest, palette);
      Object.assign(field.style, { background: `rgb(${rgb})`, color: ink(rgb), height: `${cell}px`, fontSize: `${Math.max(palette.least || 9, Math.min(15, cell * 0.36))}px` });
      if (document.activeElement !== field) field.value = said(values[at]).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
    });
  }
}
