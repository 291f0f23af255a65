// Steps through a scene: buttons, and on the page space (play), arrows (a step; up and down a row), Home and End.
//
// The number of the step is `step` of the state. While it plays, `speed` steps a second are shown, at most one
// a frame of the screen.

import { listen } from "./keys.js";
import { t } from "../words.js";

const SPEEDS = [2, 8, 30, 60];
export class Player {
  constructor(stage, { count, row = null }) {
    Object.assign(this, { stage, count, row, playing: false, speed: SPEEDS[1] });
    this.node = document.createElement("div");
    this.node.className = "player";
    this.node.innerHTML = `
      <button type="button" class="first">|◀</button>
      <button type="button" class="back">◀</button>
      <button type="button" class="play"></button>
      <button type="button" class="next">▶</button>
      <button type="button" class="last">▶|</button>
      <input type="range" class="at" min="0" step="1">
      <span class="counted"></span>
      <select class="speed"></select>`;
    const part = (name) => this.node.querySelector(`.${name}`);
    const on = (name, act) => part(name).addEventListener("click", act);
    for (const [name, label, title] of [
      ["first", t("First step"), t("First step (Home)")],
      ["back", t("Step back"), t("Step back (left arrow)")],
      ["play", "", t("Play or pause (space)")],
      ["next", t("Step"), t("Step (right arrow)")],
      ["last", t("Last step"), t("Last step (End)")],
      ["at", t("Step"), ""],
      ["speed", t("Steps per second"), ""],
    ]) {
      if (label) part(name).setAttribute("aria-label", label);
      if (title) part(name).title = title;
    }
    part("speed").append(...SPEEDS.map((n) => new Option(t("{n} steps/s", { n }), n)));
    on("first", () => this.go(0));
    on("back", () => this.by(-1));
    on("next", () => this.by(1));
    on("last", () => this.go(Infinity));
    on("play", () => this.toggle());
    this.at = part("at");
    this.at.addEventListener("input", () => this.go(Number(this.at.value)));
    const speed = part("speed");
    speed.value = this.speed;
    speed.addEventListener("change", () => (this.speed = Number(speed.value)));
    this.silence = listen(stage.node, (key) => this.key(key));
  }

  get last() {
    return Math.max(0, this.count(this.stage) - 1);
  }

  go(step) {
    this.pause();
    this.stage.set({ step: Math.min(this.last, Math.max(0, step)) });
  }

  by(steps) {
    this.go(Math.min(this.stage.state.step, this.last) + steps);
  }

  // Plays to the step that the address of a lesson asks for; one who wants no motion sees that step at once.
  playTo(step) {
    if (this.stage.state.step >= step) return;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.go(step);
    else this.toggle(step);
  }

  toggle(until = Infinity) {
    if (this.playing) return this.pause();
    if (this.stage.state.step >= this.last) this.stage.set({ step: 0 });
    this.playing = true;
    let due = performance.now();
    const frame = (now) => {
      if (!this.playing) return;
      if (!this.node.isConnected) return this.end();
      const steps = Math.floor(((now - due) * this.speed) / 1000 + 1e-6);
      if (steps > 0) {
        due = steps > 1 ? now : due + (steps * 1000) / this.speed;
        const to = Math.min(this.last, this.stage.state.step + 1);
        this.stage.set({ step: to });
        if (to >= Math.min(this.last, until)) return this.pause();
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return this.update();
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.update();
  }

  key(key) {
    const row = this.row?.(this.stage) ?? 0;
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row };
    if (key === " ") this.toggle();
    else if (moves[key]) this.by(moves[key]);
    else if (key === "Home") this.go(0);
    else if (key === "End") this.go(Infinity);
    else return false;
    return true;
  }

  update() {
    const { last, stage } = this;
    const play = this.node.querySelector(".play");
    play.textContent = this.playing ? t("Pause") : t("Play");
    this.at.max = last;
    this.at.value = Math.min(stage.state.step, last);
    this.node.querySelector(".counted").textContent = t("{n} of {all}", { n: Math.min(stage.state.step, last) + 1, all: last + 1 });
  }

  end() {
    this.playing = false;
    this.silence();
  }
}
