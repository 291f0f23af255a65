// The stage of the Concepts page: what all scenes share. Streamlit calls the default export with `data`:
// { scene, hide, image, kernels, ... }; the script `scene`.js beside this one is the scene. Its default export:
//
//   state: { name: kind }         see state.js; with `step` where there is a player
//   controls() -> [ ... ]         see controls.js; once, with their words in the language of the page
//   player: { count(stage), row(stage) }   steps, and steps of an arrow up or down; or null
//   build(stage)                  once: puts its nodes into stage.body and keeps them in stage.parts
//   draw(stage)                   shows stage.state; at most once a frame
//   say(stage)                    a sentence with the numbers that are shown now
//   changed(stage, before)        optional: after a change of the state, before it is drawn
//   received(stage, before)       optional: the server has sent other data; `before` is what it was
//   address(stage)                optional: what else the address needs to show the same, such as { run }
//   key(stage, key)               optional, without a player: returns whether it has taken a key
//
// stage.set({...}) changes the state; stage.data, stage.picture and stage.room() are what a scene draws from.

import { controls } from "./controls.js";
import { forget } from "./colours.js";
import { listen } from "./keys.js";
import { decoded } from "./picture.js";
import { Player } from "./player.js";
import { read, write } from "./state.js";
import { spoken, t } from "../words.js";

const ADDRESS_PAUSE = 250; // ms without a change until the address is written
const SPEECH_PAUSE = 500; // ms without a change until a screen reader hears the numbers
const LEAST_HEIGHT = 300;
const BELOW = 72; // pixels of the page that stay free below a scene: its own margin and some air
const OF_THIS_BROWSER = ["follow", "present", "lang"]; // arguments that no other browser follows
const stages = new WeakMap(); // parentElement -> Stage

export default function ({ data, parentElement }) {
  forget();
  const stage = stages.get(parentElement) ?? new Stage(parentElement, data);
  stages.set(parentElement, stage);
  stage.receive(data);
  return () => parentElement.isConnected || stage.end();
}

class Stage {
  constructor(parentElement, data) {
    this.data = data;
    this.parts = {};
    this.path = location.pathname; // that of this page: the address of another one is not touched
    this.node = document.createElement("div");
    this.node.className = `cnnlab-concept ${data.scene}`;
    parentElement.append(this.node);
    const words = spoken(data.language);
    this.ready = Promise.all([import(`./${data.scene}.js`), words]).then(
      ([module]) => this.mount(module.default),
      () => words.then(() => (this.node.textContent = t("This concept did not arrive; reload the page."))),
    );
  }

  mount(scene) {
    this.scene = scene;
    this.state = read(scene.state);
    this.controls = controls(this, scene.controls?.() ?? []);
    this.body = document.createElement("div");
    this.body.className = "body";
    this.reading = Object.assign(document.createElement("p"), { className: "reading" });
    this.reading.setAttribute("aria-hidden", "true");
    this.speech = Object.assign(document.createElement("p"), { className: "speech" });
    this.speech.setAttribute("role", "status");
    this.node.append(this.controls.node);
    if (scene.player) this.player = new Player(this, scene.player);
    if (this.player && !this.hides("player")) this.node.append(this.player.node);
    if (scene.key) this.silence = listen(this.node, (key) => scene.key(this, key));
    this.node.append(this.body, this.reading, this.speech);
    scene.build(this);
    this.observer = new ResizeObserver(() => (this.node.isConnected ? this.wake() : this.end()));
    this.observer.observe(this.node);
    this.resized = () => this.wake();
    window.addEventListener("resize", this.resized);
    this.followed = (event) => this.follow(event);
    document.addEventListener("cnnlab-news", this.followed);
    // What the mouse has pressed gives the keys back to the page: space plays, and presses nothing again.
    this.node.addEventListener("click", (event) => event.detail && event.target.closest("button, [type=checkbox]")?.blur());
    const at = document.activeElement;
    if (at?.closest(".st-key-concept_header") && !at.matches(":focus-visible")) at.blur();
    const play = new URLSearchParams(location.search).get("play") ?? "";
    if (this.player && /^\d{1,5}$/.test(play)) this.player.playTo(Number(play));
    this.wake();
  }

