// What needs a person, in full sentences below the rack. Loaded with the first problem of a module; decides nothing.

import { byId, element, setAttribute, setText, show } from "./dom.js";
import { fitList } from "./page.js";
import { standing } from "./standing.js";
import { explain, later, learnLater, words } from "./words.js";

/** @typedef {import("./contract.js").Problem} Problem */

/** @param {Pick<import("./contract.js").Snapshot, "view" | "releaseProblem">} snapshot */
export function drawCare({ view, releaseProblem }) {
  /** @type {[who: string, Problem][]} */
  const entries = [];
  for (const { slot, module } of view.slots)
    // Of a bus the notice tells, once for all.
    if (module?.problem && standing(module) !== "unknown" && module.problem.code !== view.link.problem?.code) entries.push([`${module.name}, ${words.slot(slot)}`, module.problem]);
  if (releaseProblem) entries.push(["", releaseProblem]);
  // Of what few modules ever have.
  if (!later && entries.some(([, { code }]) => code.startsWith("settings-"))) learnLater().then(() => drawCare({ view, releaseProblem }), () => {});
  const shown = view.link.state === "connected" && entries.length > 0;
  show(byId("care"), shown);
  if (!shown) return;
  setText(byId("care-title"), words.careTitle(entries.length));
  const items = fitList(byId("care-list"), entries.length, () => element("li", "", element("p", "who"), element("p", "what"), element("p", "how")));
  entries.forEach(([who, problem], i) => {
    setAttribute(items[i], "data-code", problem.code);
    [who, ...explain(problem)].forEach((text, line) => setText(items[i].children[line], text));
  });
}
