// Folds the sidebar when the app is opened on a small screen: a projector of 1024 pixels, not a phone, where
// Streamlit does so itself. Whoever unfolds it keeps it unfolded.

const NARROW = 1200; // CSS pixels
const PATIENCE = 40; // looks, 50 ms apart
let done = false;

export default function () {
  if (done) return;
  done = true;
  if (window.innerWidth >= NARROW) return;
  let looks = 0;
  (function look() {
    const sidebar = document.querySelector('[data-testid="stSidebar"]');
    const button = document.querySelector('[data-testid="stSidebarCollapseButton"] button');
    if (button && sidebar.getBoundingClientRect().right > 100) button.click();
    else if (++looks < PATIENCE) setTimeout(look, 50);
  })();
}
