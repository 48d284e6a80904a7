// The picture of the rack: keeps one place per slot or module, in rack order, and never rebuilds what is still there.

import { blankPanel, ghostPanel, modulePanel } from "./panel.js";

/** @typedef {import("./contract.js").View} View */
/** @typedef {import("./panel.js").Place} Place */

const GHOSTS = 8;
/** A blank plate is one unit wide, a panel three (rack.css says the same). */
const PANEL_UNITS = 3;
/** Narrower than this a panel cannot hold its words; in rem, so that larger text gets wider panels. */
const UNIT_MIN_REM = 2.4;
/** The wood left and right. */
const CHEEKS_REM = 2.5;

export class Rack {
  /** @type {HTMLElement} */ #list;
  /** How wide the case may be; it is no wider than its panels want. @type {Element} */ #room;
  /** @type {import("./panel.js").Actions} */ #actions;
  /** @type {Map<string, Place>} */ #places = new Map();
  #ghosts = Array.from({ length: GHOSTS }, (_, i) => ghostPanel(i));

  /** @param {HTMLElement} list @param {Element} room @param {import("./panel.js").Actions} actions */
  constructor(list, room, actions) {
    this.#list = list;
    this.#room = room;
    this.#actions = actions;
    new ResizeObserver(() => this.#fit()).observe(room);
  }

  /** @param {View} view */
  draw({ slots, link, detecting }) {
    const before = this.#places;
    this.#places = new Map();
    const nodes = slots.map((slot, i) => {
      const { module } = slot;
      const key = module ? `module ${module.uid}` : `slot ${slot.slot ?? i}`;
      const place = before.get(key) ?? (module ? modulePanel(module.uid, module.type, this.#actions) : blankPanel());
      this.#places.set(key, place);
      place.update(slot, link.state === "connected" ? "live" : "away");
      return place.node;
    });
    this.#arrange(nodes.length > 0 ? nodes : this.#ghosts);
    this.#list.classList.toggle("scanning", detecting || link.state === "connecting");
  }

  /** Moves only what stands wrong, so that focus and running animations survive. @param {HTMLElement[]} nodes */
  #arrange(nodes) {
    const { children } = this.#list;
    let changed = false;
    for (const old of [...children]) if (!nodes.includes(/** @type {HTMLElement} */ (old))) old.remove();
    nodes.forEach((node, i) => {
      if (children[i] === node) return;
      node.style.setProperty("--i", String(i));
      this.#list.insertBefore(node, children[i] ?? null);
      changed = true;
    });
    if (changed) this.#fit();
  }

  /** As few rows as the width allows, and those of equal length: not eight panels and then a lonely one. */
  #fit() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const most = Math.max(PANEL_UNITS, Math.floor((this.#room.clientWidth / rem - CHEEKS_REM) / UNIT_MIN_REM));
    const widths = [...this.#list.children].map((node) => (node.classList.contains("blank") ? 1 : PANEL_UNITS));
    const rows = rowsOf(widths, most);
    let units = Math.ceil(widths.reduce((sum, width) => sum + width, 0) / rows);
    while (rowsOf(widths, units) > rows) units++;
    /** @type {HTMLElement} */ (this.#list.parentElement).style.setProperty("--units", String(units));
  }
}

/** @param {number[]} widths @param {number} room how much fits in a row */
function rowsOf(widths, room) {
  let rows = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > room) {
      rows++;
      used = 0;
    }
    used += width;
  }
  return rows;
}
