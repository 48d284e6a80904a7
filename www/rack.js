// The picture of the rack: keeps one place per slot or module, in rack order, and never rebuilds what is still there.

import { setAttribute } from "./dom.js";
import { blankPanel, ghostPanel, modulePanel } from "./panel.js";

/** @typedef {import("./contract.js").Slot} Slot */
/** @typedef {import("./contract.js").View} View */
/** @typedef {import("./panel.js").Place} Place */

const GHOSTS = 8;
/** Narrower than this a panel cannot hold its words, in rem so that larger text gets wider panels. */
const PANEL_MIN_REM = 7.3;

export class Rack {
  /** @type {HTMLElement} */ #list;
  /** @type {import("./panel.js").Actions} */ #actions;
  /** @type {Map<string, Place>} */ #places = new Map();
  #ghosts = Array.from({ length: GHOSTS }, (_, i) => ghostPanel(i));

  /** @param {HTMLElement} list @param {import("./panel.js").Actions} actions */
  constructor(list, actions) {
    this.#list = list;
    this.#actions = actions;
    new ResizeObserver(() => this.#fit()).observe(/** @type {Element} */ (list.parentElement));
  }

  /** @param {View} view */
  draw(view) {
    const shown = view.slots.length > 0 && view.link.state !== "closed";
    /** @type {HTMLElement[]} */
    const nodes = shown ? this.#patch(view.slots) : this.#ghosts;
    if (!shown) this.#places.clear();
    this.#arrange(nodes);
    setAttribute(this.#list, "data-ghosts", shown ? null : "");
    setAttribute(this.#list, "data-scanning", view.detecting || view.link.state === "connecting" ? "" : null);
    this.#fit();
  }

  /** @param {Slot[]} slots */
  #patch(slots) {
    const before = this.#places;
    this.#places = new Map();
    return slots.map((slot, i) => {
      const { module } = slot;
      const key = module ? `module ${module.uid}` : `slot ${slot.slot ?? i}`;
      const place = before.get(key) ?? (module ? modulePanel(module.uid, module.type, this.#actions) : blankPanel());
      this.#places.set(key, place);
      place.update(slot);
      return place.node;
    });
  }

  /** Moves only what stands wrong, so that focus and running animations survive. @param {HTMLElement[]} nodes */
  #arrange(nodes) {
    const wanted = new Set(nodes);
    for (const old of [...this.#list.children]) if (!wanted.has(/** @type {HTMLElement} */ (old))) old.remove();
    nodes.forEach((node, i) => {
      if (this.#list.children[i] !== node) this.#list.insertBefore(node, this.#list.children[i] ?? null);
    });
  }

  /** Rows of equal length: nine slots where eight fit become five and four, not eight and one. */
  #fit() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const n = this.#list.children.length;
    const fitting = Math.max(1, Math.floor(this.#list.clientWidth / (PANEL_MIN_REM * rem)));
    const columns = Math.ceil(n / Math.ceil(n / fitting));
    if (this.#list.style.getPropertyValue("--columns") !== String(columns)) this.#list.style.setProperty("--columns", String(columns));
  }
}
