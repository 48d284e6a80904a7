// The demo's drawer: what can go wrong in a rack, by hand, and in one line what the rack does about it. Loaded when it is opened.

import { drawing, element, onClick, setText } from "./dom.js";
import { words } from "./words.js";

/** @typedef {keyof typeof words.harm} Harm */

/** A button each, and what it turns into: what is broken is mended in the same place. The line is its picture. */
const BUTTONS = /** @type {[line: string, ...Harm[]][]} */ ([
  ["M9 13.5V8h6v5.5M10.5 8V4.5h3V8M7.5 13.5h9v2a4.5 4.5 0 0 1-9 0zM12 20v2.5", "unplug", "plug"],
  ["M13.5 3 6 13.5h5L9.5 21 18 10h-5.5z", "power"],
  ["M2.5 12h3l2-6 3 13 3-15 3 12 2-4h3", "noise", "quiet"],
  ["M4 9h14l-4-4M20 15H6l4 4", "swap"],
  ["M6 6l12 12M18 6 6 18", "kill", "mend"],
]);

/**
 * @param {(harm: Harm) => Promise<number>} act does it; answers with a number of modules, or of a slot
 * @param {(slot: number) => string} nameAt
 * @returns {Node[]}
 */
export function drawerContents(act, nameAt) {
  const line = element("p", "hint", document.createTextNode(words.page.harmless));
  line.ariaLive = "polite";
  const buttons = BUTTONS.map(([path, ...ways]) => {
    const label = element("span");
    const turn = () => {
      setText(label, words.harm[ways[0]][0]);
      button.classList.toggle("primary", ways.length > 1 && broken);
    };
    const button = element("button", "button",
      drawing("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, drawing("path", { d: path })), label);
    let broken = false;
    onClick(button, async () => {
      const now = ways[0];
      const n = await act(now);
      ways.push(/** @type {Harm} */ (ways.shift()));
      broken = !broken;
      turn();
      setText(line, words.harm[now][1](n, nameAt(n)));
    });
    turn();
    return button;
  });
  return [element("div", "actions", ...buttons), line];
}
