// The link and the buses in numbers: frames, what was sent again or arrived damaged, and what went wrong at each slot.

import { element } from "../dom.js";
import { drawn } from "../main.js";
import { later } from "../words.js";
import { text } from "./parts.js";

/** @typedef {import("./drawer.js").Bench} Bench @typedef {import("./drawer.js").Part} Part */

/** @param {Bench} _bench @returns {Part} */
export function linkPart(_bench) {
  const w = () => later.engineer;
  const totals = element("dl", "facts");
  const [head, rows] = [element("thead"), element("tbody")];
  const cells = (/** @type {string} */ tag, /** @type {string[]} */ texts) => element("tr", "", ...texts.map((words) => element(tag, "", text(words))));
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
      head.replaceChildren(cells("th", w().columns));
    },
    look(heard) {
      counts = heard?.counts ?? counts;
      if (!counts) return;
      totals.replaceChildren(...Object.entries(w().counted).flatMap(([name, label]) => [element("dt", "", text(label)), element("dd", "", text(String(counts[name])))]));
      rows.replaceChildren(...counts.slots.map((/** @type {any} */ slot, /** @type {number} */ i) =>
        cells("td", [String(i + 1), drawn.view.slots.find((place) => place.slot === i + 1)?.module?.name ?? "–", ...["writes", "reads", "failures", "halts"].map((name) => String(slot[name])), slot.cause ?? ""])));
    },
    report: () => counts,
  };
}
