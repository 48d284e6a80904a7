// The engineer's drawer, below the rack: one module at a time, what its memories hold, what is said on the link. Loaded when it is
// opened, and with it another engine: the customer's cannot do all this. Decides nothing about updates.

import { byId, element, onClick, setOff, setText, show } from "../dom.js";
import { drawn } from "../main.js";
import { save, stamp } from "../save.js";
import { explain, later, learnLater, words } from "../words.js";
import { eepromPart } from "./eeprom.js";
import { linkPart } from "./link.js";
import { memoryPart } from "./memory.js";
import { modulePart } from "./module.js";
import { transcriptPart } from "./transcript.js";

/** @typedef {import("../link.js").Link} Link */
/** @typedef {import("../contract.js").Module} Module */
/** @typedef {{ protocol: number, vendor: number, type: number, hardware: number, starts: number, ring: number, home: number, flashStart: number, flashLen: number, applicationStart: number, ramLen: number, pageLen: number, eepromLen: number, erased: number, banks: number, state: string, why: string, trial: string, loader: string, uid: string, version?: string, len?: number, digest?: string }} Facts */
/** @typedef {{ lends: boolean, said: string, counts: any, sent: number[] } | null} Heard */
/**
 * What the parts share.
 * @typedef {{
 *   link: Link,
 *   module(): Module | undefined,
 *   slot(): number,
 *   facts(): Promise<Facts>,
 *   own: { uid: string, image: any } | null,
 *   run(wish: import("./errand.js").Wished): Promise<Uint8Array>,
 *   call(name: string, ...args: any[]): Promise<any>,
 *   ready(): boolean,
 *   work(what: () => Promise<string | void>, quiet?: "quiet"): () => Promise<void>,
 *   button(label: () => string, what: () => Promise<string | void>): HTMLElement,
 *   label<T extends Node>(node: T, words: () => string): T,
 * }} Bench
 * @typedef {{ node: HTMLElement, look?(heard: Heard): void, forget?(): void, isUnsaved?(): boolean, retell?(): void, report?(): unknown }} Part one tab: its looks, what it does when something was heard, when another module is looked at, whether it holds what somebody typed, when another language is spoken, and what it adds to a report
 */

/** From look to look. */
const LOOK_MS = 250;
/** How long another engine may take to find the rack again. */
const CHANGED_MS = 20_000;

/** @type {(() => void) | undefined} closes the one that is open */
let close;

const looks = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("./engineer.css", import.meta.url).href });
document.head.append(looks);
await Promise.all([learnLater(), new Promise((loaded) => (looks.onload = looks.onerror = loaded))]);

