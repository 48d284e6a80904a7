// Draws the front of a module: knobs, jacks, faders, pads. Decoration that differs by module type, nothing a person must read.

import { drawing } from "./dom.js";

// One letter, then x, y and (where it has one) a size, in a box of 100 by 138.
// K knob · J jack · F fader · P pad · S switch · W wave window
const FRONTS = [
  "K50 29 21|K22 73 10|K78 73 10|S50 72|J20 103|J50 103|J80 103|J20 128|J50 128|J80 128",
  "K50 35 27|K21 85 9|K50 92 9|K79 85 9|J21 125|J50 125|J79 125",
  "F17 44 70|F39 44 70|F61 44 70|F83 44 70|J17 103|J39 103|J61 103|J83 103|J28 128|J72 128",
  "P20 14|P40 14|P60 14|P80 14|P20 34|P40 34|P60 34|P80 34|K28 70 14|K72 70 14|J20 104|J50 104|J80 104|J35 128|J65 128",
  "K26 22 14|K74 22 14|K26 66 14|K74 66 14|S50 44|J21 103|J50 103|J79 103|J21 128|J50 128|J79 128",
  "W50 21|K25 67 14|K75 67 14|K50 88 7|J20 104|J80 104|J20 128|J50 128|J80 128",
];

/** @param {number} type @param {string} uid each knob stands a little differently on each module */
export function front(type, uid) {
  const svg = drawing("svg", { class: "art", viewBox: "0 0 100 138", "aria-hidden": "true", focusable: "false" });
  FRONTS[spread(type, FRONTS.length)].split("|").forEach((part, i) => {
    const [x, y, size = 0] = part.slice(1).split(" ").map(Number);
    svg.append(draw[part[0]](x, y, size, hash(`${uid}/${i}`)));
  });
  return svg;
}

/** Small type numbers keep apart, large ones fall anywhere. @param {number} type @param {number} ways */
export const spread = (type, ways) => (type + (type >> 8)) % ways;

/** @type {Record<string, (x: number, y: number, size: number, chance: number) => Node>} */
const draw = {
  K(x, y, r, chance) {
    const turn = (chance % 240) - 120;
    return at(x, y,
      drawing("path", { class: "ticks", d: arc(r + 4.5), pathLength: 20, "stroke-dasharray": "0.5 1.5", "stroke-dashoffset": 0.25 }),
      circle("skirt", r + 1.2),
      circle("cap", r - 1.4),
      circle("shine", r * 0.62),
      drawing("path", { class: "pointer", d: `M0 ${-r * 0.35}V${1.6 - r}`, transform: `rotate(${turn})` }));
  },
  J: (x, y) => at(x, y, circle("nut", 7.2), circle("hole", 3.7)),
  F(x, y, length, chance) {
    const where = ((chance % 100) / 100 - 0.5) * (length - 12);
    return at(x, y,
      drawing("path", { class: "ticks", d: `M-6 ${-length / 2}V${length / 2}`, "stroke-dasharray": `0.8 ${(length - 0.8) / 8 - 0.8}` }),
      drawing("path", { class: "groove", d: `M0 ${-length / 2}V${length / 2}` }),
      drawing("rect", { class: "cap", x: -5, y: where - 4, width: 10, height: 8, rx: 1.4 }),
      drawing("path", { class: "pointer", d: `M-4 ${where}h8` }));
  },
  P: (x, y, _, chance) => at(x, y, drawing("rect", { class: chance % 3 ? "pad" : "pad lit", x: -7.5, y: -7, width: 15, height: 14, rx: 2.6 })),
  S: (x, y, _, chance) => at(x, y, circle("nut", 5), drawing("path", { class: "lever", d: chance % 2 ? "M0 0V-9" : "M0 0V9" })),
  W: (x, y) => at(x, y,
    drawing("rect", { class: "glass", x: -42, y: -19, width: 84, height: 38, rx: 3 }),
    drawing("path", { class: "trace", d: "M-32 0q5-22 10.7 0t10.7 0t10.7 0t10.7 0t10.7 0t10.7 0" })),
};

/** @param {number} x @param {number} y @param {...Node} parts */
const at = (x, y, ...parts) => drawing("g", { transform: `translate(${x} ${y})` }, ...parts);

/** @param {string} name @param {number} r */
const circle = (name, r) => drawing("circle", { class: name, r });

/** Three quarters of a circle, open below. @param {number} r */
function arc(r) {
  const c = (r * Math.SQRT1_2).toFixed(2);
  return `M-${c} ${c}A${r} ${r} 0 1 1 ${c} ${c}`;
}

/** FNV-1a. @param {string} text */
function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h ^ (h >>> 13)) >>> 0;
}
