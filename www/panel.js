// One place in the rack: a module's front panel, a blank plate, or a dark ghost. Made once, then patched.

import { front, spread } from "./art.js";
import { element, setAttribute, setText, show } from "./dom.js";
import { LAMPS, standing } from "./standing.js";
import { explain, words } from "./words.js";

/** @typedef {import("./contract.js").Module} Module */
/** @typedef {import("./contract.js").Slot} Slot */
/** @typedef {{ node: HTMLElement, update(slot: Slot): void }} Place */
/** @typedef {{ blink(uid: string): void, retry(uid: string): void }} Actions */

const FINISHES = ["silver", "black", "cream", "silver", "black", "silver"];
/** About as long as a module blinks when asked to. */
const BLINK_MS = 4000;

/** @param {string} uid @param {number} type @param {Actions} actions @returns {Place} */
export function modulePanel(uid, type, actions) {
  const name = element("h3", "name");
  const place = element("p", "place");
  const serial = element("p", "serial");
  const state = element("p", "state");
  const spoken = element("span", "unseen");
  const installed = element("span", "installed");
  const available = element("span", "available");
  const seen = element("span", "pair", installed, available);
  seen.setAttribute("aria-hidden", "true");
  const gauge = element("div", "gauge");
  const display = element("div", "display", state, element("p", "versions", spoken, seen), gauge);
  const blink = button("blink", words.page.blink, () => {
    actions.blink(uid);
    flash(node);
  });
  const retry = button("retry", words.page.tryAgain, () => actions.retry(uid));
  retry.hidden = true;

  const panel = element("article", "panel", element("div", "fill"), element("span", "led"), name, front(type, uid), display,
    element("div", "foot-line", place, serial), element("div", "controls", blink, retry));
  panel.dataset.finish = FINISHES[spread(type, FINISHES.length)];
  panel.dataset.cap = String(spread(type, 6));
  const node = element("li", "slot", panel);
  node.dataset.uid = uid;

  return {
    node,
    update({ slot, module }) {
      if (!module) return;
      const now = standing(module);
      setAttribute(node, "data-slot", slot === null ? null : String(slot));
      setAttribute(node, "data-standing", now);
      setAttribute(node, "data-phase", module.phase);
      setAttribute(node, "data-lamp", LAMPS[now]);
      setText(name, module.name);
      setText(place, words.slot(slot));
      setText(serial, words.serial(module.serial));
      setText(state, stateText(module, now));
      setVersions(module, now);
      node.style.setProperty("--done", String(level(module, now)));
      setAttribute(blink, "aria-label", words.blinkLabel(module.name, slot));
      setAttribute(retry, "aria-label", words.tryAgainLabel(module.name, slot));
      show(retry, now === "failed");
      show(blink, now !== "gone");
    },
  };

  /** @param {Module} module @param {string} now */
  function setVersions(module, now) {
    const both = now !== "current" && now !== "updated" && module.available !== null && module.available !== module.installed;
    const shown = now === "updated" ? (module.available ?? module.installed) : module.installed;
    setText(installed, shown ?? (both ? "" : "–"));
    setText(available, both ? `${module.available}` : "");
    setText(spoken, both ? words.versions(module.installed, `${module.available}`) : `${shown ?? ""}`);
    seen.classList.toggle("both", both);
  }
}

/** An empty slot. @returns {Place} */
export function blankPanel() {
  const place = element("p", "place");
  const panel = element("div", "panel plate", element("p", "empty"), place);
  setText(/** @type {Node} */ (panel.firstChild), words.page.emptySlot);
  const node = element("li", "slot blank", panel);
  return {
    node,
    update({ slot }) {
      setAttribute(node, "data-slot", String(slot));
      setText(place, words.slot(slot));
    },
  };
}

/** What stands in the picture before anything is connected: a rack in the dark. @param {number} i */
export function ghostPanel(i) {
  const panel = element("div", "panel", element("span", "led"), element("div", "name"), front(i, `ghost ${i}`),
    element("div", "display"));
  panel.dataset.finish = FINISHES[i % FINISHES.length];
  panel.dataset.cap = String(i % 6);
  const node = element("li", "slot ghost", panel);
  node.setAttribute("aria-hidden", "true");
  node.style.setProperty("--i", String(i));
  return node;
}

/** @param {Module} module @param {string} now */
function stateText(module, now) {
  if (now === "busy") {
    const phase = words.phase[module.phase];
    return module.phase === "starting" ? phase : words.percent(module.progress, phase);
  }
  if ((now === "failed" || now === "refused") && module.problem) return explain(module.problem).title;
  if (now === "rescue" && module.why && Object.hasOwn(words.why, module.why)) return words.why[/** @type {keyof typeof words.why} */ (module.why)];
  return words.standing[/** @type {keyof typeof words.standing} */ (now)];
}

/** How far the light on the panel has risen, 0 to 1. @param {Module} module @param {string} now */
function level(module, now) {
  if (now === "busy") return module.progress;
  if (now === "updated") return 1;
  return now === "failed" ? module.progress : 0;
}

/** @param {string} className @param {string} label @param {() => void} onClick */
function button(className, label, onClick) {
  const node = element("button", `button tiny ${className}`, document.createTextNode(label));
  node.addEventListener("click", onClick);
  return node;
}

/** The lamp in the picture blinks along with the one on the module. @param {HTMLElement} node */
function flash(node) {
  node.classList.add("blinking");
  setTimeout(() => node.classList.remove("blinking"), BLINK_MS);
}
