// What the stand has done so far, kept in this browser: racks, modules, failures, the median time. Knows no visitor.

import { element, onClick } from "../dom.js";
import { definitions } from "../lists.js";
import { later } from "../words.js";

const KEY = "rackflash-kiosk";
/** The last so many racks make the median. */
const TIMES_MAX = 500;

/** @typedef {{ racks: number, modules: number, failures: number, seconds: number[] }} Counts */

export class Counters {
  /** @returns {Counts} */
  #counts() {
    try {
      const { racks, modules, failures, seconds } = JSON.parse(localStorage.getItem(KEY) ?? "");
      return { racks, modules, failures, seconds };
    } catch {
      return { racks: 0, modules: 0, failures: 0, seconds: [] };
    }
  }

  /** One rack more. @param {{ modules: { outcome: string, proof: { seconds: number } | null }[] }} report */
  add({ modules }) {
    const counts = this.#counts();
    const updated = modules.filter(({ outcome }) => outcome === "updated");
    const failed = modules.filter(({ outcome }) => outcome === "failed");
    counts.racks++;
    counts.modules += updated.length;
    counts.failures += failed.length;
    if (updated.length) counts.seconds = [...counts.seconds, Math.max(...updated.map(({ proof }) => proof?.seconds ?? 0))].slice(-TIMES_MAX);
    try {
      localStorage.setItem(KEY, JSON.stringify(counts));
    } catch {
      // A stand goes on without its numbers.
    }
  }

  /** For the attendant. */
  section() {
    const list = element("dl", "counts");
    const reset = element("button", "button small", later.kiosk.reset);
    const draw = () => {
      const { racks, modules, failures, seconds } = this.#counts();
      const sorted = [...seconds].sort((a, b) => a - b);
      const median = sorted.length ? sorted[sorted.length >> 1] : null;
      const rows = later.kiosk.counts({ racks, modules, failures, median });
      list.replaceChildren(...definitions(rows));
    };
    onClick(reset, () => {
      localStorage.removeItem(KEY);
      draw();
    });
    draw();
    return element("section", "stand", element("h3", "", later.kiosk.attendant), list, reset);
  }
}
