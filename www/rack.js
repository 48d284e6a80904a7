// The picture of the rack: keeps one place per slot or module, in rack order, and never rebuilds what is still there.

import { blankPanel, ghostPanel, modulePanel } from "./panel.js";

/** @typedef {import("./contract.js").View} View */
/** @typedef {import("./panel.js").Place} Place */

const GHOSTS = 8;
/** Narrower than this a panel cannot hold its words; in rem, so that larger text gets wider panels. */
const PANEL_MIN_REM = 7.2;
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
    const before = children.length;
    for (const old of [...children]) if (!nodes.includes(/** @type {HTMLElement} */ (old))) old.remove();
    nodes.forEach((node, i) => {
      node.style.setProperty("--i", String(i));
      if (children[i] !== node) this.#list.insertBefore(node, children[i] ?? null);
    });
    if (children.length !== before) this.#fit();
  }

  /** Rows of equal length: nine slots where eight fit become five and four, not eight and one. */
  #fit() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const n = this.#list.children.length;
    const fitting = Math.max(1, Math.floor((this.#room.clientWidth / rem - CHEEKS_REM) / PANEL_MIN_REM));
    const columns = Math.ceil(n / Math.ceil(n / fitting));
    /** @type {HTMLElement} */ (this.#list.parentElement).style.setProperty("--columns", String(columns));
  }
}
