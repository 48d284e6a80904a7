// The page at a stand, opened with ?kiosk: begins by itself when a base card is plugged in, shows the demo when none is, and
// is ready for the next visitor by itself. Offers no way out and has no dead end: whatever it waits for has its time.

import { byId, element, setText, show } from "../dom.js";
import { baseIsThere } from "../ports.js";
import { headline, tally } from "../standing.js";
import { later } from "../words.js";
import { askPin, keepPinned } from "./attendant.js";
import { Counters } from "./counters.js";

/** @typedef {import("../contract.js").Snapshot} Snapshot */
/** @typedef {import("../link.js").Link} Link */
/** @typedef {"attract" | "visitor" | "lost" | "trouble" | "closed"} Scene */

/** How long each scene may last before something is done about it, in milliseconds. */
const PATIENCE = {
  /** Long enough to read the first view. */
  closed: 4000,
  /** The demo found its modules, or is done: long enough to look at it. */
  attract: 7000,
  /** The cable was pulled in the middle: it may have been bumped. Behind that the visitor has left. */
  lost: 30_000,
  /** Something is wrong, and told: long enough to read it, then it is tried again. */
  trouble: 20_000,
  /** The attendant has not touched anything: they have left. */
  attended: 600_000,
};
/** A cable that is pulled when all is done ends the visit. */
const GOODBYE_MS = 3000;
/** How often it is looked whether something is due. */
const LOOK_MS = 500;

/** @param {Link} link @param {URLSearchParams} wishes of the address: `pin` opens the engineer's drawer to the attendant */
export function startKiosk(link, wishes) {
  document.documentElement.classList.add("kiosk");
  document.head.append(Object.assign(element("link"), { rel: "stylesheet", href: new URL("./kiosk.css", import.meta.url).href }));
  const banner = element("p", "banner");
  byId("main").before(banner);
  const counters = new Counters();
  const pin = wishes.get("pin");
  /** While the attendant looks after it, nothing happens by itself. */
  let attended = false;
  let touched = performance.now();
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, () => (touched = performance.now()));
  const openDrawer = async () => {
    const { toggle } = await import("../engineer/drawer.js");
    attended = true;
    toggle(link, () => [counters.section()], () => (attended = false));
  };
  if (pin) askPin(byId("mark-button"), pin, openDrawer);
  keepPinned();

  /** @type {Snapshot | undefined} */
  let snapshot;
  /** @type {Scene} */
  let scene = "closed";
  let since = performance.now();
  /** Whether this visitor's rack was updated. */ let visited = false;
  let leaving = false;
  let plugged = false;
  let tried = -Infinity;

  /** @param {Scene} next */
  const enter = (next) => {
    if (next !== scene) [scene, since] = [next, performance.now()];
  };

  setInterval(async () => {
    plugged = await baseIsThere();
    if (snapshot) act(snapshot);
  }, LOOK_MS);

  /** The visit is over; each counts once. */
  async function leave() {
    if (leaving) return;
    leaving = true;
    const report = visited && (await link.ask("report"));
    if (report) counters.add(report);
    visited = false;
    await link.disconnect();
    leaving = false;
  }

  /** Does what is due, if anything is. @param {Snapshot} now */
  function act({ view }) {
    if (attended) return performance.now() - touched > PATIENCE.attended && openDrawer();
    const { state, kind, problem } = view.link;
    const waited = performance.now() - since;
    const running = view.job?.state === "running";
    if (kind === "demo") {
      enter("attract");
      if (plugged) return link.disconnect();
      if (running || view.detecting || waited < PATIENCE.attract) return;
      since = performance.now();
      return headline(view, tally(view)) === "ready" ? link.ask("update") : link.disconnect();
    }
    if (state === "closed") {
      enter("closed");
      if (!plugged) return waited > PATIENCE.closed && link.demo();
      if (performance.now() - tried < PATIENCE.closed) return;
      tried = performance.now();
      return link.connect("granted-only");
    }
    if (state === "lost") {
      enter("lost");
      return waited > (running ? PATIENCE.lost : GOODBYE_MS) && leave();
    }
    if (!running && state !== "finishing" && (state !== "connected" || problem)) {
      enter("trouble");
      return waited > PATIENCE.trouble && leave();
    }
    enter("visitor");
    if (!running && !view.detecting && tally(view).ready > 0) link.ask("update");
  }

  return (/** @type {Snapshot} */ now) => {
    snapshot = now;
    const { view } = now;
    const serial = view.link.kind === "serial";
    setText(banner, serial ? "" : later.kiosk.attract);
    show(banner, !serial);
    visited ||= serial && view.job !== null;
  };
}
