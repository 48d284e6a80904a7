// One module: what it says of itself, its log, and what can be done with it.

import { element, onClick, setText } from "../dom.js";
import { definitions } from "../lists.js";
import { later, words } from "../words.js";
import { chooseFile, hex } from "./parts.js";

/** What a firmware file may be called. What it is, its first bytes say. */
export const FIRMWARE = ".hex,.ihex,.bin,.elf,.axf,.out,.srec,.s19,.s28,.s37,.mot";
/** How long a button that destroys something asks whether it is meant. */
const SURE_MS = 5000;

/** What the protocol calls the reasons of some of the log's events (PROTOCOL.md, "Requests" and "Identity"). @type {Record<number, string[]>} */
const REASONS = {
  1: ["Runs", "Requested", "Blank", "Interrupted", "Damaged", "NeverConfirmed"],
  3: ["Done", "Unsupported", "WrongType", "WrongHardware", "OutOfArea", "NotOpen", "Incomplete", "DigestMismatch", "FlashWorn", "NoApplication", "BadHeader"],
};
const named = (/** @type {number} */ code, /** @type {number} */ detail) => [detail, REASONS[code]?.[detail]].filter((part) => part !== undefined).join(" ");

/** @typedef {import("./drawer.js").Bench} Bench @typedef {import("./drawer.js").Facts} Facts @typedef {import("./drawer.js").Part} Part */

/** @param {Bench} bench @returns {Part} */
export function modulePart(bench) {
  const w = () => later.engineer;
  const facts = element("dl", "facts");
  const log = element("ol", "log");
  let shown = "";
  /** @type {Facts | null} */
  let known = null;
  /** @type {Uint8Array} */
  let events = new Uint8Array();

  let sure = false;
  const erase = bench.label(element("button", "button small work danger"), () => (sure ? w().reallyErase : w().erase));
  const doErase = bench.work(async () => {
    await bench.run({ wish: "erase" });
    await tell();
    return w().erased;
  });
  const ask = (/** @type {boolean} */ again) => setText(erase, (sure = again) ? w().reallyErase : w().erase);
  onClick(erase, () => {
    if (!bench.ready()) return;
    if (sure) doErase();
    else setTimeout(ask, SURE_MS, false);
    ask(!sure);
  });

  const node = element("div", "",
    element("div", "actions",
      bench.button(() => w().ask, async () => {
        await tell();
      }),
      bench.button(() => words.page.blink, async () => {
        await bench.link.call("blink", bench.module()?.uid);
        return w().blinks;
      }),
      bench.button(() => w().readLog, async () => {
        events = await bench.run({ wish: "log" });
        drawLog();
        return events.length ? w().done : w().logEmpty;
      }),
      bench.button(() => w().stop, async () => {
        await bench.run({ wish: "stop" });
        await tell();
        return w().stopped;
      }),
      bench.button(() => w().start, async () => {
        await bench.run({ wish: "start" });
        await tell();
        return w().started;
      }),
      bench.button(() => w().updateFrom, async () => {
        const file = await chooseFile(FIRMWARE);
        if (!file) return w().nothingChosen;
        const { uid, applicationStart } = await bench.facts();
        const image = await bench.call("readImage", file, applicationStart);
        await bench.call("update", uid, image);
        bench.own = { uid, image };
        return w().updateBegun;
      }),
      erase),
    facts, log);

  /** What it says of itself now. */
  async function tell() {
    draw((known = await bench.facts()));
  }

  function drawLog() {
    const lines = [];
    for (let i = 0; i + 1 < events.length; i += 2) lines.push(element("li", "", w().event(events[i], named(events[i], events[i + 1]))));
    log.replaceChildren(...lines);
  }

  /** @param {Facts} f */
  function draw(f) {
    const size = (/** @type {number} */ n) => w().bytes(n);
    /** @type {[string, string][]} */
    const rows = [
      [w().fact.state, `${f.state}${f.why === "Runs" ? "" : `, ${f.why}`}`],
      [w().fact.application, f.version ? `${f.version}, ${size(f.len ?? 0)}, ${f.digest}, ${f.trial}` : "–"],
      [w().fact.loader, `${f.loader}, ${f.protocol >> 8}.${f.protocol & 255}`],
      [w().fact.type, `${hex(f.vendor, 4)}:${hex(f.type, 4)}, ${f.hardware}`],
      [w().fact.uid, f.uid],
      [w().fact.flash, `${hex(f.flashStart)}, ${size(f.flashLen)}, ${f.pageLen} × ${f.flashLen / f.pageLen}, ${f.banks}`],
      [w().fact.start, hex(f.applicationStart)],
      [w().fact.ram, size(f.ramLen)],
      [w().fact.eeprom, size(f.eepromLen)],
      [w().fact.ring, String(f.ring)],
      [w().fact.home, f.home ? hex(f.home, 2) : "–"],
      [w().fact.starts, String(f.starts)],
    ];
    facts.replaceChildren(...definitions(rows));
  }

  return {
    node,
    look(heard) {
      const uid = bench.module()?.uid ?? "";
      if (uid === shown || !heard?.lends || !bench.ready()) return;
      shown = uid;
      bench.work(() => tell().catch((problem) => {
        // Somebody else asks it something: it is asked again.
        if (problem.code === "module-busy") shown = "";
      }), "quiet")();
    },
    forget() {
      shown = "";
      ask(false);
      known = null;
      events = new Uint8Array();
      facts.replaceChildren();
      drawLog();
    },
    retell() {
      if (known) draw(known);
      drawLog();
    },
    report: () => [...log.children].map((line) => line.textContent ?? ""),
  };
}