  // Takes what the server sends, again and again: the state stays, the address is written anew.
  receive(data) {
    const before = this.data;
    this.data = data;
    this.picture = decoded(data.image);
    this.ready.then(() => {
      if (!this.scene) return;
      this.scene.received?.(this, before);
      this.wake();
      if (before !== data) this.remember();
    });
  }

  hides(name) {
    return this.data.hide.includes(name);
  }

  set(values) {
    const before = { ...this.state };
    Object.assign(this.state, values);
    this.scene.changed?.(this, before);
    this.wake();
    this.remember();
  }

  wake() {
    if (this.due || !this.scene) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      if (this.node.isConnected) this.draw();
    });
  }

  draw() {
    this.controls.update();
    if (this.player) {
      const step = Math.min(this.state.step, this.player.last);
      if (step !== this.state.step) this.state.step = step;
      this.player.update();
    }
    this.scene.draw(this);
    const said = this.scene.say(this);
    if (this.reading.textContent !== said) this.reading.textContent = said;
    clearTimeout(this.toSay);
    this.toSay = setTimeout(() => this.speech.textContent === said || (this.speech.textContent = said), SPEECH_PAUSE);
  }

  // The address belongs to the server while the page runs: it may be on its way to another scene, and what this
  // one writes would be what that one begins with. After the run, a scene that was replaced is gone.
  remember(wasQuiet = true) {
    clearTimeout(this.toWrite);
    this.toWrite = setTimeout(() => {
      if (!this.node.isConnected || location.pathname !== this.path) return;
      const isQuiet = !pageRuns();
      if (!isQuiet || !wasQuiet) return this.remember(isQuiet);
      write(this.data.scene, this.scene.state, this.state, this.scene.address?.(this));
    }, ADDRESS_PAUSE);
  }

  // The pixels that a scene may use: its width, and the height down to the end of the window, not scrolled.
  room() {
    const width = this.body.clientWidth;
    const scroller = this.node.closest('[data-testid="stMain"]');
    const top = this.body.getBoundingClientRect().top + (scroller?.scrollTop ?? 0);
    const below = this.reading.offsetHeight + BELOW;
    return { width, height: Math.max(LEAST_HEIGHT, window.innerHeight - top - below), narrow: width < 560 };
  }

  // The address that a follower is to show: where only the state of this scene differs, no page needs to run.
  follow(event) {
    const { of, word } = event.detail;
    if (of !== "screen" || !this.node.isConnected || location.pathname !== this.path) return;
    const [page, query] = word.split("?");
    if (!this.path.endsWith(`/${page}`)) return;
    const [asked, now] = [new URLSearchParams(query), new URLSearchParams(location.search)];
    const names = new Set([...asked.keys(), ...now.keys()].filter((name) => !OF_THIS_BROWSER.includes(name)));
    const others = [...names].filter((name) => asked.get(name) !== now.get(name) && !(name in this.scene.state));
    if (others.length) return;
    event.preventDefault();
    for (const name of Object.keys(this.scene.state)) {
      if (asked.has(name)) now.set(name, asked.get(name));
      else now.delete(name);
    }
    history.replaceState(history.state, "", `${location.pathname}?${now.toString().replaceAll("%2C", ",")}`);
    this.player?.pause();
    this.set(read(this.scene.state));
  }

  end() {
    this.player?.end();
    this.silence?.();
    this.observer?.disconnect();
    window.removeEventListener("resize", this.resized);
    document.removeEventListener("cnnlab-news", this.followed);
  }
}

function pageRuns() {
  const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState ?? "notRunning";
  return state !== "notRunning";
}

// A part of a scene with its heading above it: of the colour of what it shows (input, kernel, output).
export function panel(stage, name, colour = "") {
  const figure = document.createElement("figure");
  figure.className = `panel ${colour}`;
  const caption = Object.assign(document.createElement("figcaption"), { textContent: name });
  figure.append(caption);
  stage.body.append(figure);
  return { figure, caption };
}
