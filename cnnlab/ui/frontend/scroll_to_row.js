// Brings a row of the dataframe before this component into view; leaves one alone that is in view already.
//
// `data` is { row, pixels }: which row, and how high each is. Streamlit draws a dataframe on a canvas inside a
// scroller, and has no way to scroll it from Python. The scroller may come after this component.

const PATIENCE = 40; // looks, 100 ms apart

export default function ({ data, parentElement }) {
  let looks = 0;
  let timer = setTimeout(look, 0);

  function look() {
    const tables = [...document.querySelectorAll('[data-testid="stDataFrame"]')];
    const before = tables.filter((table) => table.compareDocumentPosition(parentElement) & 4);
    const scroller = before.at(-1)?.querySelector(".dvn-scroller");
    if (scroller?.clientHeight) return scroll(scroller);
    if (++looks < PATIENCE) timer = setTimeout(look, 100);
  }

  function scroll(scroller) {
    const seen = scroller.clientHeight - data.pixels; // the header stays
    const top = data.row * data.pixels;
    const hidden = top < scroller.scrollTop || top + data.pixels > scroller.scrollTop + seen;
    if (hidden) scroller.scrollTop = Math.max(0, top - seen / 2);
  }

  return () => clearTimeout(timer);
}
