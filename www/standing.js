// What the view means for people: one word per module, their tally, and the headline made of it. Pure: no document, no clock.

/** @typedef {import("./contract.js").Module} Module */
/** @typedef {import("./contract.js").View} View */
/** @typedef {import("./contract.js").Snapshot} Snapshot */
/** @typedef {"outdated" | "rescue" | "unknown" | "current" | "updated" | "waiting" | "busy" | "refused" | "failed" | "gone"} Standing */
/** @typedef {"off" | "amber" | "blue" | "green" | "red"} Lamp */

/** @param {Module} module @returns {Standing} */
export function standing(module) {
  if (module.gone) return "gone";
  if (module.problem?.code === "no-image") return "unknown";
  switch (module.phase) {
    case "idle":
      if (module.available === null) return "unknown";
      if (module.state === "loader") return "rescue";
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

/** @type {Record<Standing, Lamp>} */
export const LAMPS = {
  outdated: "amber",
  rescue: "amber",
  unknown: "off",
  current: "green",
  updated: "green",
  waiting: "blue",
  busy: "blue",
  refused: "red",
  failed: "red",
  gone: "off",
};

/** @typedef {Record<Standing, number> & { here: number, ready: number, good: number, care: number }} Tally */

/** @param {View} view @returns {Tally} */
export function tally(view) {
  const counts = Object.fromEntries(Object.keys(LAMPS).map((key) => [key, 0]));
  for (const { module } of view.slots) if (module) counts[standing(module)]++;
  const here = Object.values(counts).reduce((sum, n) => sum + n, 0) - counts.gone;
  return /** @type {Tally} */ ({
    ...counts,
    here,
    ready: counts.outdated + counts.rescue,
    good: counts.current + counts.updated,
    care: counts.failed + counts.refused,
  });
}

/**
 * The headline's key in words, its numbers, and the lamp before it; null on the first view.
 * @param {Snapshot} snapshot
 * @returns {{ key: "connecting" | "detecting" | "nothing" | "ready" | "running" | "done" | "care" | "idle" | "lost", numbers: number[], lamp: Lamp } | null}
 */
export function headline({ view, busy }) {
  const { link, job, detecting } = view;
  const t = tally(view);
  if (busy || link.state === "connecting") return { key: "connecting", numbers: [], lamp: "blue" };
  if (link.state === "lost") return { key: "lost", numbers: [], lamp: "red" };
  if (link.state === "closed") return null;
  if (job?.state === "running") {
    const over = t.updated + t.care;
    return { key: "running", numbers: [t.busy + t.waiting + over, over], lamp: "blue" };
  }
  if (detecting) return { key: "detecting", numbers: [t.here], lamp: "blue" };
  if (t.here === 0) return { key: "nothing", numbers: [], lamp: "off" };
  if (t.good === t.here) return { key: "done", numbers: [t.here], lamp: "green" };
  if (t.failed + t.refused > 0 && t.ready === 0) return { key: "care", numbers: [t.care, t.good], lamp: "red" };
  if (t.ready > 0) return { key: "ready", numbers: [t.ready, t.here], lamp: "amber" };
  return { key: "idle", numbers: [t.here], lamp: "off" };
}
