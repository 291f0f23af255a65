// The colours of values and of parts, as page.css names them: the same on every page and in both themes.

let known = null;

// Forgets the colours; the next drawing reads them again: another theme has others.
export const forget = () => (known = null);

export function colours(node) {
  const least = Number(getComputedStyle(document.documentElement).getPropertyValue("--lab-least-text"));
  if (known?.least === least) return known; // presentation mode asks for larger type, and has its own colours
  const style = getComputedStyle(node);
  const of = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  known = {
    positive: of("--lab-positive", "#d5752b"),
    negative: of("--lab-negative", "#3f8fc9"),
    input: of("--lab-input", "#1fa08f"),
    kernel: of("--lab-kernel", "#9578cc"),
    output: of("--lab-output", "#b23a55"),
    quiet: of("--lab-quiet", "#7d8790"),
    text: of("--st-text-color", "#1e2a32"),
    back: of("--st-background-color", "#fdfdfc"),
    line: of("--st-border-color", "#dbe2e5"),
  };
  const rgb = Object.fromEntries(Object.entries(known).map(([name, code]) => [name, parsed(code)]));
  Object.assign(known, { rgb, least });
  return known;
}

function parsed(code) {
  if (/^#[0-9a-f]{6}$/i.test(code)) return [1, 3, 5].map((at) => parseInt(code.slice(at, at + 2), 16));
  return (code.match(/[\d.]+/g) ?? [128, 128, 128]).slice(0, 3).map(Number);
}

const mixed = (one, other, share) => one.map((value, at) => Math.round(value + (other[at] - value) * share));

// The colour of a value as [r, g, b]: gray from 0 to 1, from the page over orange or blue
// by its sign, or a share of the colour of a part ("input", "output").
export function shade(value, mode, largest, palette) {
  if (mode === "gray") return new Array(3).fill(Math.round(255 * Math.min(1, Math.max(0, value / largest))));
  if (palette.rgb[mode]) return mixed(palette.rgb.back, palette.rgb[mode], Math.min(1, value));
  const strength = Math.min(1, Math.abs(value) / (largest || 1));
  return mixed(palette.rgb.back, value < 0 ? palette.rgb.negative : palette.rgb.positive, strength ** 0.8 * 0.9);
}

const channel = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
export const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
// Black or white, whichever is read better on a colour.
export const ink = (rgb) => (luminance(rgb) > 0.179 ? "#000" : "#fff");
