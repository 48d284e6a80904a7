// Pictures beside a problem, where one says more than its words. Loaded with the first problem; says nothing by itself.

import { drawing } from "./dom.js";

const PLUG = "M4 14h16v16H4zM8 14v-5h8v5M20 22h12";
const SOCKET = "M124 12h12v20h-12";
/** Of the picture itself. */
const LOOKS = {
  class: "picture", viewBox: "0 0 140 44", width: 210, height: 66, "aria-hidden": "true",
  fill: "none", "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round",
};
/** Lines in a box of 136 by 44; those of the second part are red, and of the third green. @type {Record<string, string[]>} */
const PICTURES = {
  // A cable with two wires, crossed out; and one with four.
  "base-not-listed": [
    "M4 12h12v14H4zM6 12V6h8v6M48 12h12v14H48zM50 12V6h8v6M16 17h32M16 21h32M76 12h12v14H76zM78 12V6h8v6M120 12h12v14h-12zM122 12V6h8v6M88 14h32M88 17.3h32M88 20.7h32M88 24h32",
    "M27 32l10 10M37 32l-10 10",
    "M98 37l4.5 5 8-10",
  ],
  "port-lost": [`${PLUG}M104 12h32v20h-32zM110 18h8v8h-8`, "", "M44 22h44m-8-7 8 7-8 7"],
  "rack-off": [`M4 10h84v26H4zM18 10v26M32 10v26M46 10v26M60 10v26M74 10v26${SOCKET}`, "", "M108 14v9M102.5 17.5a8.5 8.5 0 1 0 11 0"],
};

/** Puts the picture for a code into a notice, or takes away what is there. @param {HTMLElement} notice @param {string} code */
export function picture(notice, code) {
  const before = notice.querySelector(".picture");
  if (/** @type {SVGElement | null} */ (before)?.dataset.code === code) return;
  before?.remove();
  const parts = PICTURES[code];
  if (!parts) return;
  const paths = parts.map((d, i) => drawing("path", { d, stroke: ["currentColor", "var(--red)", "#2db55d"][i] }));
  notice.insertBefore(drawing("svg", { ...LOOKS, "data-code": code }, ...paths), notice.lastElementChild);
}
