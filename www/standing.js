// What the view means for people: one word per module, their tally, and which headline fits. Pure: no document, no clock.

/** @typedef {import("./contract.js").Module} Module */
/** @typedef {import("./contract.js").View} View */

/** The lamp for each standing; the order is the legend's. */
export const LAMPS = /** @type {const} */ ({
  outdated: "amber",
  rescue: "amber",
  stranded: "amber",
  waiting: "blue",
  busy: "blue",
  current: "green",
  updated: "green",
  refused: "red",
  failed: "red",
  unknown: "off",
  gone: "off",
});

/** The lamp before each headline. */
export const HEADLINE_LAMPS = /** @type {const} */ ({
  connecting: "blue",
  unanswered: "amber",
  finishing: "blue",
  detecting: "blue",
  running: "blue",
  onBase: "blue",
  away: "amber",
  ready: "amber",
  done: "green",
  current: "green",
  silent: "amber",
  care: "red",
  lost: "red",
  nothing: "off",
  idle: "off",
});

/** @typedef {keyof typeof LAMPS} Standing */
/** @typedef {Record<Standing, number> & { here: number, silent: number, ready: number, good: number, care: number }} Tally */

/** @param {Module} module @returns {Standing} */
export function standing(module) {
  if (module.gone) return "gone";
  const inLoader = module.state === "loader";
  const none = module.phase === "idle" ? module.available === null : ["no-image", "older"].includes(module.problem?.code ?? "");
  if (none) return inLoader ? "stranded" : "unknown";
  switch (module.phase) {
    case "idle":
      if (inLoader) return "rescue";
      return module.installed === module.available ? "current" : "outdated";
    case "comparing":
    case "writing":
    case "verifying":
    case "starting":
      return "busy";
    default:
      return module.phase;
  }
}

/**
 * While the base is away, or still asks round, nobody can say who was unplugged: what was known last stands.
 * @param {View} view @returns {View}
 */
export function steady(view) {
  if (view.link.state === "connected" && !view.detecting) return view;
  const slots = view.slots.map((slot) => (slot.module ? { ...slot, module: { ...slot.module, gone: false } } : slot));
  return { ...view, slots };
}

/** @param {View} view @returns {Tally} */
export function tally(view) {
  const t = /** @type {Tally} */ ({ here: 0, silent: 0, care: 0 });
  for (const key of /** @type {Standing[]} */ (Object.keys(LAMPS))) t[key] = 0;
  for (const { module } of view.slots) {
    if (!module) continue;
    t[standing(module)]++;
    if (!module.gone) t.here++;
    // Taken out in the middle of its update: its empty place must not read as "all is well".
    else if (module.phase === "failed") t.care++;
    else t.silent++;
  }
  t.ready = t.outdated + t.rescue;
  t.good = t.current + t.updated;
  t.care += t.failed + t.refused;
  return t;
}

/**
 * Which headline fits; null on the first view.
 * @param {View} view @param {Tally} t
 * @returns {keyof typeof HEADLINE_LAMPS | null}
 */
export function headline({ link, job, detecting }, t) {
  if (link.state === "connecting" && link.problem) return "unanswered";
  if (link.state !== "connected") return link.state === "closed" ? null : link.state;
  if (job?.state === "running") return t.busy + t.waiting === 0 ? "away" : job.onBase && link.kind !== "demo" ? "onBase" : "running";
  if (detecting) return "detecting";
  if (t.here === 0) return "nothing";
  if (t.good === t.here && t.care === 0) return t.silent > 0 ? "silent" : job ? "done" : "current";
  if (t.ready > 0) return "ready";
  return t.care > 0 ? "care" : "idle";
}
