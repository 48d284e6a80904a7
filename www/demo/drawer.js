// The demo's drawer: what can go wrong in a rack, by hand, and in one line what the rack does about it. Loaded when it is opened.

import { drawing, element, onClick, setAttribute, setText } from "../dom.js";
import { later } from "../words.js";

// This is there when its looks are.
const looks = Object.assign(document.createElement("link"), { rel: "stylesheet", href: "demo/drawer.css" });
document.head.append(looks);
await new Promise((loaded) => (looks.onload = looks.onerror = loaded));

/** A picture, a line each; what breaks something; and what mends it in the same place, if it lasts. */
const BUTTONS = [
  ["M9 13.5V8h6v5.5M10.5 8V4.5h3V8M7.5 13.5h9v2a4.5 4.5 0 0 1-9 0zM12 20v2.5", "unplug", "plug"],
  ["M13.5 3 6 13.5h5L9.5 21 18 10h-5.5z", "power"],
  ["M2.5 12h3l2-6 3 13 3-15 3 12 2-4h3", "noise", "quiet"],
  ["M3 4v3.5h7V16h5V7.5h6M3 20h18", "hold", "free"],
  ["M4 9h14l-4-4M20 15H6l4 4", "swap"],
  ["M6 6l12 12M18 6 6 18", "kill", "mend"],
];
/** Back to what it was. */
const MEND = "M5 4v5h5M5.4 9a7.6 7.6 0 1 1-.8 5.5";

/**
 * @param {HTMLElement} drawer gets the contents
 * @param {(harm: string) => Promise<[n: number, ...broken: string[]] | undefined>} act does it; answers with a number of modules, or of a slot, and what is broken then
 * @param {(slot: number) => string} nameAt
 * @returns {() => void} puts the words in again
 */
export function drawerContents(drawer, act, nameAt) {
  const line = element("p", "hint");
  line.ariaLive = "polite";
  let said = () => later.harmless;
  /** @type {string[]} */
  let broken = [];
  /** @type {(() => void)[]} */
  const turns = [() => setText(line, said())];
  const tell = () => turns.forEach((turn) => turn());
  const buttons = BUTTONS.map(([picture, breaks, mends]) => {
    const path = drawing("path", {});
    const label = element("span");
    const button = element("button", "button",
      drawing("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, path), label);
    const next = () => (broken.includes(breaks) ? mends : breaks);
    // What is broken turns into what mends it: another word, another picture, another colour.
    turns.push(() => {
      setText(label, later.harm[next()][0]);
      setAttribute(path, "d", next() === mends ? MEND : picture);
      button.classList.toggle("primary", next() === mends);
    });
    let pending = false;
    onClick(button, async () => {
      // A second click that comes before the button has turned means nothing.
      if (pending) return;
      pending = true;
      const now = next();
      const told = await act(now);
      pending = false;
      if (!told) return;
      const [n, ...rest] = told;
      broken = rest;
      const name = nameAt(n);
      said = () => later.harm[now][1](n, name);
      tell();
    });
    return button;
  });
  tell();
  drawer.append(element("div", "actions", ...buttons), line);
  return tell;
}
