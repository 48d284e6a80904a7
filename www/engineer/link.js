// The link and the buses in numbers: frames, what was sent again or arrived damaged, and what went wrong at each slot.

import { element } from "../dom.js";
import { definitions, row } from "../lists.js";
import { drawn } from "../main.js";
import { later } from "../words.js";

/** @typedef {import("./drawer.js").Bench} Bench @typedef {import("./drawer.js").Part} Part */

/** @param {Bench} _bench @returns {Part} */
export function linkPart(_bench) {
  const w = () => later.engineer;
  const totals = element("dl", "facts");
  const [head, rows] = [element("thead"), element("tbody")];
  // It may be wider than its place: then it is moved by keyboard, too.
  const wide = element("div", "wide", element("table", "", head, rows));
  wide.tabIndex = 0;
  wide.role = "region";
  /** @type {any} */
  let counts = null;
  return {
    node: element("div", "", totals, wide),
    retell() {
      wide.ariaLabel = w().tabs.link;
      head.replaceChildren(row("th", w().columns));
    },
    look(heard) {
      counts = heard?.counts ?? counts;
      if (!counts) return;
      totals.replaceChildren(...definitions(Object.entries(w().counted).map(([name, label]) => [label, String(counts[name])])));
      rows.replaceChildren(...counts.slots.map((/** @type {any} */ slot, /** @type {number} */ i) =>
        row("td", [String(i + 1), drawn.view.slots.find((place) => place.slot === i + 1)?.module?.name ?? "–", ...["writes", "reads", "failures", "halts"].map((name) => String(slot[name])), slot.cause ?? ""])));
    },
    report: () => counts,
  };
}
