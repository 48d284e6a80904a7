// A module's flash as a picture, page by page: what is equal to an image, what differs, what was written and what failed. Reads it
// out, too.

import { drawing, element, setText } from "../dom.js";
import { later } from "../words.js";
import { FIRMWARE } from "./module.js";
import { chooseFile, hex, saveBytes } from "./parts.js";

/** @typedef {import("./drawer.js").Bench} Bench @typedef {import("./drawer.js").Facts} Facts @typedef {import("./drawer.js").Part} Part */
/** @typedef {{ found: number[], wanted: number[] | null, erased: number }} Compared */
/** @typedef {"blank" | "data" | "equal" | "changed" | "written" | "failing"} PageState */

/** @type {PageState[]} */
const STATES = ["blank", "data", "equal", "changed", "written", "failing"];
/** Pages in a row of the picture: a row is 8 KB. */
const ROW = 64;
/** A page's side and the gap behind it, in the picture's own unit. */
const [SIDE, STEP] = [8, 10];

/** @param {Bench} bench @returns {Part} */
export function memoryPart(bench) {
  const w = () => later.engineer;
  /** @type {Compared | null} */
  let compared = null;
  /** @type {Facts | null} */
  let facts = null;
  /** What is compared with, to look again when an update has ended. @type {any} */
  let image = null;
  /** @type {Set<number>} */
  let sent = new Set();
  /** How many pages it had been sent at the last look. */
  let told = 0;
  /** Whether it is being updated, or has been since it was compared. */
  let moving = false;
  /** Whether it is to be compared again. */
  let due = false;
  /** @type {Record<string, SVGPathElement>} */
  const paths = {};
  const picture = drawing("svg", { role: "img", class: "map" });
  for (const state of STATES) picture.append((paths[state] = /** @type {any} */ (drawing("path", { class: `page-${state}` }))));
  const legend = element("ul", "legend");
  const under = element("p", "hint");
  under.ariaLive = "off";

  const released = async () => {
    const module = bench.module();
    return bench.call("released", module?.available ?? module?.installed, await bench.facts());
  };
  const compare = async (/** @type {any} */ against) => {
    facts = await bench.facts();
    image = against;
    compared = await bench.call("compare", bench.module()?.uid, facts, against);
    draw();
  };

  const node = element("div", "",
    element("div", "actions",
      bench.button(() => w().compareRelease, async () => {
        sent = new Set();
        await compare(await released());
        return image ? summary() : w().noRelease;
      }),
      bench.button(() => w().compareFile, async () => {
        const file = await chooseFile(FIRMWARE);
        if (!file) return w().nothingChosen;
        const { applicationStart } = await bench.facts();
        sent = new Set();
        await compare(await bench.call("readImage", file, applicationStart));
        return summary();
      }),
      bench.button(() => w().readOut, async () => {
        const { flashStart, flashLen, applicationStart } = await bench.facts();
        const serial = bench.module()?.serial ?? "";
        const bytes = await bench.run({ wish: "read", start: applicationStart, len: flashStart + flashLen - applicationStart });
        saveBytes("flash", serial, bytes);
        return w().readOutOf(bytes.length, hex(applicationStart));
      })),
    legend, picture, under);

  /** @param {number} page @returns {PageState} */
  function stateOf(page) {
    const { found, wanted, erased } = /** @type {Compared} */ (compared);
    const is = found[page];
    if (!wanted) return is === erased ? "blank" : "data";
    // While it is being written, what was sent is on its way.
    if (sent.has(page)) return moving || is === wanted[page] ? "written" : "failing";
    if (is !== wanted[page]) return "changed";
    return is === erased ? "blank" : "equal";
  }

  const counts = () => {
    const states = (compared?.found ?? []).map((_, page) => stateOf(page));
    return STATES.map((state) => /** @type {[PageState, number]} */ ([state, states.filter((other) => other === state).length])).filter(([, n]) => n);
  };
  const summary = () => counts().map(([state, n]) => `${w().page[state]}: ${n}`).join(", ");

  function draw() {
    picture.toggleAttribute("hidden", compared === null);
    if (!compared) return legend.replaceChildren();
    /** @type {Record<string, string>} */
    const lines = Object.fromEntries(STATES.map((state) => [state, ""]));
    compared.found.forEach((_, page) => (lines[stateOf(page)] += `M${(page % ROW) * STEP} ${Math.floor(page / ROW) * STEP}h${SIDE}v${SIDE}h-${SIDE}z`));
    for (const state of STATES) paths[state].setAttribute("d", lines[state]);
    picture.setAttribute("viewBox", `0 0 ${ROW * STEP} ${Math.ceil(compared.found.length / ROW) * STEP}`);
    picture.setAttribute("aria-label", summary());
    legend.replaceChildren(...counts().map(([state, n]) => element("li", "", element("span", `key page-${state}`), w().page[state], element("b", "", String(n)))));
  }

  picture.addEventListener("pointermove", (event) => {
    const { left, width, top, height } = picture.getBoundingClientRect();
    const rows = Math.ceil((compared?.found.length ?? 0) / ROW);
    const at = /** @type {PointerEvent} */ (event);
    const page = Math.floor(((at.clientY - top) / height) * rows) * ROW + Math.floor(((at.clientX - left) / width) * ROW);
    if (compared && facts && page in compared.found)
      setText(under, w().pageAt(page, hex(facts.applicationStart + page * facts.pageLen), w().page[stateOf(page)]));
  });
  draw();

  return {
    node,
    look(heard) {
      const phase = bench.module()?.phase ?? "idle";
      const running = ["waiting", "comparing", "writing", "verifying", "starting"].includes(phase);
      // An update may be over between two looks.
      const news = heard !== null && heard.sent.length !== told;
      if (heard) told = heard.sent.length;
      if (running || news) sent = new Set(heard?.sent);
      if (!compared || (!running && !news && !due)) return;
      moving = due = due || running || news;
      draw();
      if (running || !due || !bench.ready()) return;
      // What it holds in the end decides what was written and what failed, of the image that it was given.
      due = false;
      const own = bench.own?.uid === bench.module()?.uid ? bench.own : null;
      bench.work(async () => {
        try {
          await compare(own ? own.image : await released());
        } finally {
          moving = false;
        }
        draw();
        return summary();
      })();
    },
    forget() {
      [compared, facts, image, sent, moving, due] = [null, null, null, new Set(), false, false];
      setText(under, "");
      draw();
    },
    retell: draw,
    report: () => summary(),
  };
}
