// The minutes of a lesson so far, which pass without asking the server; the button that unfolds its text on a
// small screen; and links of its text, which open here: a new tab would know of no lesson.

const PHONE = 640; // CSS pixels: there a lesson begins folded
const TICK = 5000; // milliseconds
const clocks = new WeakMap(); // parentElement -> Clock

export default function ({ data, parentElement, setTriggerValue }) {
  const clock = clocks.get(parentElement) ?? new Clock(parentElement);
  clocks.set(parentElement, clock);
  clock.receive(data, setTriggerValue);
  return () => parentElement.isConnected || clock.end();
}

class Clock {
  constructor(parentElement) {
    this.node = document.createElement("div");
    this.node.className = "cnnlab-lesson-clock";
    this.said = document.createElement("span");
    this.fold = Object.assign(document.createElement("button"), { type: "button" });
    this.fold.addEventListener("click", () => this.unfold(!this.isUnfolded()));
    this.node.append(this.said, this.fold);
    parentElement.append(this.node);
    this.follow = (event) => this.open(event);
    document.addEventListener("click", this.follow, true);
    this.timer = setInterval(() => (this.node.isConnected ? this.show() : this.end()), TICK);
  }

  receive(data, tell) {
    this.begun = performance.now() - 1000 * data.seconds;
    this.tell = tell;
    this.data = data;
    this.unfold(this.isUnfolded());
    this.show();
  }

  show() {
    const { planned, minutes, words } = this.data;
    const passed = Math.floor((performance.now() - this.begun) / 60000);
    const values = { passed, planned, minutes };
    const text = words.time.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
    if (this.said.textContent !== text) this.said.textContent = text;
    this.said.title = words.help;
    this.fold.textContent = words.fold;
    this.node.classList.toggle("late", passed > planned);
  }

  isUnfolded() {
    const chosen = document.documentElement.dataset.lesson;
    return chosen ? chosen === "unfolded" : innerWidth > PHONE;
  }

  unfold(wanted) {
    document.documentElement.dataset.lesson = wanted ? "unfolded" : "folded";
    this.fold.setAttribute("aria-expanded", String(wanted));
  }

  open(event) {
    const link = event.target.closest?.(".st-key-lesson_text a[href]");
    const target = link?.getAttribute("href");
    if (!this.node.isConnected || !target || /^[a-z][a-z0-9+.-]*:|^[/#]/i.test(target)) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.tell("opened", target);
  }

  end() {
    clearInterval(this.timer);
    document.removeEventListener("click", this.follow, true);
  }
}
