// One place in the rack: a module's front panel, a blank plate, or a ghost in the dark. Made once, then patched.

import { front, spread } from "./art.js";
import { element, onClick, setAttribute, setText, show } from "./dom.js";
import { LAMPS, standing } from "./standing.js";
import { explain, words } from "./words.js";

/** @typedef {import("./contract.js").Module} Module */
/** @typedef {import("./contract.js").Slot} Slot */
/** @typedef {import("./standing.js").Standing} Standing */
/** @typedef {"live" | "away"} Base whether the base is there to hear a click */
/** @typedef {{ node: HTMLElement, update(slot: Slot, base: Base): void }} Place */
/** @typedef {{ blink(uid: string): void, retry(uid: string): void }} Actions */

const FINISHES = ["", "black", "cream", "", "black", ""];
/** As long as the engine makes a module blink. */
const BLINK_MS = 5000;

/** @param {string} uid @param {number} type @param {Actions} actions @returns {Place} */
export function modulePanel(uid, type, actions) {
  const name = element("h3", "name");
  const slotLine = element("span");
  const serial = element("span");
  const state = element("p", "state");
  const spoken = element("span", "unseen");
  const old = element("span", "old");
  const fresh = element("span", "new");
  const seen = element("span", "", old, fresh);
  seen.ariaHidden = "true";
  const retry = button("retry", () => actions.retry(uid));
  const blink = button("blink", () => {
    actions.blink(uid);
    node.classList.add("blinking");
    setTimeout(() => node.classList.remove("blinking"), BLINK_MS);
  });

  // Each has its own copy: one for the whole panel to inherit would be a restyling of all the art at each step.
  const moving = [element("div", "fill"), element("div", "gauge")];
  const [fill, gauge] = moving;

  const panel = element("article", looks(type),
    fill,
    element("span", "led"),
    name,
    front(type, uid),
    element("div", "display", state, element("p", "versions", spoken, seen), gauge),
    element("p", "place", slotLine, " ", serial),
    element("div", "controls", retry, blink));
  const node = element("li", "slot", panel);
  node.dataset.uid = uid;

  return {
    node,
    update({ slot, module }, base) {
      if (!module) return;
      const now = standing(module);
      setAttribute(node, "data-slot", slot === null ? null : String(slot));
      setAttribute(node, "data-standing", now);
      setAttribute(node, "data-phase", module.phase);
      setAttribute(node, "data-lamp", LAMPS[now]);
      const done = String(now === "updated" ? 1 : module.progress);
      for (const part of moving) if (part.style.getPropertyValue("--done") !== done) part.style.setProperty("--done", done);
      setText(name, module.name);
      setText(slotLine, words.slot(slot));
      setText(serial, words.serial(module.serial));
      setText(state, stateText(module, now, base));
      setText(retry, words.page.tryAgain);
      setText(blink, words.page.blink);
      setAttribute(retry, "aria-label", words.labelFor(words.page.tryAgain, module.name, slot));
      setAttribute(blink, "aria-label", words.labelFor(words.page.blink, module.name, slot));
      show(retry, now === "failed" && base === "live");
      show(blink, now !== "gone" && base === "live");

      const [before, after] = versions(module, now);
      setText(old, before);
      setText(fresh, after);
      setText(spoken, after ? words.versions(before, after) : before);
    },
  };
}

/** An empty slot. @returns {Place} */
export function blankPanel() {
  const [place, empty] = [element("p"), element("p", "empty")];
  const node = element("li", "slot blank", element("div", "panel plate", place, empty));
  return {
    node,
    update({ slot }) {
      setAttribute(node, "data-slot", slot === null ? null : String(slot));
      setText(place, words.slot(slot));
      setText(empty, words.page.empty);
    },
  };
}

/** What stands in the picture before anything is connected. @param {number} i */
export function ghostPanel(i) {
  const node = element("li", "slot ghost",
    element("div", looks(i), element("span", "led"), element("div", "name"), front(i, `ghost ${i}`), element("div", "display")));
  node.ariaHidden = "true";
  return node;
}

/** @param {number} type */
const looks = (type) => `panel cap-${spread(type, 6)} ${FINISHES[spread(type, FINISHES.length)]}`;

/** @param {Module} module @param {Standing} now @param {Base} base */
function stateText({ phase, progress, problem, why }, now, base) {
  if (base === "away" && (now === "busy" || now === "waiting")) return words.page.paused;
  if (phase === "starting") return words.phase[phase];
  if (now === "busy") return words.percent(progress, words.phase[phase]);
  if (problem && now !== "stranded") return explain(problem)[0];
  return now === "rescue" && why ? words.why[why] : words.standing[now];
}

/** What it holds, and what it could hold if that is something else. @param {Module} module @param {Standing} now */
function versions({ installed, available }, now) {
  const another = now !== "current" && now !== "gone" && available !== installed;
  return [installed ?? "", (another && available) || ""];
}

/** @param {string} className @param {() => void} action */
function button(className, action) {
  const node = element("button", `button tiny ${className}`);
  onClick(node, action);
  return node;
}