/** Opens it, or closes it. @param {Link} link @param {() => HTMLElement[]} [more] what else stands in it @param {() => void} [closed] */
export function toggle(link, more = () => [], closed = () => {}) {
  if (close) return close();
  let chosen = "";
  /** Of the engine: whether it can do all this. */
  let lends = false;
  /** The transcript is read from its beginning. */
  let fresh = true;
  let [working, wasRunning, waiting] = [false, false, false];
  /** @type {{ uid: string, facts: Promise<Facts> } | null} */
  let known = null;
  let language = "";
  let open = "module";
  /** What puts each word in, again when another language is spoken. @type {(() => void)[]} */
  const labels = [];

  /** What was proven before this drawer wanted another engine. @type {any[]} */
  const before = [];
  /** A module whose errand lost the link, and which waits to be started again. */
  let owed = "";
  const modules = () => drawn.view.slots.filter(({ module }) => module && !module.gone);
  /** The last that was seen of the module that is chosen: it stays chosen when it is gone. @type {import("../contract.js").Slot | undefined} */
  let seen;
  const place = () => modules().find(({ module }) => module?.uid === chosen);
  const [picker, status, bar, note, tabs, page, extra] = ["select", "p", "progress", "p", "div", "div", "div"].map((tag) => element(tag));
  status.className = "said";
  status.role = "status";
  note.className = "hint";
  tabs.className = "tabs";
  tabs.role = "tablist";
  picker.className = "button small";
  extra.className = "extra";
  bar.setAttribute("max", "1");
  const title = element("h2");
  title.id = "bench-title";
  const [copy, shut] = ["button", "button"].map((tag) => element(tag, "button small"));
  const section = element("section", "bench", element("div", "bench-head", title, picker, copy, shut), extra, note, tabs, element("div", "task", bar, status), page);
  section.id = "bench";
  section.tabIndex = -1;
  section.setAttribute("aria-labelledby", "bench-title");

  /** @type {Bench} */
  const bench = {
    link,
    own: null,
    module: () => seen?.module ?? undefined,
    slot: () => seen?.slot ?? 0,
    call: async (name, ...args) => link.call("engineer", name, ...args),
    run: (wish) => run(chosen, wish),
    facts() {
      if (known?.uid !== chosen) known = { uid: chosen, facts: bench.call("facts", chosen) };
      known.facts.catch(() => (known = null));
      return known.facts;
    },
    ready: () => !working && ready(),
    work: (what, quiet) => async () => {
      if (!bench.ready()) return;
      working = true;
      if (!quiet) say("");
      look();
      try {
        if (!lends) await changeEngine();
        known = null;
        const words = await what();
        if (!quiet) say(words || later.engineer.done);
      } catch (error) {
        const problem = /** @type {any} */ (error);
        if (!quiet) say(explain(problem.code ? problem : { code: "bug", detail: String(problem) }).join(". "), true);
      }
      working = false;
      look();
    },
    button(label, what) {
      const button = bench.label(element("button", "button small work"), label);
      onClick(button, bench.work(what));
      return button;
    },
    label(node, words) {
      labels.push(() => setText(node, words()));
      return node;
    },
  };

  const say = (/** @type {string} */ words, bad = false) => {
    setText(status, words);
    status.classList.toggle("bad", bad);
  };
  const running = () => drawn.view.job?.state === "running";
  const ready = () => drawn.view.link.state === "connected" && !drawn.view.detecting && !running() && Boolean(place());

  /** @param {string} uid @param {import("./errand.js").Wished} wish */
  async function run(uid, wish) {
    owed = "";
    try {
      return await bench.call("run", uid, wish);
    } catch (problem) {
      const stays = ["stop", "start", "erase"].includes(wish.wish);
      if (/** @type {any} */ (problem).code === "port-lost" && !stays) owed = uid;
      throw problem;
    }
  }

  /** Connects anew with an engine that can do all this. What was proven by the one before is kept for the report. */
  async function changeEngine() {
    before.push(await link.ask("report"));
    await link.reconnect();
    for (let waited = 0; !lends || drawn.view.link.state !== "connected" || drawn.view.detecting || !place(); waited += LOOK_MS) {
      if (waited > CHANGED_MS) throw { code: "silent-port" };
      await new Promise((look) => setTimeout(look, LOOK_MS));
    }
  }

  /** @type {Record<string, Part>} */
  const parts = { module: modulePart(bench), memory: memoryPart(bench), eeprom: eepromPart(bench), transcript: transcriptPart(bench), link: linkPart(bench) };
  bench.label(title, () => later.engineer.title);
  bench.label(copy, () => later.engineer.copyReport);
  bench.label(shut, () => later.engineer.close);
  for (const name in parts) {
    const tab = bench.label(element("button", "tab"), () => later.engineer.tabs[name]);
    tab.role = "tab";
    tab.id = `tab-${name}`;
    tab.setAttribute("aria-controls", "bench-page");
    onClick(tab, () => turn(name));
    tabs.append(tab);
  }
  page.id = "bench-page";
  page.role = "tabpanel";

  /** The words, in the language that is spoken now. */
  function retell() {
    language = words.language;
    picker.ariaLabel = later.engineer.module;
    for (const label of labels) label();
    for (const part of Object.values(parts)) part.retell?.();
    extra.replaceChildren(...more());
  }

  /** @param {string} name */
  function turn(name) {
    open = name;
    for (const tab of tabs.children) {
      tab.setAttribute("aria-selected", String(tab.id === `tab-${name}`));
      /** @type {HTMLElement} */ (tab).tabIndex = tab.id === `tab-${name}` ? 0 : -1;
    }
    page.setAttribute("aria-labelledby", `tab-${name}`);
    page.replaceChildren(parts[name].node);
    parts[name].retell?.();
    look();
  }
  tabs.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!step) return;
    const names = Object.keys(parts);
    turn(names[(names.indexOf(open) + step + names.length) % names.length]);
    byId(`tab-${open}`).focus();
  });

  function look() {
    if (language !== words.language) retell();
    const there = modules();
    seen = place() ?? (seen?.module?.uid === chosen ? seen : there[0]);
    if (seen?.module && seen.module.uid !== chosen) {
      chosen = seen.module.uid;
      forget();
    }
    const shown = place() || !seen ? there : [seen, ...there];
    const options = shown.map((at) => ({ value: at.module?.uid ?? "", label: `${words.slot(at.slot)}: ${at.module?.name} ${at.module?.serial}${there.includes(at) ? "" : ` (${words.standing.gone})`}` }));
    if (options.map(({ label }) => label).join() !== [...picker.children].map((option) => option.textContent).join())
      picker.replaceChildren(...options.map(({ value, label }) => Object.assign(element("option", "", label), { value })));
    /** @type {HTMLSelectElement} */ (picker).value = chosen;
    // What is under way is about this one.
    /** @type {HTMLSelectElement} */ (picker).disabled = working;
    const w = later.engineer;
    setText(note, drawn.view.link.state !== "connected" ? w.connectFirst : running() ? w.updating : "");
    show(note, note.textContent !== "");
    show(bar, working);
    for (const button of page.querySelectorAll(".work")) setOff(/** @type {HTMLElement} */ (button), working || !ready());
    if (wasRunning && !running()) known = null;
    wasRunning = running();
    const waits = owed !== "" && owed === place()?.module?.uid && bench.ready();
    if (waits && seen?.module?.state === "loader" && seen.module.why === "requested")
      bench.work(() => bench.run({ wish: "start" }).then(() => later.engineer.startedAgain))();
  }

  function forget() {
    known = null;
    for (const part of Object.values(parts)) part.forget?.();
  }
  picker.addEventListener("change", () => {
    chosen = /** @type {HTMLSelectElement} */ (picker).value;
    seen = place();
    say("");
    forget();
  });

  /** Listens, and sees to it that the engine is one that can do all this. */
  async function listen() {
    if (waiting) return;
    waiting = true;
    try {
      const heard = await bench.call("listen", bench.slot(), fresh);
      fresh = false;
      lends = Boolean(heard?.lends);
      for (const part of Object.values(parts)) part.look?.(heard);
      if (working) /** @type {HTMLProgressElement} */ (bar).value = await bench.call("progress");
      // Who has just updated has a report and a certificate to lose by it: then it waits for the first wish.
      if (heard && !lends && !working && !drawn.view.job && drawn.view.link.state === "connected") await link.reconnect();
    } catch {
      // Another engine is about to come.
    }
    waiting = false;
    if (close) look();
  }

  onClick(copy, async () => {
    const w = later.engineer;
    const facts = lends && bench.ready() ? await bench.facts().catch(() => null) : null;
    const own = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.report?.() ?? null]));
    const all = { saved: new Date().toISOString(), browser: navigator.userAgent, report: await link.ask("report"), before, facts, ...own };
    const json = JSON.stringify(all, null, 2);
    try {
      await navigator.clipboard.writeText(json);
      say(w.copied);
    } catch {
      save(`rackflash-report-${stamp()}.json`, "application/json", json);
      say(w.savedInstead);
    }
  });

  const stay = (/** @type {BeforeUnloadEvent} */ event) => (working || Object.values(parts).some((part) => part.isUnsaved?.())) && event.preventDefault();
  addEventListener("beforeunload", stay);
  const timer = setInterval(listen, LOOK_MS);
  close = () => {
    clearInterval(timer);
    removeEventListener("beforeunload", stay);
    close = undefined;
    section.remove();
    byId("engineer").ariaExpanded = "false";
    closed();
  };
  onClick(shut, () => {
    close?.();
    byId("engineer").focus();
  });
  turn(open);
  byId("main").append(section);
  byId("engineer").ariaExpanded = "true";
  section.scrollIntoView({ block: "start" });
  section.focus({ preventScroll: true });
  listen();
}
